'use strict';

// Node's own timers and clock. They are taken when the package is loaded, because fake timers replace them, in `globalThis` and
// in `node:timers`, and would stop every stream. `bridge/hub.js` loads this file at once; files that are loaded later use it.

const timers = require('node:timers');

const { linkSignal } = require('./signal.js');

const { now } = Date;
const setImmediate = realImmediate(timers.setImmediate);
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = timers;
const { AbortSignal } = globalThis;

/**
 * Returns `setImmediate`, or a replacement, if a fake one was there before this package: fake timers mark their functions with
 * the property `clock`. The replacement keeps the process alive while a function waits, as the real one does.
 */
function realImmediate(immediate) {
  if (immediate.clock === undefined) return immediate;
  // Loaded here, because it takes as long as all files of a small package, and only fake timers need it.
  const { MessageChannel } = require('node:worker_threads');
  const { port1, port2 } = new MessageChannel();
  const waiting = [];
  port1.on('message', () => {
    const next = waiting.shift();
    if (waiting.length === 0) port1.unref();
    next();
  });
  port1.unref();
  return (callback) => {
    waiting.push(callback);
    port1.ref();
    port2.postMessage(null);
  };
}

/** The longest time that a timer of Node takes. */
const MAX_MS = 2 ** 31 - 1;

/**
 * Calls `callback` after `ms`. Returns a function that prevents this. `isHeld` says whether the process is kept alive until then.
 * If a fake timer was there before this package, a signal of Node keeps the time, which does not keep the process alive.
 */
function after(ms, callback, isHeld = true) {
  const time = Math.min(ms, MAX_MS);
  if (realSetTimeout.clock === undefined) {
    const timer = realSetTimeout(callback, time);
    if (!isHeld) timer.unref();
    return () => realClearTimeout(timer);
  }
  const signal = AbortSignal.timeout(time);
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}

/** Waits `ms` milliseconds, or until a signal is aborted. */
function sleep(ms, signal) {
  return new Promise((resolve) => {
    const target = { abort: () => end() };
    const unlink = linkSignal(signal, target);
    const forget = after(ms, () => end());
    const end = () => {
      forget();
      unlink();
      resolve(target);
    };
    if (signal?.aborted) end();
  });
}

module.exports = { after, now, setImmediate, sleep };
