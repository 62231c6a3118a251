'use strict';

const { modelInfo } = require('..');
const { dollars, tokens } = require('./figures.js');
const { plain } = require('./screen.js');
const { layOut } = require('./table.js');

const ROWS = 8;
const ROUTER = 'openrouter/auto';
const PER_MILLION = 1e6;
const COLUMNS = [
  { title: 'name', width: 30 },
  { title: 'context', align: 'right' },
  { title: 'prompt', align: 'right' },
  { title: 'completion', align: 'right' },
  { title: 'can' },
];
/** Capabilities whose own names are too long for a badge. */
const BADGES = { structured_outputs: 'json', image_output: 'draws' };

/** Some of the models, as a table. */
async function showModels({ screen, client, signal }) {
  const models = await client.getModels(false, { signal });
  const shown = choose(models);
  const [header, ...rows] = layOut(COLUMNS, shown.map(rowOf), screen.columns);
  screen.say(screen.paint('dim', header));
  rows.forEach((row, index) => screen.say(modelInfo(shown[index]).free ? screen.paint('green', row) : row));
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

function rowOf(model) {
  const { contextLength, promptPrice, completionPrice, free, capabilities } = modelInfo(model);
  const badges = capabilities.map((name) => BADGES[name] ?? name);
  return [
    plain(model.name ?? model.id),
    tokens(contextLength),
    free ? 'free' : price(promptPrice),
    free ? 'free' : price(completionPrice),
    badges.join(' ') || '-',
  ];
}

/** What OpenRouter does not fix depends on the model that answers. */
function price(perToken) {
  return perToken === null ? 'varies' : dollars(perToken * PER_MILLION);
}

module.exports = { showModels };
