'use strict';

const { inspect } = require('node:util');

const { END, Feed, NOTHING } = require('./bridge/feed.js');
const { errorFrom } = require('./errors.js');
const { secondReader, shownStream, stateOf } = require('./stream-words.js');
const { byteStreamOf } = require('./util/byte-stream.js');
const { tellFacts } = require('./util/facts.js');
const { StreamIterator, disposable } = require('./util/iterator.js');
const { linkSignal, reasonOf } = require('./util/signal.js');
const { setImmediate } = require('./util/timers.js');
const { Waiters } = require('./util/waiters.js');

const DONE = { value: undefined, done: true };

/** What the classes of streams use of this one. Users have no access to it. */
let inner;

/**
 * An answer that is being streamed: how it is read, aborted and ended. It has one reader, or is read for those who wait for its
 * end. Subclasses say in `own` what else they do, which all their streams share: functions of its own would take 1.7 KB for each
 * stream.
 */
class AnswerStream {
  #call;
  #feed;
  #own;
  #trace;
  #unlink;
  #isAborted = false;
  #abortReason;
  /** The error of the abort, once a reader has received it. */
  #abortError = null;
  /** How the stream is read: null until something reads it, then `chunks`, `named`, `text`, `deltas`, `bytes` or `events`. */
  #mode = null;
  #isStartScheduled = false;
  /** The pending `next()` calls. */
  #waiters = null;
  #isDraining = false;
  /**
   * The end, once it was reached: `{ error }`. The error is null after success, and undefined if the reader left.
   */
  #end = null;
  /** The `resolve` and `reject` functions of the promises that wait for the end. */
  #finals = null;
  #body = null;

