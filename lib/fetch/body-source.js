'use strict';

const { END, Feed, NOTHING } = require('../bridge/feed.js');
const { linkSignal, reasonOf } = require('../util/signal.js');
const { causeOf } = require('./failures.js');
const { setImmediate } = require('../util/timers.js');
const { tellHook } = require('./hooks.js');

/** The maximum size of a chunk of the body, in bytes. Consumers that read lines copy their buffer for each line. */
const MAX_PIECE = 16 * 1024;

const endOfTurn = () => new Promise((resolve) => { setImmediate(resolve); });

/**
 * The underlying source of the `ReadableStream` that is a response's body. Each `pull` reads one batch of bytes, so that the
 * addon leaves data in the socket until the consumer asks for it.
 */
class BodySource {
  type = 'bytes';
  #call;
  #feed;
  #context;
  #unlink;
  #controller = null;
  /** The part of the last batch that was not delivered yet; null if there is none. */
  #rest = null;
  #isOver = false;
  /** Resolves the promise that the pending pull waits for. */
  #resume = null;

  static #handlers = {
    onMore: (source) => source.#resume(),
    onEvent: (source, event, value) => tellHook(source.#context, event, value),
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
    const { signal } = this.#context;
    if (signal?.aborted) this.abort(reasonOf(signal));
  }

  async pull(controller) {
    while (!this.#isOver) {
      const bytes = this.#rest ?? this.#feed.read();
      if (bytes === NOTHING) {
        await new Promise((resolve) => { this.#resume = resolve; });
      } else if (bytes === END) {
        await this.#finish();
      } else {
        const note = this.#rest === null ? this.#context.note?.before(bytes) ?? null : null;
        if (note !== null) controller.enqueue(note);
        this.#rest = bytes.length > MAX_PIECE ? bytes.subarray(MAX_PIECE) : null;
        // A part is copied, because the stream transfers the memory of the chunk, to which the rest belongs too.
        controller.enqueue(this.#rest ? bytes.slice(0, MAX_PIECE) : bytes);
        return;
      }
    }
  }

  cancel() {
    this.#close('aborted');
    this.#call.abort();
  }

  /** Fails the body with the reason of the aborted signal. */
  abort(reason) {
    if (this.#isOver) return;
    this.#close('aborted');
    this.#call.abort();
    this.#controller.error(this.#context.abortion?.(reason) ?? reason);
  }

  async #finish() {
    const { details } = this.#feed.end;
    // An error discards bytes that pipes behind this body have not delivered yet. Within one turn they can deliver them.
    if (details !== null) await endOfTurn();
    if (this.#isOver) return;
    this.#close(details === null ? 'complete' : 'failed');
    if (details !== null) {
      const { failure, trace } = this.#context;
      this.#controller.error(failure?.(details) ?? new TypeError('terminated', { cause: causeOf(details, trace) }));
      return;
    }
    this.#controller.close();
    this.#controller.byobRequest?.respond(0);
  }

  #close(how) {
    this.#isOver = true;
    this.#unlink();
    this.#feed.stopWaiting();
    this.#context.settlement?.end(how);
  }
}

module.exports = { BodySource };
