'use strict';

const { modelInfo } = require('..');
const { modelTable } = require('../cli/output/model-table.js');

const ROWS = 8;
const ROUTER = 'openrouter/auto';
const COLUMN = { title: 'name', width: 30 };

/** Some of the models, as a table. */
async function showModels({ screen, client, signal }) {
  const models = await client.getModels(false, { signal });
  const shown = choose(models);
  const label = (model) => model.name ?? model.id;
  for (const line of modelTable(shown, { label, column: COLUMN, paint: screen.paint, limit: screen.columns })) screen.say(line);
  screen.say(screen.paint('dim', `${shown.length} of ${models.length}; prices in USD for a million tokens.`));
}

/**
 * A few that differ: one model of each author, with a free one and the router (whose price varies) among them, in the order of
 * the list.
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
  // A set first: where the list is short, its rest fills the rows.
  const chosen = new Set([...new Set([...special, ...others, ...models])].slice(0, ROWS));
  return models.filter((model) => chosen.has(model));
}

module.exports = { showModels };
