'use strict';

const { failed, ok, warning } = require('./outcome.js');

const BUY = 'Buy credits at https://openrouter.ai/settings/credits.';
const LIMIT = 'Raise the limit of the key at https://openrouter.ai/settings/keys.';
const bare = (_colour, text) => text;

const credits = {
  name: 'credits',
  needs: ['addon', 'key', 'environment', 'network', 'proxy', 'tls', 'models'],
  async look(subject) {
    const { OpenRouterClient, creditLevel } = require('../..');
    const { describeBalance } = require('../output/balance.js');
    const client = new OpenRouterClient(subject.apiKey, subject.options);
    const found = await client.getCredits(true);
    const message = describeBalance(found, bare);
    const advice = found.source === 'key' ? LIMIT : BUY;
    if (found.balance !== null && found.balance <= 0) return failed(message, advice);
    // Only a management key may read the account's figures (`GET /credits`).
    if (found.source === 'credits') return warning(`${message}; this is a management key, which cannot chat`, 'Use an ordinary API key for chats.');
    return creditLevel(found.balance) === 'red' ? warning(message, advice) : ok(message);
  },
};

module.exports = { credits };
