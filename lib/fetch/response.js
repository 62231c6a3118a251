'use strict';

const { BodySource } = require('./body-source.js');

/** The codes of refusals that the API does not know. */
const OWN_CODES = new Set(['privacy_not_possible', 'budget_exceeded']);
/** The reason phrases of refusals. */
const REASONS = { 400: 'Bad Request', 402: 'Payment Required' };
/** The statuses of responses without a body. */
const BODILESS = new Set([101, 103, 204, 205, 304]);

/**
 * Returns the `Response` of a native call that has delivered the response's head.
 * @param {object} call
 * @param {object} head see `Fetched::head_json` in `src/fetch/mod.rs`
 * @param {{ method: string, signal?: AbortSignal, hooks: Map<string, Function>, trace: object }} context
 */
function responseFrom(call, head, context) {
  context.settlement?.begin(head);
  context.note?.begin(head);
  if (!BODILESS.has(head.status) && context.method !== 'HEAD') {
    return withHead(new ReadableStream(new BodySource(call, context), { highWaterMark: 0 }), head);
  }
  // There is no body to deliver, but the connection can be reused only after the end of the response was read.
  call.flow('bytes', false, false);
  return withHead(null, head);
}

/**
 * Returns the response to a request that the rules refuse and that is not sent. It has the form of OpenRouter's errors, so
 * that SDKs show the message and do not retry, as they would after a network failure.
 */
function refusal(url, { status, message, code }) {
  const headers = { 'content-type': 'application/json' };
  const metadata = OWN_CODES.has(code) ? { error_type: code } : undefined;
  const body = JSON.stringify({ error: { code: status, message, metadata } });
  return withHead(body, { status, statusText: REASONS[status], url, redirected: false, headers });
}

/**
 * Returns a response with a head that the constructor of `Response` does not accept: a URL, and a non-standard status or
 * reason phrase.
 */
function withHead(body, head) {
  const { status, statusText, url, redirected, headers } = head;
  const response = new Response(body, { status: status >= 200 && status < 600 ? status : 200, headers });
  const ok = status >= 200 && status < 300;
  const clone = () => {
    const copy = Response.prototype.clone.call(response);
    return withHead(copy.body, { ...head, headers: copy.headers });
  };
  for (const [name, value] of Object.entries({ status, statusText, ok, url, redirected, clone })) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}

module.exports = { refusal, responseFrom, withHead };
