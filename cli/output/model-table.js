'use strict';

const { modelInfo } = require('../..');
const { dollars, tokens } = require('./figures.js');
const { plain } = require('./plain.js');
const { layOut } = require('./table.js');

const PER_MILLION = 1e6;
/** What the other columns but the last need, and the least that the first one gets. */
const FIGURES_WIDTH = 40;
const LEAST = 20;
/** Capabilities whose own names are too long for a badge. */
const BADGES = { structured_outputs: 'json', image_output: 'draws' };

/**
 * Models as the lines of a table: the header dim, free models green. Prices are in USD for a million tokens.
 * @param {object[]} models
 * @param {object} how
 * @param {(model: object) => string} how.label what a model is called in the first column
 * @param {{ title: string, width?: number }} how.column that column
 * @param {Function} how.paint
 * @param {number} how.limit the most columns of the terminal that a line may take
 */
function modelTable(models, { label, column, paint, limit }) {
  const width = Math.min(column.width ?? Infinity, Math.max(LEAST, limit - FIGURES_WIDTH));
  const columns = [
    { ...column, width },
    { title: 'context', align: 'right' },
    { title: 'prompt', align: 'right' },
    { title: 'completion', align: 'right' },
    { title: 'can' },
  ];
  const infos = models.map(modelInfo);
  const rows = models.map((model, index) => [plain(label(model)), ...cellsOf(infos[index])]);
  const [header, ...lines] = layOut(columns, rows, limit);
  return [paint('dim', header), ...lines.map((line, index) => (infos[index].free ? paint('green', line) : line))];
}

function cellsOf({ contextLength, promptPrice, completionPrice, free, capabilities }) {
  return [
    tokens(contextLength),
    free ? 'free' : price(promptPrice),
    free ? 'free' : price(completionPrice),
    badgesOf(capabilities).join(' ') || '-',
  ];
}

function badgesOf(capabilities) {
  return capabilities.map((name) => BADGES[name] ?? name);
}

/** What OpenRouter does not fix depends on the model that answers. */
function price(perToken) {
  return perToken === null ? 'varies' : dollars(perToken * PER_MILLION);
}

module.exports = { badgesOf, modelTable };
