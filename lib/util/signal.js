'use strict';

const { defaultMaxListeners, getMaxListeners, setMaxListeners } = require('node:events');

// Signals of every make are taken: Node's own, those of polyfills and of other realms, and those with `onabort` only. This file
// is the only one that calls their methods.

// Taken at load, because tests and polyfills replace the globals.
const { AbortController, AbortSignal, DOMException } = globalThis;

/** The number of listeners on a signal above which Node warns of a leak. Node's own `fetch` allows the same number. */
const MAX_LISTENERS = 1500;

/** Removes the listener of a target that was garbage-collected, because the signal may live much longer. */
const collected = new FinalizationRegistry((unlink) => unlink());

/** The controllers of the signals of {@link ownSignal}, which follow another signal only as long as their controller lives. */
const controllers = new WeakMap();

const nothing = () => {};

/** Whether a value can tell that it was aborted, and can tell when. */
function isSignal(value) {
  try {
    return typeof value.aborted === 'boolean' && (typeof value.addEventListener === 'function' || 'onabort' in value);
  } catch {
    return false;
  }
}

/** Returns the reason of an aborted signal. Signals of older polyfills have none. */
function reasonOf(signal) {
  const { reason } = signal;
  return reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
}

/**
 * Calls `target.abort` when `signal` is aborted. The signal does not keep `target` alive.
 * @param {AbortSignal | null | undefined} signal
 * @param {{ abort(reason: unknown): void }} target
 * @returns {() => void} removes the listener
 */
function linkSignal(signal, target) {
  if (signal === undefined || signal === null) return nothing;
  allowManyListeners(signal);
  const weak = new WeakRef(target);
  const unlisten = listen(signal, () => weak.deref()?.abort(reasonOf(signal)));
  const token = {};
  collected.register(target, unlisten, token);
  return () => {
    unlisten();
    collected.unregister(token);
  };
}

/** Calls `listener` once when a signal is aborted. Returns a function that prevents this and never throws. */
function listen(signal, listener) {
  let isWaiting = true;
  const onAbort = () => {
    if (!isWaiting) return;
    isWaiting = false;
    listener();
  };
  const remove = typeof signal.addEventListener === 'function' ? asListener(signal, onAbort) : asHandler(signal, onAbort);
  return () => {
    isWaiting = false;
    try {
      remove();
    } catch {
      // The listener stays, and does nothing.
    }
  };
}

function asListener(signal, onAbort) {
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

/** Adds a listener to a signal that has only the property `onabort`, whose other handler is still called. */
function asHandler(signal, onAbort) {
  const before = signal.onabort;
  const handler = (event) => {
    try {
      if (typeof before === 'function') before.call(signal, event);
    } finally {
      onAbort();
    }
  };
  signal.onabort = handler;
  return () => {
    if (signal.onabort === handler) signal.onabort = before;
  };
}

/** Returns a signal of Node that follows `signal`, for functions that take no other; a signal of Node is returned itself. */
function ownSignal(signal) {
  if (signal === undefined || signal === null || signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  controllers.set(controller.signal, controller);
  if (signal.aborted) controller.abort(reasonOf(signal));
  else linkSignal(signal, controller);
  return controller.signal;
}

function allowManyListeners(signal) {
  try {
    if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(MAX_LISTENERS, signal);
  } catch {
    // The signal is not one of Node's, so Node does not warn about its listeners.
  }
}

module.exports = { isSignal, linkSignal, ownSignal, reasonOf };
