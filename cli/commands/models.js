'use strict';

const { Option } = require('commander');

const { withService } = require('../service.js');

const MORE = `
Prices are in USD for a million tokens. No key is needed.

Examples:
  $ openrouter-native models --search "claude vision" --sort price
  $ openrouter-native models --free
  $ openrouter-native models --json | jq -r '.[] | select(.info.free) | .id'`;

/** The figure that each order sorts by, ascending; models without the figure come last. `name` sorts by id instead. */
const SORTS = {
  name: null,
  price: ({ info }) => sum(info.promptPrice, info.completionPrice),
  context: ({ info }) => descending(info.contextLength),
  newest: ({ created }) => descending(created),
};

function addModels(program, context) {
  return program
    .command('models')
    .summary('list the models with context, price and capabilities')
    .description('Lists the models with context, price and capabilities.')
    .option('--search <words>', 'only models with all these words in their id, name or capabilities')
    .addOption(new Option('--sort <by>', 'the order (default: that of the API)').choices(Object.keys(SORTS)))
    .option('--free', 'only models that cost nothing')
    .option('--json', 'print the models as the API lists them, each with a summary in `info`')
    .option('--emulator', 'list the models of the built-in emulator')
    .addHelpText('after', MORE)
    .action((options) => models(context, options));
}

async function models(context, { search = '', sort, free = false, ...options }) {
  const { terminal } = context;
  await withService(context, options, async (service) => {
    const { listModels, matches } = require('../model-list.js');
    const listed = await listModels(context, service);
    const chosen = listed.filter((model) => (!free || model.info.free) && matches(model, search));
    if (sort) order(chosen, sort);
    if (options.json) terminal.json(chosen);
    else show(terminal, chosen, listed.length);
  });
}

function show(terminal, chosen, total) {
  const { tableOf } = require('../output/model-table.js');
  if (chosen.length === 0) {
    terminal.warn(`None of the ${total} models matches.`);
    return;
  }
  for (const line of tableOf(terminal, chosen)) terminal.say(line);
  terminal.note(`${chosen.length} of ${total} models; prices in USD per million tokens.`);
}

function order(list, sort) {
  const by = SORTS[sort];
  const compare = by === null ? (a, b) => a.id.localeCompare(b.id, 'en') : (a, b) => by(a) - by(b);
  // Infinity - Infinity is NaN: two models without the figure keep their order.
  list.sort((a, b) => compare(a, b) || 0);
}

function sum(prompt, completion) {
  return prompt === null || completion === null ? Infinity : prompt + completion;
}

function descending(figure) {
  return typeof figure === 'number' ? -figure : Infinity;
}

module.exports = { addModels };