  static #handlers = {
    onMore: (stream) => stream.#readOn(),
    onEvent: (stream, name, value) => stream.#own.onEvent(stream, name, value),
  };
  static #methods = {
    next: (stream) => stream.#next(),
    // A drain continues when the reader leaves.
    leave: (stream) => stream.#isDraining || stream.#cancel(),
  };

  static {
    tellFacts(this, (stream) => stream.#call);
    inner = {
      callOf: (stream) => stream.#call,
      final: (stream) => stream.#final(),
      isDraining: (stream) => stream.#isDraining,
      iterate: (stream, mode) => stream.#iterate(mode),
      reflow: (stream) => stream.#reflow(),
      startSoon: (stream) => stream.#startSoon(),
    };
  }

  /**
   * @param {object} call the native call
   * @param {object} options
   * @param {object} own what the class adds: `onEvent(stream, name, value)` takes the addon's events beside the answer, such as `model`;
   * `onText(stream, text)` takes the text of an answer that has no reader, and `onEnd(stream, error)` its end; `modeAlone(stream)` returns
   * the mode in which the addon delivers an answer without a reader; `wants(stream)` returns `{ content, reasoning }`, the kinds of deltas
   * that the addon also passes to `onEvent`; `instead` is the sentence in the error of a second reader that says what to use
   */
  constructor(call, { signal, trace }, own) {
    this.#call = call;
    this.#feed = new Feed(call, this, AnswerStream.#handlers);
    this.#own = own;
    this.#trace = trace;
    this.#unlink = linkSignal(signal, this);
    if (signal?.aborted) this.abort(reasonOf(signal));
  }

  get body() {
    this.#body ??= byteStreamOf(() => this.#iterate('bytes'));
    return this.#body;
  }

  toReadableStream() {
    return this.body;
  }

  [Symbol.asyncIterator]() {
    return this.#iterate(this.constructor.form);
  }

  text() {
    return this.#iterate('text');
  }

  /**
   * Closes the request. Data that arrived before is still delivered, then the error, which the addon delivers like any other
   * end.
   */
  abort(reason) {
    if (this.#feed.end !== null || this.#end !== null || this.#isAborted) return;
    this.#isAborted = true;
    this.#abortReason = reason;
    this.#unlink();
    this.#start();
    this.#call.abort();
    if (this.#isLeft) this.#settleFinals();
  }

  /** Ends the delivery. With `drain` the rest is still read, for its usage; otherwise the request is closed. */
  async stop(options) {
    if (this.#end !== null) return this.usage;
    if (!options?.drain) {
      this.#cancel();
      return this.usage;
    }
    const ended = this.#ended();
    this.#drain();
    await ended;
    return this.usage;
  }

  [inspect.custom](depth, options) {
    const state = stateOf({ isAborted: this.#isAborted, isRead: this.#mode !== null, end: this.#end });
    return shownStream(this.constructor.name, state, JSON.parse(this.#call.properties()), this.#end?.error, depth, options);
  }

  /** Resolves to the whole answer at the end of the stream. Without a reader the stream is read for it. */
  #final() {
    const ended = this.#ended();
    this.#startSoon();
    return ended.then(() => JSON.parse(this.#call.completion()));
  }

  #iterate(mode) {
    if (this.#mode !== null) throw secondReader(this.#mode, this.#own.instead);
    this.#mode = mode;
    return new StreamIterator(this, AnswerStream.#methods);
  }

  /** Starts the stream. It is called by the first `next()`, so that listeners that were added before miss no event. */
  #start() {
    if (this.#mode !== null && !this.#feed.isFlowing) this.#flow(this.#mode);
  }

  /**
   * Starts the stream without a reader at the end of the turn, unless a reader was created by then. Listeners that were added
   * by then decide what it delivers.
   */
  #startSoon() {
    if (this.#mode !== null || this.#isStartScheduled) return;
    this.#isStartScheduled = true;
    setImmediate(() => {
      if (this.#mode !== null) return;
      this.#flow(this.#own.modeAlone(this));
      this.#readOn();
    });
  }

  /** Tells the addon what is wanted now, if the stream has been started. During a drain, nothing more is delivered. */
  #reflow() {
    if (this.#feed.isFlowing && !this.#isDraining) this.#flow(this.#hasReader ? this.#mode : this.#own.modeAlone(this));
  }

  #flow(mode) {
    this.#mode = mode;
    const { content, reasoning } = this.#own.wants(this);
    // A drain delivers no deltas.
    this.#feed.flow(mode, content && !this.#isDraining, reasoning && !this.#isDraining);
  }

  #next() {
    this.#waiters ??= new Waiters();
    // Queue this `next()` behind the pending ones.
    if (!this.#waiters.isEmpty) return this.#waiters.add();
    if (this.#isDraining) return Promise.resolve(DONE);
    this.#start();
    const value = this.#feed.read();
    // A listener may have asked for a drain while the value was read.
    if (this.#isDraining) return Promise.resolve(DONE);
    return value === NOTHING ? this.#waiters.add() : this.#resultOf(value);
  }

  /** Returns the result of `next()` for a value. The error at the end is delivered once. */
  #resultOf(value) {
    if (value !== END) return Promise.resolve({ value, done: false });
    const error = this.#conclude();
    return error === null ? Promise.resolve(DONE) : Promise.reject(error);
  }

  /** Passes available values to the pending `next()` calls, or on if the stream has no reader. */
  #readOn() {
    if (!this.#hasReader) {
      this.#readAlone();
      return;
    }
    while (!this.#waiters.isEmpty) {
      const value = this.#feed.read();
      if (value === NOTHING) return;
      // A listener may have ended the stream in the meantime, which resolves all waiters.
      this.#waiters.shift()?.(this.#resultOf(value));
    }
  }

  #readAlone() {
    for (let value = this.#feed.read(); value !== NOTHING; value = this.#feed.read()) {
      if (value === END) {
        this.#conclude();
        return;
      }
      if (typeof value === 'string') this.#own.onText(this, value);
    }
  }

  /** Ends the stream after its last value. Returns the error that the reader must receive, or null. */
  #conclude() {
    if (this.#end !== null) return null;
    const { details } = this.#feed.end;
    const error = details === null ? null : (this.#abortError ?? errorFrom(details, this.#trace, this.#abortReason));
    this.#close(error);
    this.#own.onEnd(this, error);
    return error;
  }

  /** Closes the request because the reader left. Only promises that wait for the end receive the error. */
  #cancel() {
    if (this.#end === null) this.#call.abort();
    this.#feed.close();
    this.#waiters?.resolveAll(DONE);
    if (this.#end === null) this.#close(undefined);
  }

  /** Reads the rest of the stream for its usage. Readers, and listeners of content and reasoning, receive nothing more. */
  #drain() {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#waiters?.resolveAll(DONE);
    this.#feed.stopWaiting();
    this.#flow('events');
    this.#readAlone();
  }

  #close(error) {
    this.#end = { error };
    this.#unlink();
    this.#settleFinals();
  }

  /** Whether a loop reads the stream, or may begin to. Otherwise it is read for listeners, or not at all yet. */
  get #hasReader() {
    return this.#mode !== null && this.#mode !== 'events' && this.#mode !== 'deltas';
  }

  /** Whether the stream was aborted while its reader does not wait for a value. Such a reader may never read the end. */
  get #isLeft() {
    return this.#isAborted && this.#hasReader && this.#waiters?.isEmpty !== false;
  }

  /** Returns the error of the abort, the same for all. */
  #errorOfAbort() {
    this.#abortError ??= errorFrom(JSON.parse(this.#call.abortError()), this.#trace, this.#abortReason);
    return this.#abortError;
  }

  /** Resolves or rejects the promises that wait for the end. */
  #settleFinals() {
    const finals = this.#finals;
    this.#finals = null;
    for (const final of finals ?? []) this.#settle(final);
  }

  #settle({ resolve, reject }) {
    const error = this.#end?.error;
    if (error === null) resolve();
    else reject(error ?? this.#errorOfAbort());
  }

  /** Returns a promise of the end. It rejects if the stream fails, is aborted, or its reader leaves. */
  #ended() {
    return new Promise((resolve, reject) => {
      if (this.#end !== null || this.#isLeft) this.#settle({ resolve, reject });
      else (this.#finals ??= []).push({ resolve, reject });
    });
  }
}

disposable(AnswerStream, (stream) => stream.stop());

module.exports = { AnswerStream, inner };
