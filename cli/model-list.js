'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { modelInfo } = require('..');
const { keyless } = require('./keyless.js');
const { badgesOf } = require('./output/model-table.js');
const { oneLine } = require('./output/plain.js');
const { modelsFile } = require('./places.js');

/** Lists the models, each with its summary in `info`. No key is needed. */
async function listModels(context, service, signal) {
  const all = await keyless(service).getModels({ signal });
  keepModelIds(context, service, all);
  return all.map((model) => ({ ...model, info: modelInfo(model) }));
}

/** Whether a model has all words of a search in its id, its name or its capabilities. */
function matches({ id, name, info }, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [id, name, ...info.capabilities, ...badgesOf(info.capabilities)].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}


/** Keeps the ids of listed models for the completion of a shell, which must not wait for the network. */
function keepModelIds({ env }, { isEmulator }, models) {
  if (isEmulator) return;
  const file = modelsFile(env);
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    // Renamed into place, so that a shell that reads at this moment sees a whole list.
    const part = `${file}.${process.pid}`;
    fs.writeFileSync(part, models.map(({ id }) => `${oneLine(id)}\n`).join(''));
    fs.renameSync(part, file);
  } catch {
    // Without a folder for caches the shell completes no models. That is no reason to fail.
  }
}

module.exports = { listModels, matches };
