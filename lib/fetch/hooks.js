'use strict';

const { errorFrom } = require('../errors.js');
const { hasSubscribers, publish } = require('../logging.js');
const { CallContext } = require('../util/call-context.js');
const { Settlement } = require('./settlement.js');

/**
 * Returns the hooks (the user's callbacks) for one call, which run in the async context of that call.
 * @param {Map<string, Function>} hooks
 * @param {{ url: string, headers: Headers, body: string | Uint8Array | null }} request
 * @param {(request: object, context: object) => Promise<Response>} send sends a request of the same `fetch`
 */
function hooksOfCall(hooks, request, send) {
  const isSettled = request.body !== null && (hooks.has('settled') || hasSubscribers('settled'));
  if (hooks.size === 0 && !isSettled) return { hooks };
  const asyncContext = new CallContext();
  if (!isSettled) return { hooks, asyncContext };
  const settlement = new Settlement(request, {
    send: (asked) => send(asked, { hooks: NO_HOOKS, trace: {} }),
    announce: (answer) => asyncContext.runInAsyncScope(publish, null, 'settling', answer),
    tell(answer) {
      const hook = hooks.get('settled');
      if (hook) asyncContext.run(hook, answer);
      asyncContext.runInAsyncScope(publish, null, 'settled', answer);
    },
  });
  return { hooks, asyncContext, settlement };
}

const NO_HOOKS = new Map();

/**
 * Calls the hook for an event, if there is one, and tells those who read the answer of the event.
 * @param {object} context `hooks`, `trace` and what `hooksOfCall` and `createFetch` add for one call
 */
function tellHook(context, event, value) {
  if (context.link === undefined) tell(context, event, value);
  else for (const told of context.link.eventsFor(event, value)) tell(context, ...told);
}

function tell({ hooks, asyncContext, attempt, explanation, note, settlement, trace }, event, value) {
  settlement?.hear(event, value);
  if (event === 'error') attempt?.fail(value);
  note?.hear(event, value);
  const hook = hooks.get(event);
  if (!hook && !explanation) return;
  const told = event === 'error' ? errorFrom(value, trace) : value;
  if (event === 'error') explanation?.hear(told);
  if (hook) asyncContext.run(hook, told);
}

module.exports = { hooksOfCall, tellHook };
