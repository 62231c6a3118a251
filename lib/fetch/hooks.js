'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

const { errorFrom } = require('../errors.js');
const { callSafely } = require('../util/call-safely.js');

/**
 * Returns the hooks (the user's callbacks) for one call, which run in the async context of that call.
 * @param {Map<string, Function>} hooks
 */
function hooksOfCall(hooks) {
  return hooks.size === 0 ? { hooks } : { hooks, runInContext: AsyncLocalStorage.snapshot() };
}

/**
 * Calls the hook for an event, if there is one.
 * @param {{ hooks: Map<string, Function>, runInContext?: Function, trace: object }} context
 */
function tellHook({ hooks, runInContext, trace }, event, value) {
  const hook = hooks.get(event);
  if (hook) runInContext(callSafely, hook, event === 'error' ? errorFrom(value, trace) : value);
}

module.exports = { hooksOfCall, tellHook };
