'use strict';

const { withService } = require('../service.js');

const MORE = `
The figures are the account's for a management key, else those of the key's own
limit; a key without a limit does not tell what is left. Green is more than $5,
yellow $1 to $5, red less.

Examples:
  $ openrouter-native credits
  $ openrouter-native credits --json | jq .balance`;

function addCredits(program, about) {
  return program
    .command('credits')
    .summary('what is left, and what was used')
    .description('Tells what is left and what was used, in USD.')
    .option('--force', 'ask the API, whatever is known')
    .option('--json', '{ balance, currency, usage, total, source, level }')
    .option('--emulator', "the built-in emulator's play money")
    .addHelpText('after', MORE)
    .action((options) => credits(about, options));
}

async function credits(about, { force = false, ...options }) {
  const { terminal } = about;
  await withService(about, options, async (service) => {
    const { OpenRouterClient, creditLevel } = require('../..');
    const { describeBalance } = require('../output/balance.js');
    const client = new OpenRouterClient(service.apiKey, service.options);
    const found = await client.getCredits(force);
    if (options.json) terminal.json({ ...found, source: found.source, level: creditLevel(found.balance) });
    else terminal.say(describeBalance(found, terminal.paint));
  });
}

module.exports = { addCredits };
