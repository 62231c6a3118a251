'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { oneLine } = require('./output/plain.js');
const { modelsFile } = require('./places.js');

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

module.exports = { keepModelIds };
