'use strict';

const { isAnyArrayBuffer, isUint8Array } = require('node:util/types');

const { checkSignal, resultOf } = require('../bridge/call.js');
const { CallPromise } = require('../bridge/call-promise.js');
const { OpenRouterError, errorFrom, traceOf, wrongOption } = require('../errors.js');
const { bytesOf } = require('../fetch/request.js');
const { responseFrom } = require('../fetch/response.js');
const { OptionNames, optionsOf } = require('../option-names.js');
const { budgetIds, sendableHeaders } = require('../options.js');
const { toJSON } = require('../util/json.js');
const { ownSignal, reasonOf } = require('../util/signal.js');
const { EventStream } = require('./event-stream.js');

/** The settings that every call takes. */
const SETTINGS = ['signal', 'headers', 'timeouts', 'maxRetries', 'zdr', 'dataCollection', 'responseCache', 'maxCost', 'budget', 'reserve'];
const REQUEST_NAMES = new OptionNames('client.request', [...SETTINGS, 'query', 'body', 'stream', 'as']);
/** The forms in which an answer is given, and how the addon delivers each. */
const FORMS = { json: 'json', text: 'body', bytes: 'body', response: 'body' };

/**
 * Sends a request to any endpoint.
 * @param {(settings: string, body: string | Uint8Array | undefined, budgets: number[] | undefined) => object} start starts the native
 * call
 * @param {object} request `method` and `path`; `options` as the user gave them, whose body may be a promise; `Stream`, the class
 * of a stream; `isVectors`, whether the embeddings of the answer are decoded; `isFile`, whether the answer is a file, so that JSON is none; `caller`, the function that the user called
 */
function send(start, { method, path, options, Stream = EventStream, isVectors = false, isFile = false, caller }) {
  return CallPromise.of(async (exchange) => {
    const trace = traceOf(caller);
    const given = checked(options, caller);
    const { signal, stream = false, as = 'json' } = given;
    checkSignal(signal, caller);
    const encoded = bodyOf(typeof given.body?.then === 'function' ? await given.body : given.body);
    const { body, contentType } = encoded instanceof Response ? await collected(encoded, signal, trace) : encoded;
    const settings = settingsOf(method, path, given, stream ? 'events' : isVectors ? 'vectors' : isFile ? 'file' : FORMS[as], contentType);
    // The addon takes the budgets in this call, during which `given` holds them.
    exchange.call = start(settings, body, given.budget ? budgetIds(given.budget) : undefined);
    const result = await resultOf(exchange.call, { signal, trace });
    if (stream) return new Stream(exchange.call, { signal, trace });
    if (FORMS[as] !== 'body') return result;
    return inForm(as, responseOf(exchange.call, result, { method, signal, trace }));
  });
}

/** Returns the options of a call, checked. */
function checked(given, caller) {
  const options = optionsOf(given);
  REQUEST_NAMES.check(options, caller);
  const { stream, as } = options;
  if (![undefined, null, true, false].includes(stream)) throw wrongOption('stream', 'true or false');
  if (as !== undefined && !Object.hasOwn(FORMS, as)) throw wrongOption('as', "'json', 'text', 'bytes' or 'response'");
  return { ...options, stream: stream ?? false, as: as ?? 'json' };
}

/** Returns the settings of a request as JSON text for the addon, see `ApiRequest::build`. */
function settingsOf(method, path, given, form, contentType) {
  if (typeof method !== 'string') throw wrongOption('method', "a method such as 'GET' or 'POST'");
  if (typeof path !== 'string') throw wrongOption('path', "a path such as '/embeddings'");
  const { headers, timeouts, maxRetries, zdr, dataCollection, responseCache, maxCost, reserve, as } = given;
  const settings = {
    method,
    path: path.toWellFormed(),
    query: queryOf(given.query),
    as: form,
    isLimited: as !== 'response',
    contentType,
    headers: headers === undefined || headers === null ? undefined : sendableHeaders(headers),
    timeouts,
    maxRetries,
    zdr,
    dataCollection,
    responseCache,
    maxCost: amount(maxCost, 'maxCost'),
    reserve: amount(reserve, 'reserve'),
  };
  return toJSON(settings, 'The options', 'invalid_option');
}

/** Returns an amount in USD, which JSON would write as `null` if it were none. */
function amount(value, name) {
  if (value === undefined || value === null || (typeof value === 'number' && value >= 0 && value < Infinity)) return value;
  throw wrongOption(name, 'an amount in USD, zero or more');
}

/** Returns a query as text. Items of a list are joined by commas, as the API takes lists. */
function queryOf(query) {
  if (query === undefined || query === null) return undefined;
  if (query instanceof URLSearchParams) return query.toString();
  if (typeof query !== 'object') throw wrongOption('query', 'an object of names and values');
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    const items = Array.isArray(value) ? value : [value];
    if (!items.every((item) => ['string', 'number', 'boolean'].includes(typeof item) && !Number.isNaN(item))) {
      throw wrongOption(`query.${name}`, 'a string, a number, true, false or a list of them');
    }
    all.set(name, items.join(','));
  }
  return all.toString();
}

/** Returns the body for the addon with its type; a `Response` of it if it has to be read first. */
function bodyOf(body) {
  if (body === undefined || body === null) return {};
  if (typeof body === 'string') return { body };
  if (isUint8Array(body)) return { body, contentType: 'application/octet-stream' };
  if (isAnyArrayBuffer(body)) return { body: new Uint8Array(body), contentType: 'application/octet-stream' };
  if (body instanceof FormData || body instanceof Blob || body instanceof URLSearchParams || body instanceof ReadableStream) {
    return new Response(body);
  }
  return { body: toJSON(body, 'The body', 'invalid_request') };
}

/** Reads a body that is no text yet. The error of an abort is that of the call. */
async function collected(encoded, signal, trace) {
  const own = ownSignal(signal) ?? new AbortController().signal;
  try {
    const body = await bytesOf(encoded.body, own);
    return { body, contentType: encoded.headers.get('content-type') ?? 'application/octet-stream' };
  } catch (cause) {
    if (own.aborted) throw errorFrom({ code: 'aborted', message: 'Request aborted' }, trace, reasonOf(own));
    throw new OpenRouterError(`The body could not be read: ${cause?.message ?? cause}`, { code: 'invalid_request', cause });
  }
}

/** Returns the standard response whose body is read as it arrives. It fails with the errors of this package. */
function responseOf(call, head, { method, signal, trace }) {
  const failure = (details) => errorFrom(details, trace);
  const abortion = (reason) => errorFrom({ code: 'aborted', message: 'Request aborted' }, trace, reason);
  return responseFrom(call, head, { method, signal, trace, hooks: new Map(), failure, abortion });
}

/** Returns a response in the form that was asked for. */
async function inForm(as, response) {
  switch (as) {
    case 'text': return response.text();
    case 'bytes': return new Uint8Array(await response.arrayBuffer());
    default: return response;
  }
}

module.exports = { SETTINGS, send };
