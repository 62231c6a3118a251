'use strict';

const { attempt } = require('../util/call-safely.js');
const { errorFrom } = require('../errors.js');
const { causeOf } = require('./failures.js');
const { Feed, NOTHING } = require('../bridge/feed.js');
const { linkSignal } = require('../bridge/signal.js');

/** Statuses whose responses have no body. */
const BODILESS = new Set([101, 103, 204, 205, 304]);

/**
 * A `Response` over a native call that has delivered its head.
 * @param {object} call @param {object} head see `src/fetch.rs`
 * @param {{ method: string, signal?: AbortSignal, told: { hooks: Map, trace: object } }} context
 */
function responseFrom(call, head, context) {
  if (!BODILESS.has(head.status) && context.method !== 'HEAD') {
    return dressed(new ReadableStream(new BodySource(call, context), { highWaterMark: 0 }), head);
  }
  // Nothing comes, but the connection is fit for the next request once that was seen.
  call.flow('bytes', false, false);
  return dressed(null, head);
}

/**
 * The answer to a chat that the body rules refuse, in OpenRouter's own form: SDKs show its message and do not try
 * again, as they would after a failure of the network. Nothing was sent.
 */
function refusal(url, { status, message }) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ error: { code: status, message } });
  return dressed(body, { status, statusText: 'Bad Request', url, redirected: false, headers });
}

/** A response with what a constructed one cannot be told: its URL, and a status or words that no standard has. */
function dressed(body, head) {
  const { status, statusText, url, redirected, headers } = head;
  const response = new Response(body, { status: status >= 200 && status < 600 ? status : 200, headers });
  const ok = status >= 200 && status < 300;
  const clone = () => {
    const copy = Response.prototype.clone.call(response);
    return dressed(copy.body, { ...head, headers: copy.headers });
  };
  for (const [name, value] of Object.entries({ status, statusText, ok, url, redirected, clone })) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}

/** Bytes handed over at a time: readers of lines copy what they hold for each line of it. */
const PIECE = 16 * 1024;

const later = setImmediate;

/** One turn of the event loop: an error overtakes what pipes behind the body still hold, so they get to pass it on. */
const turn = () => new Promise((resolve) => later(resolve));

/** The bytes of a body, pulled one batch at a time: what is not asked for stays in the socket. */
class BodySource {
  type = 'bytes';
  #call;
  #feed;
  #context;
  #unlink;
  #controller = null;
  #rest = null;
  #over = false;
  /** Who waits for more. */
  #resume = null;

  static #handlers = {
    onBatch: (source) => source.#resume(),
    onEvent: (source, event, value) => tell(source.#context.told, event, value),
  };

  constructor(call, context) {
    this.#call = call;
    this.#feed = new Feed(call, this, BodySource.#handlers);
    this.#context = context;
    this.#feed.flow('bytes', false, false);
    this.#unlink = linkSignal(context.signal, this);
  }

  start(controller) {
    this.#controller = controller;
    if (this.#context.signal?.aborted) this.abort(this.#context.signal.reason);
  }

  async pull(controller) {
    while (!this.#over) {
      const bytes = this.#rest ?? this.#feed.shift();
      if (bytes !== NOTHING) {
        this.#rest = bytes.length > PIECE ? bytes.subarray(PIECE) : null;
        // A copy: the stream takes the memory of what it is given.
        controller.enqueue(this.#rest ? bytes.slice(0, PIECE) : bytes);
        return;
      }
      if (this.#feed.end?.facts) await turn();
      if (this.#over) return;
      if (this.#feed.end !== null) this.#conclude();
      else if (!this.#feed.pull()) await this.#more();
    }
  }

  #more() {
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#feed.wait();
    });
  }

  cancel() {
    this.#close();
    this.#call.abort();
  }

  /** The signal's doing: the body breaks with its reason. */
  abort(reason) {
    if (this.#over) return;
    this.#close();
    this.#call.abort();
    this.#controller.error(reason);
  }

  #conclude() {
    this.#close();
    const { facts } = this.#feed.end;
    if (facts !== null) {
      this.#controller.error(new TypeError('terminated', { cause: causeOf(facts, this.#context.told.trace) }));
      return;
    }
    this.#controller.close();
    this.#controller.byobRequest?.respond(0);
  }

  #close() {
    this.#over = true;
    this.#unlink();
    this.#feed.leave();
  }
}

/** Tells a hook, if there is one for the event. */
function tell({ hooks, trace }, event, value) {
  const hook = hooks.get(event);
  if (hook) attempt(hook, event === 'error' ? errorFrom(value, trace) : value);
}

module.exports = { refusal, responseFrom, tell };
