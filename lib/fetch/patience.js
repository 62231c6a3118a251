'use strict';

const { createHash } = require('node:crypto');

const { wrongOption } = require('../errors.js');
const { now } = require('../util/timers.js');
const { parametersIn, textOf } = require('./parameters.js');
const { withHead } = require('./response.js');

/** The statuses after which SDKs send a request again, beside all from 500. */
const REPEATED = new Set([408, 429]);
/** The shortest wait of LangChain and of the OpenAI SDK before they send a request again, if nothing asks for a longer one. */
const FIRST_WAIT_MS = 500;
/** No SDK waits longer between two attempts. */
const LONGEST_PAUSE_MS = 70_000;
/** How many requests that failed are remembered. */
const MAX_WAITING = 1000;
/**
 * The code by which LangChain, in all its versions, does not send a request again. It has no code for "the caller has waited long
 * enough"; this one is axios' for a request that was given up.
 */
const GIVEN_UP = 'ECONNABORTED';

/**
 * Limits how long SDKs repeat a request that fails: LangChain does so up to six times, for minutes, in which a user sees nothing.
 * The failure after which they would wait too long is answered in a form that they do not repeat.
 */
class Patience {
  #maxWait;
  /** The requests that wait to be sent again, by a digest: when they failed for the first and for the last time. */
  #waiting = new Map();

  constructor(maxWait) {
    this.#maxWait = maxWait;
  }

  /** Returns the option as a `Patience`; null if there is no limit. */
  static of(maxWait) {
    if (maxWait === undefined || maxWait === null || maxWait === Infinity) return null;
    if (typeof maxWait !== 'number' || !(maxWait >= 0)) throw wrongOption('maxWait', 'milliseconds, zero or more');
    return new Patience(maxWait);
  }

  /** Returns a record of one attempt of a request. */
  attempt(request) {
    return new Attempt(this, request);
  }

  /** Returns for how long the caller may still wait after a failure of `request`; 0 if this is the last one. */
  leftAfterFailure(request, retryAfter = 0) {
    // The API has asked each model of a chain: waiting is what a chain is there to avoid.
    if (request.isOfChain || hasChain(request.body)) return 0;
    const key = digestOf(request);
    const time = now();
    const known = this.#waiting.get(key);
    // After a longer pause the same request is a new one, which a user has asked for again.
    const isSame = known !== undefined && time - known.last <= Math.max(this.#maxWait, LONGEST_PAUSE_MS);
    const { first, last } = isSame ? known : { first: time, last: time };
    this.#waiting.delete(key);
    // SDKs double their waits. They do not all honour a wait that the API asks for, but an earlier attempt would be in vain.
    const next = Math.max(retryAfter, FIRST_WAIT_MS, 2 * (time - last));
    const left = first + this.#maxWait - time;
    if (next > left) return 0;
    this.#remember(key, { first, last: time });
    return left;
  }

  #remember(key, times) {
    if (this.#waiting.size >= MAX_WAITING) this.#waiting.delete(this.#waiting.keys().next().value);
    this.#waiting.set(key, times);
  }

  /** Forgets a request that was answered. */
  forget(request) {
    if (this.#waiting.size > 0) this.#waiting.delete(digestOf(request));
  }
}

/** One attempt of a request. */
class Attempt {
  #patience;
  #request;
  /** The details of the failure, as the addon tells them; null if there was none that is repeated. */
  #failure = null;
  /** Whether the caller has its response. What fails then, in the middle of a stream, is not repeated. */
  #isAnswered = false;

  constructor(patience, request) {
    this.#patience = patience;
    this.#request = request;
  }

  /** Notes a failure that the addon tells of, and adds to its details for how long the caller may wait. */
  fail(details) {
    const { status, code, partial, retryAfter } = details;
    const isRepeated = status === undefined ? partial === undefined && code !== 'aborted' : REPEATED.has(status) || status >= 500;
    if (!isRepeated || this.#isAnswered || this.#failure !== null) return;
    details.waitLeft = this.#patience.leftAfterFailure(this.#request, retryAfter);
    this.#failure = details;
  }

  /** Returns the response to give the caller. An error is read to its end first, which tells when to come back. */
  async answer(response) {
    if (response.ok || !(REPEATED.has(response.status) || response.status >= 500)) {
      this.#isAnswered = true;
      this.#patience.forget(this.#request);
      return response;
    }
    const { status, statusText, url, redirected } = response;
    const text = await response.text();
    const headers = new Headers(response.headers);
    if (this.#failure?.waitLeft !== 0) return withHead(text, { status, statusText, url, redirected, headers });
    return this.#last({ status, statusText, url, redirected, headers }, errorIn(text));
  }

  /** Returns the response after a failure without one, or throws the failure, if the caller may wait. */
  afterLoss(failure) {
    if (this.#failure?.waitLeft !== 0) throw failure;
    const { message } = this.#failure;
    return this.#last({ status: 503, statusText: 'Service Unavailable', url: this.#request.url, redirected: false, headers: new Headers() }, { message });
  }

  /** Returns a response that SDKs do not repeat: the OpenAI SDK for its header, LangChain for the code of the error. */
  #last(head, { message = this.#failure.message, ...error }) {
    const { retryAfter } = this.#failure;
    const { headers } = head;
    headers.set('content-type', 'application/json');
    headers.set('x-should-retry', 'false');
    if (retryAfter !== undefined && !headers.has('retry-after')) headers.set('retry-after', String(Math.ceil(retryAfter / 1000)));
    const when = retryAfter === undefined ? '' : ` Come back in ${shown(retryAfter)}.`;
    const said = when === '' || /[.!?]\s*$/.test(message) ? message : `${message}.`;
    const body = { error: { ...error, message: `${said}${when}`, code: GIVEN_UP, status: head.status } };
    return withHead(JSON.stringify(body), head);
  }
}

/** Returns a time as a person reads it. */
function shown(ms) {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

/** Returns the error in the body of a response; an empty object if it has none in OpenRouter's form. */
function errorIn(text) {
  try {
    const { error } = JSON.parse(text);
    return typeof error === 'object' && error !== null ? error : {};
  } catch {
    return {};
  }
}

/** Whether the parameters of a chat name fallback models. */
function hasChain(body) {
  const text = textOf(body);
  return text.includes('"models"') && parametersIn(text)?.models?.length > 0;
}

/** Returns what tells a request from others. SDKs count their attempts in headers of their own. */
function digestOf({ method, url, headers, body }) {
  const hash = createHash('sha256').update(`${method} ${url}\n`);
  for (const [name, value] of headers) if (!name.startsWith('x-stainless-')) hash.update(`${name}: ${value}\n`);
  return hash.update(body ?? '').digest('base64');
}

module.exports = { Patience };
