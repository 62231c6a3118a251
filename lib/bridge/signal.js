'use strict';

const { defaultMaxListeners, getMaxListeners, setMaxListeners } = require('node:events');

/** The number of listeners on a signal above which Node warns of a leak. Node's own `fetch` allows the same number. */
const MAX_LISTENERS = 1500;

/** Removes the listener of a target that was garbage-collected, because the signal may live much longer. */
const collected = new FinalizationRegistry((unlink) => unlink());

const nothing = () => {};

/**
 * Calls `target.abort` when `signal` is aborted. The signal does not keep `target` alive.
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
    // The signal is not one of Node's, so Node does not warn about its listeners.
  }
}

module.exports = { linkSignal };
