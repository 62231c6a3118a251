'use strict';

const { startEmulator } = require('../emulator');

/** Its name gives the key a limit, so that there are credits to show. */
const EMULATOR_KEY = 'sk-or-v1-limit-demo';
/** About how fast a real model is: one can see the tokens come. */
const EMULATOR_PACE = 'first-delay=120; gap=15';

/**
 * The service to talk to: OpenRouter if there is a key, else an emulator in this process.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ apiKey: string, options: object, isEmulator: boolean, close(): Promise<void> }>}
 */
async function openService(env) {
  const apiKey = env.OPENROUTER_API_KEY?.trim();
  // The client reads OPENROUTER_BASE_URL, proxies and certificates by itself.
  if (apiKey) return { apiKey, options: {}, isEmulator: false, close: async () => {} };
  const emulator = await startEmulator({ directives: EMULATOR_PACE });
  bypassProxies(env, '127.0.0.1');
  return {
    apiKey: EMULATOR_KEY,
    options: { baseURL: emulator.baseURL },
    isEmulator: true,
    close: () => emulator.close(),
  };
}

/** No proxy that the environment names could reach a server that listens on this machine only. */
function bypassProxies(env, host) {
  const others = env.NO_PROXY ?? env.no_proxy;
  env.NO_PROXY = others ? `${others},${host}` : host;
}

module.exports = { openService };
