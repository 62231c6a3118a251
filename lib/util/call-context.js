'use strict';

const { AsyncResource } = require('node:async_hooks');

const { callSafely } = require('./call-safely.js');

/**
 * The async context (`AsyncLocalStorage`) in which a call was made. The functions of the user that belong to the call run in
 * it. One wake-up delivers the results of all calls, so without this class Node would run all those functions in the context
 * of the first call of the process.
 */
class CallContext extends AsyncResource {
  constructor() {
    super('OPENROUTER_CALL', { requireManualDestroy: true });
  }

  /** Tells tools such as Jest's `--detectOpenHandles` that this object keeps nothing alive. */
  hasRef() {
    return false;
  }

  /** Calls a function of the user, see `callSafely`. */
  run(callback, value) {
    this.runInAsyncScope(callSafely, null, callback, value);
  }
}

module.exports = { CallContext };
