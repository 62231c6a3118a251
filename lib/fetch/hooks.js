'use strict';

const { errorFrom } = require('../errors.js');
const { CallContext } = require('../util/call-context.js');

/**
 * Returns the hooks (the user's callbacks) for one call, which run in the async context of that call.
 * @param {Map<string, Function>} hooks
 */
function hooksOfCall(hooks) {
  return hooks.size === 0 ? { hooks } : { hooks, asyncContext: new CallContext() };
}

/**
 * Calls the hook for an event, if there is one.
 * @param {{ hooks: Map<string, Function>, asyncContext?: CallContext, trace: object }} context
 */
function tellHook({ hooks, asyncContext, trace }, event, value) {
  const hook = hooks.get(event);
  if (hook) asyncContext.run(hook, event === 'error' ? errorFrom(value, trace) : value);
}

module.exports = { hooksOfCall, tellHook };
