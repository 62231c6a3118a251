'use strict';

const { defaultMaxListeners, getMaxListeners, setMaxListeners } = require('node:events');

/** As many calls on one signal as the stock `fetch` takes without a warning. They are no leak. */
const MAX_LISTENERS = 1500;

/** Removes the listener of a target that was collected. The signal may live much longer. */
const collected = new FinalizationRegistry((unlink) => unlink());

const nothing = () => {};

/**
 * Makes an abort of `signal` abort `target`, without keeping `target` alive.
 * @param {AbortSignal | null | undefined} signal
 * @param {{ abort(reason: unknown): void }} target
 * @returns {() => void} removes the listener
 */
function linkSignal(signal, target) {
  if (!signal) return nothing;
  allowManyListeners(signal);
  const weak = new WeakRef(target);
  const onAbort = () => weak.deref()?.abort(signal.reason);
  const unlink = () => signal.removeEventListener('abort', onAbort);
  signal.addEventListener('abort', onAbort, { once: true });
  const token = {};
  collected.register(target, unlink, token);
  return () => {
    unlink();
    collected.unregister(token);
  };
}

function allowManyListeners(signal) {
  try {
    if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(MAX_LISTENERS, signal);
  } catch {
    // The signal is not Node's own, so Node does not warn about it.
  }
}

module.exports = { linkSignal };
