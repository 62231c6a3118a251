'use strict';

const { inspect } = require('node:util');

const { errorFrom } = require('./errors.js');
const { END, Feed, NOTHING } = require('./bridge/feed.js');
const { withText } = require('./completion.js');
const { linkSignal, reasonOf } = require('./util/signal.js');
const { byteStreamOf } = require('./util/byte-stream.js');
const { CallContext } = require('./util/call-context.js');
const { tellFacts } = require('./util/facts.js');
const { StreamIterator, disposable } = require('./util/iterator.js');
const { Listeners } = require('./util/listeners.js');
const { secondReader, shownStream, stateOf } = require('./stream-words.js');
const { setImmediate } = require('./util/timers.js');
const { Waiters } = require('./util/waiters.js');

const DONE = { value: undefined, done: true };

/** A chat completion that is being streamed. `index.d.ts` documents its members. */
class ChatCompletionStream {
  #call;
  #feed;
  #client;
  #session;
  #trace;
  #unlink;
  #isAborted = false;
  #abortReason;
  /** The error of the abort, once somebody has received it. */
  #abortError = null;
  #onProgress;
  /** In which the listeners run. */
  #context = new CallContext();
  #previousModel;
  /** Created when the first listener is added. */
  #listeners = null;
  /** How the stream is read: null until something reads it, then `chunks`, `text`, `deltas`, `bytes` or `events`. */
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

  /** All streams share these functions: functions of its own would take 1.7 KB for each stream. */
  static #handlers = {
    onMore: (stream) => stream.#readOn(),
    onEvent: (stream, name, value) => stream.#emit(name, value),
  };
  static #methods = {
    next: (stream) => stream.#next(),
    // A drain continues when the reader leaves.
    leave: (stream) => stream.#isDraining || stream.#cancel(),
  };

  static {
    tellFacts(this, (stream) => stream.#call, ['finishReason']);
  }

  /**
   * @param {object} call the native call
   * @param {object} options `client` receives the usage and model at the end, `previousModel` is the model of its last
   * completion, `session` learns how it ended
   */
  constructor(call, { client, signal, onProgress, previousModel, session, trace }) {
    this.#call = call;
    this.#feed = new Feed(call, this, ChatCompletionStream.#handlers);
    this.#client = client;
    this.#session = session;
    this.#trace = trace;
    this.#onProgress = typeof onProgress === 'function' ? onProgress : null;
    this.#previousModel = previousModel;
    this.#unlink = linkSignal(signal, this);
    if (signal?.aborted) this.abort(reasonOf(signal));
    else if (this.#onProgress) this.#startSoon();
  }

  get modelSwitch() {
    const { model } = this;
    const from = this.#previousModel;
    return from && model && from !== model ? { from, to: model } : null;
  }

  get body() {
    this.#body ??= byteStreamOf(() => this.#iterate('bytes'));
    return this.#body;
  }

  toReadableStream() {
    return this.body;
  }

  [Symbol.asyncIterator]() {
    return this.#iterate('chunks');
  }

  text() {
    return this.#iterate('text');
  }

  tee(count = 2) {
    return require('./helpers/tee.js').tee(() => this.#iterate('chunks'), count);
  }

  on(name, listener) {
    this.#listeners ??= new Listeners();
    this.#listeners.add(name, listener);
    const isText = name === 'content' || name === 'reasoning';
    // During a drain, listeners of text receive nothing.
    if (isText && this.#feed.isFlowing && !this.#isDraining) this.#flow(this.#hasReader ? this.#mode : this.#modeForListeners());
    if (name === 'content' || name === 'end') this.#startSoon();
    return this;
  }

  once(name, listener) {
    // `on` throws the error for a listener that is not a function.
    if (typeof listener !== 'function') return this.on(name, listener);
    const wrapper = (value) => {
      this.off(name, wrapper);
      return listener(value);
    };
    wrapper.listener = listener;
    return this.on(name, wrapper);
  }

  off(name, listener) {
    this.#listeners?.remove(name, listener);
    return this;
  }

  finalCompletion() {
    const ended = this.#ended();
    this.#startSoon();
    return ended.then(() => withText(JSON.parse(this.#call.completion())));
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

  #iterate(mode) {
    if (this.#mode !== null) throw secondReader(this.#mode);
    this.#mode = mode;
    return new StreamIterator(this, ChatCompletionStream.#methods);
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
      this.#flow(this.#modeForListeners());
      this.#readOn();
    });
  }

  #modeForListeners() {
    return this.#wantsContent() ? 'deltas' : 'events';
  }

  #wantsContent() {
    return this.#onProgress !== null || this.#listeners?.has('content') === true;
  }

  #flow(mode) {
    this.#mode = mode;
    this.#feed.flow(mode, this.#wantsContent(), this.#listeners?.has('reasoning') === true);
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

  /** Passes available values to the pending `next()` calls, or to the listeners. */
  #readOn() {
    if (!this.#hasReader) {
      this.#readForListeners();
      return;
    }
    while (!this.#waiters.isEmpty) {
      const value = this.#feed.read();
      if (value === NOTHING) return;
      // A listener may have ended the stream in the meantime, which resolves all waiters.
      this.#waiters.shift()?.(this.#resultOf(value));
    }
  }

  #readForListeners() {
    for (let value = this.#feed.read(); value !== NOTHING; value = this.#feed.read()) {
      if (value === END) {
        this.#conclude();
        return;
      }
      if (typeof value === 'string') this.#emit('content', value);
    }
  }

  #emit(name, value) {
    if (name === 'content' && this.#onProgress !== null) this.#context.run(this.#onProgress, value);
    this.#listeners?.emit(name, value, this.#context);
  }

  /** Ends the stream after its last value. Returns the error that the reader must receive, or null. */
  #conclude() {
    if (this.#end !== null) return null;
    const { details } = this.#feed.end;
    const error = details === null ? null : (this.#abortError ?? errorFrom(details, this.#trace, this.#abortReason));
    this.#close(error);
    if (error === null) this.#session?.note(this);
    else this.#session?.fail(error);
    if (error !== null) {
      this.#emit('error', error);
      return error;
    }
    const { usage, model } = JSON.parse(this.#call.outcome());
    this.#client.usage = usage ?? null;
    this.#client.actualModelUsed = model ?? null;
    this.#emit('end');
    return null;
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
    this.#onProgress = null;
    this.#listeners?.removeAll('content');
    this.#listeners?.removeAll('reasoning');
    this.#waiters?.resolveAll(DONE);
    this.#feed.stopWaiting();
    this.#flow('events');
    this.#readForListeners();
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

disposable(ChatCompletionStream, (stream) => stream.stop());

module.exports = { ChatCompletionStream };
