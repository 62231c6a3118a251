'use strict';

/** A key that the emulator gives a limit, so that there is a balance to show. */
const EMULATOR_KEY = 'sk-or-v1-limit-playground';
/** About the speed of a real model, so that the answer visibly streams. */
const PACE = 'first-delay=250; gap=25';
/** What the key of the emulator for the low balance has left, in USD. */
const LOW_BALANCE = 0.4;

/**
 * Opens what the page talks to: OpenRouter with the user's key, or emulators in this process.
 * @param {string | undefined} apiKey without one, emulators
 * @returns {Promise<{ isEmulator: boolean, clients: Map<string, object>, emulators: object[], close(): Promise<void> }>} the
 *   clients by the name of their service: `main`, and `low` with hardly any credits
 */
async function openServices(apiKey) {
  const { OpenRouterClient } = require('../..');
  if (apiKey !== undefined) {
    return { isEmulator: false, clients: new Map([['main', new OpenRouterClient(apiKey)]]), emulators: [], close: async () => {} };
  }
  const { startEmulator } = require('../../emulator');
  const main = await startEmulator({ directives: PACE });
  const low = await startEmulator({ directives: PACE });
  low.respond(({ method, path }) => (method === 'GET' && path.endsWith('/key') ? { raw: { data: lowKey(low.account.usage) } } : undefined));
  const clientOf = ({ baseURL }) => new OpenRouterClient(EMULATOR_KEY, { baseURL });
  return {
    isEmulator: true,
    clients: new Map([['main', clientOf(main)], ['low', clientOf(low)]]),
    emulators: [main, low],
    close: async () => { await Promise.all([main.close(), low.close()]); },
  };
}

/** What `GET /key` answers for a key that is nearly used up. */
function lowKey(usage) {
  return { label: 'playground', limit: 10, limit_remaining: LOW_BALANCE - usage, usage: 10 - LOW_BALANCE + usage, is_free_tier: false };
}

module.exports = { openServices };
