'use strict';

const { errorFrom } = require('../errors.js');
const { callSafely } = require('../util/call-safely.js');

/**
 * Calls the hook (the user's callback) for an event, if there is one.
 * @param {{ hooks: Map<string, Function>, trace: object }} context
 */
function tellHook({ hooks, trace }, event, value) {
  const hook = hooks.get(event);
  if (hook) callSafely(hook, event === 'error' ? errorFrom(value, trace) : value);
}

module.exports = { tellHook };
