'use strict';

const { startEmulator } = require('../emulator');

/** Its name gives the key a limit, so that there are credits to show. */
const EMULATOR_KEY = 'sk-or-v1-limit-emulator';
/** About how fast a real model is: one can see the tokens come. */
const PACE = 'first-delay=120; gap=15';

/**
 * The service to talk to: the one that the environment names, or an emulator in this process.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ emulator?: boolean, isWatched?: boolean }} [wanted] `isWatched`: somebody looks at the answers as they come
 * @returns {Promise<{ apiKey: string | undefined, options: object, isEmulator: boolean, close(): Promise<void> }>}
 */
async function openService(env, { emulator = false, isWatched = true } = {}) {
  // The client reads OPENROUTER_BASE_URL, proxies and certificates by itself.
  if (!emulator) return { apiKey: keyIn(env), options: {}, isEmulator: false, close: async () => {} };
  const server = await startEmulator(isWatched ? { directives: PACE } : {});
  bypassProxies(env, '127.0.0.1');
  return {
    apiKey: EMULATOR_KEY,
    options: { baseURL: server.baseURL },
    isEmulator: true,
    close: () => server.close(),
  };
}

/**
 * Does some work with the service that the options of a command ask for. Where JSON is wanted, a failure is JSON too.
 * @param {{ terminal: object, env: NodeJS.ProcessEnv }} about
 * @param {{ emulator?: boolean, json?: boolean }} options
 * @param {(service: object) => Promise<void>} work
 */
async function withService({ terminal, env }, { emulator, json }, work) {
  const service = await openService(env, { emulator, isWatched: terminal.isWatched });
  try {
    await work(service);
  } catch (error) {
    if (json) terminal.json({ error: error.toJSON?.() ?? { message: error.message } });
    throw error;
  } finally {
    await service.close();
  }
}

/** The key that the environment holds, if it does. */
function keyIn(env) {
  return env.OPENROUTER_API_KEY?.trim() || undefined;
}

/** No proxy that the environment names could reach a server that listens on this machine only. */
function bypassProxies(env, host) {
  if (!Object.keys(env).some((name) => /^(https?_|all_)?proxy$/i.test(name))) return;
  const others = env.NO_PROXY ?? env.no_proxy;
  env.NO_PROXY = others ? `${others},${host}` : host;
}

module.exports = { keyIn, openService, withService };
