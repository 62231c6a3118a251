'use strict';

const { setImmediate } = require('../../lib/util/timers.js');
const { jsonHead } = require('./json-head.js');

/** How many bytes may wait for a browser that reads slowly before the stream of the API is held. */
const HIGH_WATER = 64 * 1024;
/** The status of a request whose browser left before there was an answer. It is never sent. */
const LEFT = 499;

/** Writes an answer into a WHATWG `Response`. */
class ResponseWriter {
  #request;
  #headers = new Headers();
  #controller = new AbortController();
  #stream = null;
  #resolve;
  #isSettled = false;
  #isEnded = false;
  #wake = null;
  #unlink;

  /** @param {Request} request */
  constructor(request) {
    this.#request = request;
    /** The answer. It never rejects. */
    this.response = new Promise((resolve) => { this.#resolve = resolve; });
    const { signal } = request;
    const leave = () => this.#leave();
    // Removed by `close`, because a host may use one signal for many requests.
    this.#unlink = () => signal?.removeEventListener('abort', leave);
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  }

  /** Aborted when the browser leaves: by the request's signal, or because the host cancels the body of the response. */
  get signal() {
    return this.#controller.signal;
  }

  get isClosed() {
    return this.signal.aborted;
  }

  get isStarted() {
    return this.#isSettled;
  }

  set(name, text) {
    this.#headers.set(name, text);
  }

  json(status, bytes) {
    const { method, headers } = this.#request;
    const head = jsonHead({ method, ifNoneMatch: headers.get('if-none-match') }, status, bytes, (name, text) => this.set(name, text));
    this.#answer(new Response(head.body, { status: head.status, headers: this.#headers }));
  }

  bare(status) {
    this.#answer(new Response(null, { status, headers: this.#headers }));
  }

  async pass(response) {
    this.#answer(response);
  }

  begin(headers) {
    for (const [name, text] of Object.entries(headers)) this.set(name, text);
    const source = {
      start: (stream) => { this.#stream = stream; },
      pull: () => this.#wake?.(),
      cancel: () => this.#leave(),
    };
    const body = new ReadableStream(source, { highWaterMark: HIGH_WATER, size: ({ byteLength }) => byteLength });
    this.#answer(new Response(body, { status: 200, headers: this.#headers }));
  }

  write(bytes) {
    if (this.#isEnded || this.isClosed) return true;
    this.#stream.enqueue(bytes);
    return this.#stream.desiredSize > 0;
  }

  drained(signal) {
    return new Promise((resolve, reject) => {
      const leave = () => reject(signal.reason);
      this.#wake = () => {
        signal.removeEventListener('abort', leave);
        this.#wake = null;
        resolve();
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
  }

  end(bytes) {
    if (this.#isEnded || this.isClosed) return;
    if (bytes.length > 0) this.#stream.enqueue(bytes);
    this.#isEnded = true;
    this.#stream.close();
  }

  destroy() {
    if (this.#stream === null || this.#isEnded || this.isClosed) return;
    this.#isEnded = true;
    this.#stream.error(new Error('The answer failed.'));
  }

  /** Called when nothing more will be written. */
  close() {
    this.#unlink();
    this.#answer(null);
  }

  #answer(response) {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#resolve(response ?? new Response(null, { status: LEFT }));
  }

  #leave() {
    if (this.isClosed) return;
    this.#controller.abort();
    if (this.#stream === null || this.#isEnded) return;
    this.#isEnded = true;
    // A reader that still waits must not take the answer for a whole one. A host that cancels the body does so in this turn,
    // and would log the error.
    setImmediate(() => {
      try {
        this.#stream.error(this.#request.signal?.reason ?? new Error('The browser has left.'));
      } catch {
        // A stream whose body was cancelled is closed already.
      }
    });
  }
}

module.exports = { ResponseWriter };
