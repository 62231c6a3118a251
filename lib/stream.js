'use strict';

const { attempt } = require('./util/call-safely.js');
const { bodyOf } = require('./util/byte-stream.js');
const { OpenRouterError, errorFrom } = require('./errors.js');
const { Feed, NOTHING } = require('./bridge/feed.js');
const { StreamIterator, disposable } = require('./util/iterator.js');
const { Listeners } = require('./util/listeners.js');
const { linkSignal } = require('./bridge/signal.js');

const later = setImmediate;

/** A chat completion that is being streamed. See `index.d.ts` for what each member promises. */
class ChatCompletionStream {
  #call;
  #feed;
  #client;
  #trace;
  #aborted = false;
  #reason;
  #unlink;
  #onProgress;
  #previousModel;
  /** Once there are any. */
  #listeners = null;
  /** What is read: null until somebody asks, then `chunks`, `text`, `deltas`, `bytes` or `events`. */
  #mode = null;
  #scheduled = false;
  /** Who waits for the next value, and those who asked after them. */
  #waiter = null;
  #others = null;
  /** The end, once it was reached: `{ error }`, which is undefined where the reader left and nobody has asked yet. */
  #end = null;
  #draining = false;
  /** Who waits for the end. */
  #finals = null;
  #body = null;

  /** For all streams, and nobody else: with functions of its own each would be larger by half. */
  static #handlers = {
    onBatch: (stream) => stream.#receive(),
    onEvent: (stream, name, value) => stream.#tell(name, value),
  };
  static #way = {
    next: (stream) => (stream.#draining ? Promise.resolve({ value: undefined, done: true }) : stream.#next()),
    // A drain was asked for by name: leaving the loop does not take it back.
    leave: (stream) => stream.#draining || stream.#cancel(),
  };

  /**
   * @param {object} call the native call
   * @param {object} options for this package's own use: `client` is told of the end, `previousModel` is its last one
   */
  constructor(call, { client, signal, onProgress, previousModel, trace }) {
    this.#call = call;
    this.#feed = new Feed(call, this, ChatCompletionStream.#handlers);
    this.#client = client;
    this.#trace = trace;
    this.#onProgress = typeof onProgress === 'function' ? onProgress : null;
    this.#previousModel = previousModel;
    this.#unlink = linkSignal(signal, this);
    if (signal?.aborted) this.abort(signal.reason);
    else if (this.#onProgress) this.#askToFlow();
  }

  get id() {
    return this.#fact('id');
  }

  get generationId() {
    return this.#fact('generationId');
  }

  get requestedModel() {
    return this.#fact('requestedModel');
  }

  get model() {
    return this.#fact('model');
  }

  get provider() {
    return this.#fact('provider');
  }

  get usage() {
    return this.#fact('usage');
  }

  get cost() {
    return this.#fact('cost');
  }

  get totalCost() {
    return this.#fact('totalCost');
  }

  get finishReason() {
    return this.#fact('finishReason');
  }

  get fallback() {
    return this.#fact('fallback');
  }

  get modelSwitch() {
    const { model } = this;
    const from = this.#previousModel;
    return from && model && from !== model ? { from, to: model } : null;
  }

  get metrics() {
    return this.#fact('metrics');
  }

  get partial() {
    return JSON.parse(this.#call.partial());
  }

  get body() {
    this.#body ??= bodyOf(() => this.#iterate('bytes'));
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

  on(name, listener) {
    this.#listeners ??= new Listeners();
    this.#listeners.add(name, listener);
    if (this.#feed.isFlowing && (name === 'content' || name === 'reasoning')) this.#flow(this.#mode);
    if (name === 'content' || name === 'end') this.#askToFlow();
    return this;
  }

  once(name, listener) {
    // Refused by `on`.
    if (typeof listener !== 'function') return this.on(name, listener);
    const first = (value) => {
      this.off(name, first);
      return listener(value);
    };
    first.listener = listener;
    return this.on(name, first);
  }

  off(name, listener) {
    this.#listeners?.remove(name, listener);
    return this;
  }

  finalCompletion() {
    const ended = this.#ended();
    this.#askToFlow();
    return ended.then(() => JSON.parse(this.#call.completion()));
  }

  abort(reason) {
    if (this.#feed.end !== null || this.#end !== null || this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#unlink();
    this.#begin();
    this.#call.abort();
  }

  /** Delivers no more. With `drain` the rest is still read, for its usage; else the request is closed. */
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

  /** Reads on for who waits for the end; readers and listeners of the text are told that it is over. */
  #drain() {
    if (this.#draining) return;
    this.#draining = true;
    this.#release();
    this.#onProgress = null;
    this.#listeners?.removeAll('content');
    this.#listeners?.removeAll('reasoning');
    // Who listens for the usage still hears of it.
    while (this.#feed.shift() !== NOTHING);
    this.#flow('events');
    this.#run();
  }

  #fact(name) {
    return JSON.parse(this.#call.properties())[name] ?? null;
  }

  #iterate(mode) {
    if (this.#mode !== null) {
      throw new OpenRouterError('This stream is being read already: it has one consumer.', { code: 'invalid_request' });
    }
    this.#mode = mode;
    return new StreamIterator(this, ChatCompletionStream.#way);
  }

  /** A reader begins with its first `next()`: listeners that are added before it miss nothing. */
  #begin() {
    if (this.#mode !== null && !this.#feed.isFlowing) this.#flow(this.#mode);
  }

  /** Says what is wanted. Until then the first words of a stream are held, and little more is read. */
  #flow(mode) {
    this.#mode = mode;
    this.#feed.flow(mode, this.#wantsContent(), this.#listeners?.has('reasoning') === true);
  }

  /** Lets it flow without a reader, unless one comes in this turn: listeners added meanwhile miss nothing. */
  #askToFlow() {
    if (this.#mode === 'events') this.#flow(this.#textMode());
    if (this.#mode !== null || this.#scheduled) return;
    this.#scheduled = true;
    later(() => {
      if (this.#mode !== null) return;
      this.#flow(this.#textMode());
      this.#run();
    });
  }

  #textMode() {
    return this.#wantsContent() ? 'deltas' : 'events';
  }

  #wantsContent() {
    return this.#onProgress !== null || this.#listeners?.has('content') === true;
  }

  #next() {
    // Whoever asked before comes first.
    if (this.#waiter !== null) return new Promise((resolve) => (this.#others ??= []).push(resolve));
    do {
      const value = this.#feed.shift();
      if (value !== NOTHING) return Promise.resolve({ value, done: false });
      // A listener that heard of what was on the way may have asked for it.
      if (this.#draining) return Promise.resolve({ value: undefined, done: true });
      if (this.#isOver()) return this.#last();
      this.#begin();
    } while (this.#feed.pull());
    return new Promise((resolve) => {
      this.#waiter = resolve;
      this.#feed.wait();
    });
  }

  #isOver() {
    return this.#end !== null || this.#feed.end !== null;
  }

  /** The end, for who asks for more: an error is told once. */
  #last() {
    const error = this.#conclude();
    return error === null ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(error);
  }

  /** More was taken in. */
  #receive() {
    if (this.#mode === 'deltas' || this.#mode === 'events') {
      this.#run();
      return;
    }
    while (this.#waiter !== null) {
      const value = this.#feed.shift();
      // As above: its readers were told, and what is left is read for nobody.
      if (this.#draining) return;
      if (value === NOTHING && !this.#isOver()) {
        if (this.#feed.pull()) continue;
        this.#feed.wait();
        return;
      }
      // A listener that heard of it may have sent the reader away meanwhile.
      this.#nextWaiter()?.(value === NOTHING ? this.#last() : { value, done: false });
    }
  }

  /** Who has waited for longest; it is told before anybody else hears of the end. */
  #nextWaiter() {
    const waiter = this.#waiter;
    this.#waiter = this.#others?.shift() ?? null;
    return waiter;
  }

  /** Reads without a reader, until there is nothing more for now. */
  #run() {
    do {
      for (let content = this.#feed.shift(); content !== NOTHING; content = this.#feed.shift()) {
        if (typeof content === 'string') this.#tell('content', content);
      }
      if (this.#isOver()) {
        this.#conclude();
        return;
      }
    } while (this.#feed.pull());
    this.#feed.wait();
  }

  #tell(name, value) {
    if (name === 'content' && this.#onProgress !== null) attempt(this.#onProgress, value);
    this.#listeners?.tell(name, value);
  }

  /** All is read: who waits for the end is told, once. Gives the error that is still to be told to the reader. */
  #conclude() {
    if (this.#end !== null) return null;
    const { facts } = this.#feed.end;
    const error = facts === null ? null : errorFrom(facts, this.#trace, this.#reason);
    this.#close(error);
    if (error !== null) {
      this.#listeners?.tell('error', error);
      return error;
    }
    const { usage, model } = JSON.parse(this.#call.outcome());
    this.#client.usage = usage ?? null;
    this.#client.actualModelUsed = model ?? null;
    this.#listeners?.tell('end');
    return null;
  }

  /** The reader has gone: the request is closed, and only who waits for the whole is told. */
  #cancel() {
    this.#release();
    if (this.#end !== null) return;
    this.#call.abort();
    this.#feed.discard();
    this.#close(undefined);
  }

  #close(error) {
    this.#end = { error };
    this.#unlink();
    for (const final of this.#finals ?? []) this.#settle(final);
    this.#finals = null;
  }

  #settle({ resolve, reject }) {
    if (this.#end.error === undefined) this.#end.error = this.#leftError();
    if (this.#end.error === null) resolve();
    else reject(this.#end.error);
  }

  /** The error of a stream that was left, with what there was; it is the addon's, but for a stream that had all come. */
  #leftError() {
    return errorFrom(JSON.parse(this.#call.abortError()), this.#trace, this.#reason);
  }

  /** A promise of the end, or of the error that it was. */
  #ended() {
    return new Promise((resolve, reject) => {
      if (this.#end === null) (this.#finals ??= []).push({ resolve, reject });
      else this.#settle({ resolve, reject });
    });
  }

  #release() {
    this.#feed.leave();
    while (this.#waiter !== null) this.#nextWaiter()({ value: undefined, done: true });
  }
}

disposable(ChatCompletionStream, (stream) => stream.stop());

module.exports = { ChatCompletionStream };
