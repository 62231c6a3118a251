'use strict';

const { startEmulator } = require('../emulator');
const { keyFor } = require('./saved-key.js');

/** The emulator gives a key with `limit` in its name a limit, so that there is a balance to show. */
const EMULATOR_KEY = 'sk-or-v1-limit-emulator';
/** About the speed of a real model, so that the answer visibly streams. */
const PACE = 'first-delay=120; gap=15';

/**
 * Opens the service that a command talks to: the one that the environment names, or an emulator in this process.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ emulator?: boolean, isWatched?: boolean }} [wanted] `isWatched`: the answers go to a terminal, so the emulator
 *   streams them at the speed of a real model
 * @returns {Promise<{ apiKey: string | undefined, options: object, isEmulator: boolean, close(): Promise<void> }>}
 */
async function openService(env, { emulator = false, isWatched = true } = {}) {
  // The client reads OPENROUTER_BASE_URL, proxies and certificates by itself. The key is looked for when it is needed: a saved
  // one that may not be used must not stop a command that needs none.
  if (!emulator) return { get apiKey() { return keyFor(env); }, options: {}, isEmulator: false, close: async () => {} };
  const server = await startEmulator(isWatched ? { directives: PACE } : {});
  return {
    apiKey: EMULATOR_KEY,
    options: { baseURL: server.baseURL },
    isEmulator: true,
    close: () => server.close(),
  };
}

/**
 * Opens the service that the options of a command ask for, calls `work` with it, and closes it. With `json`, an error is
 * also printed as JSON.
 * @param {{ terminal: object, env: NodeJS.ProcessEnv }} context
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

/** Returns the API key of the environment, or undefined. */
function keyIn(env) {
  return env.OPENROUTER_API_KEY?.trim() || undefined;
}

module.exports = { keyIn, openService, withService };
