'use strict';

const { inspect } = require('node:util');

const { END, Feed, NOTHING } = require('../bridge/feed.js');
const { OpenRouterError, errorFrom } = require('../errors.js');
const { byteStreamOf } = require('../util/byte-stream.js');
const { tellFacts } = require('../util/facts.js');
const { StreamIterator, disposable } = require('../util/iterator.js');
const { linkSignal, reasonOf } = require('../util/signal.js');
const { setImmediate } = require('../util/timers.js');
const { Waiters } = require('../util/waiters.js');

const DONE = { value: undefined, done: true };

/**
 * A stream of events of an endpoint beside chats. `types/api/event-stream.d.ts` documents its members. Subclasses say how the
 * events are given, and what the whole answer is called.
 */
class EventStream {
  #call;
  #feed;
  #trace;
  #unlink;
  #isAborted = false;
  #abortReason;
  /** The error of the abort, once somebody has received it. */
  #abortError = null;
  /** How the stream is read; null until something reads it. */
  #mode = null;
  #waiters = new Waiters();
  /** The end, once it was reached: `{ error }`. The error is null after success, and undefined if the reader left. */
  #end = null;
  /** The promises that wait for the end. */
  #finals = [];
  #body = null;

  static #handlers = { onMore: (stream) => stream.#readOn(), onEvent: () => {} };
  static #methods = { next: (stream) => stream.#next(), leave: (stream) => stream.#leave() };

  static {
    tellFacts(this, (stream) => stream.#call);
  }

  constructor(call, { signal, trace }) {
    this.#call = call;
    this.#feed = new Feed(call, this, EventStream.#handlers);
    this.#trace = trace;
    this.#unlink = linkSignal(signal, this);
    if (signal?.aborted) this.abort(reasonOf(signal));
  }

  /** The form in which the addon delivers the events. */
  static form = 'named';

  [Symbol.asyncIterator]() {
    return this.#iterate(this.constructor.form);
  }

  text() {
    return this.#iterate('text');
  }

  get body() {
    this.#body ??= byteStreamOf(() => this.#iterate('bytes'));
    return this.#body;
  }

  toReadableStream() {
    return this.body;
  }

  /** Resolves to the whole answer at the end of the stream. Without a reader the stream is read for it. */
  final() {
    const ended = this.#ended();
    if (this.#mode === null && this.#end === null) setImmediate(() => this.#readForFinal());
    return ended.then(() => JSON.parse(this.#call.completion()));
  }

  /** Reads the stream without a reader, unless one has come by the end of the turn. */
  #readForFinal() {
    if (this.#mode !== null) return;
    this.#start('events');
    this.#readOn();
  }

  /** Closes the request. What arrived before is still delivered, then the error. */
  abort(reason) {
    if (this.#feed.end !== null || this.#end !== null || this.#isAborted) return;
    this.#isAborted = true;
    this.#abortReason = reason;
    this.#unlink();
    if (this.#mode === null) this.#feed.flow('events', false, false);
    this.#call.abort();
    if (this.#waiters.isEmpty) this.#settleFinals(this.#errorOfAbort());
  }

  /** Ends the delivery and closes the request. */
  async stop() {
    this.#leave();
    return this.usage;
  }

  #iterate(mode) {
    if (this.#mode !== null) {
      const message = 'This stream is being read already: it has one reader. `partial` has what has come so far, and `final()` '
        + 'resolves to the whole answer.';
      throw new OpenRouterError(message, { code: 'invalid_request' });
    }
    this.#mode = mode;
    return new StreamIterator(this, EventStream.#methods);
  }

  #start(mode) {
    this.#mode = mode;
    if (!this.#feed.isFlowing) this.#feed.flow(mode, false, false);
  }

  #next() {
    if (!this.#waiters.isEmpty) return this.#waiters.add();
    this.#start(this.#mode);
    const value = this.#feed.read();
    return value === NOTHING ? this.#waiters.add() : this.#resultOf(value);
  }

  #resultOf(value) {
    if (value !== END) return Promise.resolve({ value, done: false });
    const error = this.#conclude();
    return error === null ? Promise.resolve(DONE) : Promise.reject(error);
  }

  #readOn() {
    if (this.#mode === 'events') {
      if (this.#feed.read() === END) this.#conclude();
      return;
    }
    while (!this.#waiters.isEmpty) {
      const value = this.#feed.read();
      if (value === NOTHING) return;
      this.#waiters.shift()?.(this.#resultOf(value));
    }
  }

  /** Ends the stream after its last value. Returns the error that the reader must receive, or null. */
  #conclude() {
    if (this.#end !== null) return null;
    const { details } = this.#feed.end;
    const error = details === null ? null : (this.#abortError ?? errorFrom(details, this.#trace, this.#abortReason));
    this.#close(error);
    return error;
  }

  #leave() {
    if (this.#end !== null) return;
    this.#call.abort();
    this.#feed.close();
    this.#waiters.resolveAll(DONE);
    this.#close(undefined);
  }

  #close(error) {
    this.#end = { error };
    this.#unlink();
    this.#settleFinals(error);
  }

  /** Returns the error of the abort, the same for all. */
  #errorOfAbort() {
    this.#abortError ??= errorFrom(JSON.parse(this.#call.abortError()), this.#trace, this.#abortReason);
    return this.#abortError;
  }

  #settleFinals(error) {
    const finals = this.#finals;
    this.#finals = [];
    for (const { resolve, reject } of finals) {
      if (error === null) resolve();
      else reject(error ?? this.#errorOfAbort());
    }
  }

  /** Returns a promise of the end. It rejects if the stream fails, is aborted, or its reader leaves. */
  #ended() {
    return new Promise((resolve, reject) => {
      this.#finals.push({ resolve, reject });
      if (this.#end !== null) this.#settleFinals(this.#end.error);
      else if (this.#isAborted && this.#waiters.isEmpty) this.#settleFinals(this.#errorOfAbort());
    });
  }

  /** Shows the facts, and no text of the answer. */
  [inspect.custom](depth, options) {
    const { id, model, generationId, usage } = JSON.parse(this.#call.properties());
    const state = this.#end === null ? 'streaming' : this.#end.error === null ? 'finished' : this.#isAborted ? 'aborted' : 'ended';
    return `${this.constructor.name} ${depth < 0 ? '[Object]' : inspect({ state, id, model, generationId, usage }, options)}`;
  }
}

disposable(EventStream, (stream) => stream.stop());

module.exports = { EventStream };
