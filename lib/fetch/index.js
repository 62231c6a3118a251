'use strict';

const native = require('../bridge/native.js');
const { reasonOf } = require('../util/signal.js');
const { errorFrom, traceOf } = require('../errors.js');
const { FETCH_HOOKS, FETCH_NAMES, FETCH_OPTIONS, environment, optionsJSON, optionsOf, wrongOption } = require('../options.js');
const { PREWARM } = require('../util/send.js');
const { backgroundRules } = require('./chains.js');
const { connectTo } = require('./connect.js');
const { Explanation } = require('./explanation.js');
const { FallbackModels } = require('./fallback-models.js');
const { hooksOfCall } = require('./hooks.js');
const { ModelNote } = require('./model-note.js');
const { Patience } = require('./patience.js');
const { send } = require('./pending-fetch.js');
const { requestOf } = require('./request.js');
const { inSession, sessionHeaderOf } = require('./sessions.js');

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
  const sessionHeader = sessionHeaderOf(options.sessionHeader);
  const inBackground = backgroundRules(options);
  const patience = Patience.of(options.maxWait);
  const chain = FallbackModels.of(options);
  const showsModel = switchOf(options.showModel, 'showModel');
  const isHeard = hooks.size > 0 || patience !== null || chain !== null || showsModel;
  const fetcher = native.createFetcher(optionsJSON(readable(options, isHeard), FETCH_OPTIONS), isTold(options, hooks, isHeard), environment());
  if (typeof fetcher === 'string') throw errorFrom(JSON.parse(fetcher), traceOf(caller));
  const fetch = async function fetch(input, init) {
    const trace = traceOf(fetch);
    const prepared = requestOf(input, init ?? {});
    let request = typeof prepared.then === 'function' ? await prepared : prepared;
    if (request.signal?.aborted) throw reasonOf(request.signal);
    if (sessionHeader !== null) request = inSession(request, sessionHeader);
    if (inBackground !== null) request = inBackground(request);
    const once = (one, link) => sendOnce(fetcher, one, hooks, patience, { trace, link, note: showsModel ? ModelNote.of(one) : undefined });
    return chain === null ? once(request) : chain.send(request, once);
  };
  fetch.connect = function connect(url, settings) {
    return connectTo(fetcher, url, settings, connect);
  };
  Object.defineProperty(fetch, PREWARM, { value: (url) => fetcher.prewarm(url) });
  return fetch;
}

/** Sends one request, with hooks of its own. */
async function sendOnce(fetcher, request, hooks, patience, more) {
  const context = { ...hooksOfCall(hooks, request, (...sent) => send(fetcher, ...sent)), ...more };
  if (hooks.has('message')) context.explanation = new Explanation(hooks.get('message'));
  const response = patience === null ? send(fetcher, request, context) : sendPatiently(fetcher, request, context, patience);
  return context.explanation === undefined ? response : context.explanation.of(await response);
}

/** Sends a request whose failure may be the last one, see `patience.js`. */
async function sendPatiently(fetcher, request, context, patience) {
  const attempt = patience.attempt(request);
  let response;
  try {
    response = await send(fetcher, request, { ...context, attempt });
  } catch (error) {
    if (request.signal?.aborted) throw error;
    return attempt.afterLoss(error);
  }
  return attempt.answer(response);
}

function switchOf(value, name) {
  if (typeof (value ?? false) !== 'boolean') throw wrongOption(name, 'true or false');
  return value ?? false;
}

/** The hooks for what the API tells of an answer, for which it is asked to explain fallbacks. */
const TOLD = ['model', 'usage', 'fallback', 'error'];

/** Whether the API is asked to explain fallbacks. If a user lets cut answers end, nothing else makes the addon read them. */
function isTold(options, hooks, isHeard) {
  return TOLD.some((event) => hooks.has(event)) || (isHeard && options.failOnTruncation === false);
}

/** Returns the options with which the addon reads answers if a hook or a rule needs them: it fails those that are cut, see `src/config/fetch.rs`. */
function readable(options, isHeard) {
  return isHeard ? { ...options, failOnTruncation: options.failOnTruncation ?? true } : options;
}

module.exports = { createFetch };
