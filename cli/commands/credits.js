'use strict';

const { withService } = require('../service.js');

const MORE = `
With a management key the figures are those of the account, with any other key
those of the key's limit. What is left of a key without a limit is unknown. Green
means more than $5, yellow $1 to $5, red less.

Examples:
  $ openrouter-native credits
  $ openrouter-native credits --json | jq .balance`;

function addCredits(program, context) {
  return program
    .command('credits')
    .summary('show the remaining and the used credits')
    .description('Shows the remaining and the used credits, in USD.')
    .option('--json', 'print { balance, currency, usage, total, source, level }')
    .option('--emulator', 'ask the built-in emulator: no key needed')
    .addHelpText('after', MORE)
    .action((options) => credits(context, options));
}

async function credits(context, options) {
  const { terminal } = context;
  await withService(context, options, async (service) => {
    const { OpenRouterClient, creditLevel } = require('../..');
    const { describeBalance } = require('../output/balance.js');
    const client = new OpenRouterClient(service.apiKey, service.options);
    const found = await client.getCredits();
    if (options.json) terminal.json({ ...found, source: found.source, level: creditLevel(found.balance) });
    else terminal.say(describeBalance(found, terminal.paint));
  });
}

module.exports = { addCredits };
