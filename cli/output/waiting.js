'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const diagnostics = require('node:diagnostics_channel');

const CHANNEL = 'openrouter:retry';
const calls = new AsyncLocalStorage();

/**
 * Starts a request, and shows whose answer is awaited, each retry with its reason, and each model that is asked instead of
 * another.
 * @template T
 * @param {import('./signs.js').Signs} signs
 * @param {string} model
 * @param {() => Promise<T>} start
 * @returns {Promise<T>} what `start` resolves to
 */
async function showWaiting(signs, model, start) {
  let asked = model;
  signs.show(`Waiting for ${asked}`);
  return followRetries(start, ({ retry, maxRetries, delayMs, model: next, code, status }) => {
    const reason = [code.replaceAll('_', ' '), status].filter(Boolean).join(', ');
    if (next !== undefined) {
      asked = next;
      signs.show(`Waiting for ${asked} instead: ${reason}`);
    } else {
      const count = `${retry} of ${maxRetries}`;
      signs.show(`Retrying in % (${count}): ${reason}`, { ms: delayMs, then: `Waiting for ${asked}, retry ${count}` });
    }
  });
}

/** Calls `work`, and `listener` with each event of the channel that a request of `work` causes. */
async function followRetries(work, listener) {
  // The channel belongs to the process. Its events come in the async context of their call.
  const call = {};
  const hear = (event) => {
    if (calls.getStore() === call) listener(event);
  };
  diagnostics.subscribe(CHANNEL, hear);
  try {
    return await calls.run(call, work);
  } finally {
    diagnostics.unsubscribe(CHANNEL, hear);
  }
}

module.exports = { showWaiting };
