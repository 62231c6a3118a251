'use strict';

const { modelInfo } = require('..');
const { modelTable } = require('../cli/output/model-table.js');

const ROWS = 8;
const ROUTER = 'openrouter/auto';
const COLUMN = { title: 'name', width: 30 };

/** Shows some of the models in a table. */
async function showModels({ screen, client, signal }) {
  const models = await client.getModels(false, { signal });
  const shown = choose(models);
  const label = (model) => model.name ?? model.id;
  for (const line of modelTable(shown, { label, column: COLUMN, paint: screen.paint, limit: screen.columns })) screen.say(line);
  screen.say(screen.paint('dim', `${shown.length} of ${models.length}; prices in USD per million tokens.`));
}

/**
 * Chooses models that differ: a free one, the router (whose price varies), and one per author, in the order of the list.
 */
function choose(models) {
  const info = new Map(models.map((model) => [model, modelInfo(model)]));
  const isFree = (model) => info.get(model).free;
  const special = [models.find(isFree), models.find((model) => model.id === ROUTER)].filter(Boolean);
  const authors = new Set();
  const others = models.filter((model) => {
    const author = model.id.split('/')[0];
    if (isFree(model) || info.get(model).promptPrice === null || authors.has(author)) return false;
    return authors.add(author);
  });
  // The remaining models fill the rows if there are too few authors. The inner set removes the duplicates before the cut.
  const chosen = new Set([...new Set([...special, ...others, ...models])].slice(0, ROWS));
  return models.filter((model) => chosen.has(model));
}

module.exports = { showModels };
