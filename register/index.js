'use strict';

// `NODE_OPTIONS="--require openrouter-native/register"`, or `--import`: requests to OpenRouter's API go through `createFetch`, in
// every Node program, without a change to its code. Node loads this file before the program, in each process and worker thread.
const { Engine } = require('./engine.js');
const { watchModules } = require('./modules.js');
const { isTaken, taking } = require('./taking.js');

/** Marks a realm in which this has been done, also by another copy of this package. */
const DONE = Symbol.for('openrouter-native.register');

// Jest gives its realms the `fetch` of Node's own, so the mark of the function counts, too.
if (!globalThis[DONE] && typeof globalThis.fetch === 'function' && !isTaken(globalThis.fetch)) {
  Object.defineProperty(globalThis, DONE, { value: true });
  const engine = new Engine();
  globalThis.fetch = taking(globalThis.fetch, engine);
  watchModules(engine);
  engine.checkSoon();
}

module.exports.registered = typeof globalThis.fetch === 'function';
