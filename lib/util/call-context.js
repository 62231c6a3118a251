'use strict';

const { AsyncResource } = require('node:async_hooks');

const { callSafely } = require('./call-safely.js');

/**
 * The async context (`AsyncLocalStorage`) in which a call was made. The functions of the user that belong to the call run in
 * it. Otherwise they would run in the context of whoever used this package first, because one wake-up serves all calls.
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
