'use strict';

const native = require('../bridge/native.js');
const { reasonOf } = require('../util/signal.js');
const { errorFrom, traceOf } = require('../errors.js');
const { FETCH_HOOKS, FETCH_NAMES, FETCH_OPTIONS, environment, optionsJSON, optionsOf, wrongOption } = require('../options.js');
const { Explanation } = require('./explanation.js');
const { hooksOfCall } = require('./hooks.js');
const { send } = require('./pending-fetch.js');
const { requestOf } = require('./request.js');

/**
 * Creates a WHATWG `fetch` whose HTTP, TLS and proxying are done by the addon. `index.d.ts` documents the options.
 * @param {object | null} [given] the options
 * @param {Function} [caller] the function that the user called, at which the stack of an error starts
 */
function createFetch(given, caller = createFetch) {
  const options = optionsOf(given);
  FETCH_NAMES.check(options, caller);
  const hooks = new Map();
  for (const [event, name] of Object.entries(FETCH_HOOKS)) {
    const hook = options[name];
    if (hook === undefined || hook === null) continue;
    if (typeof hook !== 'function') throw wrongOption(name, 'a function');
    hooks.set(event, hook);
  }
  const fetcher = native.createFetcher(optionsJSON(readable(options, hooks), FETCH_OPTIONS), isTold(options, hooks), environment());
  if (typeof fetcher === 'string') throw errorFrom(JSON.parse(fetcher), traceOf(caller));
  return async function fetch(input, init) {
    const trace = traceOf(fetch);
    const prepared = requestOf(input, init ?? {});
    const request = typeof prepared.then === 'function' ? await prepared : prepared;
    if (request.signal?.aborted) throw reasonOf(request.signal);
    const context = { ...hooksOfCall(hooks, request, (...sent) => send(fetcher, ...sent)), trace };
    if (!hooks.has('message')) return send(fetcher, request, context);
    const explanation = new Explanation(hooks.get('message'));
    return explanation.of(await send(fetcher, request, { ...context, explanation }));
  };
}

/** The hooks for what the API tells of an answer, for which it is asked to explain fallbacks. */
const TOLD = ['model', 'usage', 'fallback', 'error'];

/** Whether the API is asked to explain fallbacks. If a user lets cut answers end, nothing else makes the addon read them. */
function isTold(options, hooks) {
  return TOLD.some((event) => hooks.has(event)) || (hooks.size > 0 && options.failOnTruncation === false);
}

/** Returns the options with which the addon reads answers if there is a hook: it fails those that are cut, see `src/config/fetch.rs`. */
function readable(options, hooks) {
  return hooks.size === 0 ? options : { ...options, failOnTruncation: options.failOnTruncation ?? true };
}

module.exports = { createFetch };
