'use strict';

const { BodySource } = require('./body-source.js');

/** The statuses of responses without a body. */
const BODILESS = new Set([101, 103, 204, 205, 304]);

/**
 * A `Response` over a native call that has delivered its head.
 * @param {object} call
 * @param {object} head see `Fetched::head_json` in `src/fetch/mod.rs`
 * @param {{ method: string, signal?: AbortSignal, hooks: Map<string, Function>, trace: object }} context
 */
function responseFrom(call, head, context) {
  if (!BODILESS.has(head.status) && context.method !== 'HEAD') {
    return withHead(new ReadableStream(new BodySource(call, context), { highWaterMark: 0 }), head);
  }
  // There is no body, but the connection can be used again only after its end was read.
  call.flow('bytes', false, false);
  return withHead(null, head);
}

/**
 * The response to a chat that the body rules refuse, before anything is sent. It has OpenRouter's form: SDKs then show the
 * message and do not retry, as they would after a network failure.
 */
function refusal(url, { status, message }) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ error: { code: status, message } });
  return withHead(body, { status, statusText: 'Bad Request', url, redirected: false, headers });
}

/** A response with what the constructor does not accept: a URL, and a status or reason phrase that no standard has. */
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

module.exports = { refusal, responseFrom };
