'use strict';

const { defaultMaxListeners, getMaxListeners, setMaxListeners } = require('node:events');

/** Unlinks a signal whose call was collected: the signal may live much longer. */
const collected = new FinalizationRegistry((unlink) => unlink());

const nothing = () => {};

/**
 * Has `signal` abort `target`, which it does not keep alive; one listener, gone after {@link unlinkSignal}.
 * @param {AbortSignal | null | undefined} signal
 * @param {{ abort(reason: unknown): void }} target
 * @returns {() => void} unlinks
 */
function linkSignal(signal, target) {
  if (!signal) return nothing;
  allowMany(signal);
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

/** Many calls at once on one signal are no leak: as many as the stock fetch takes without a warning. */
function allowMany(signal) {
  try {
    if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(1500, signal);
  } catch {
    // A signal that is not Node's own, which warns of nothing.
  }
}

module.exports = { linkSignal };
