'use strict';

const { modelInfo } = require('../..');
const { dollars, tokens } = require('./figures.js');
const { plain } = require('./plain.js');
const { layOut } = require('./table.js');

const PER_MILLION = 1e6;
/** Terminal columns for context, prompt and completion, and the smallest width of the first column. */
const FIGURES_WIDTH = 40;
const LEAST = 20;
/** Short badges for capabilities whose names are too long for the table. */
const BADGES = { structured_outputs: 'json', image_output: 'draws' };

/**
 * Returns models as the lines of a table: the header dim, free models green. Prices are in USD per million tokens.
 * @param {object[]} models
 * @param {object} how
 * @param {(model: object) => string} how.label returns the text of a model in the first column
 * @param {{ title: string, width?: number }} how.column title and maximum width of the first column
 * @param {Function} how.paint see `painter`
 * @param {number} how.limit the maximum width of a line, in columns of the terminal
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

/** Returns models as the lines of a table for a terminal, with their ids in the first column. */
function tableOf(terminal, models) {
  return modelTable(models, { label: ({ id }) => id, column: { title: 'model' }, paint: terminal.paint, limit: terminal.columns });
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

/** Formats a price. `null` is the price of a router, which varies with the model that it chooses. */
function price(perToken) {
  return perToken === null ? 'varies' : dollars(perToken * PER_MILLION);
}

module.exports = { badgesOf, modelTable, tableOf };
