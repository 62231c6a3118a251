'use strict';

const { attempt } = require('./attempt.js');
const { OpenRouterError, errorFrom } = require('./errors.js');
const { Feed, NOTHING } = require('./feed.js');
const { StreamIterator, disposable } = require('./iterator.js');
const { linkSignal } = require('./signal.js');

const later = setImmediate;

/** A chat completion that is being streamed. See `index.d.ts` for what each member promises. */
class ChatCompletionStream {
  #call;
  #feed;
  #trace;
  #aborted = false;
  #reason;
  #unlink;
  #onProgress;
  #onEnd;
  #previousModel;
  #listeners = new Map();
  /** What is read: null until somebody asks, then `chunks`, `text`, `deltas`, `bytes` or `events`. */
  #mode = null;
  #scheduled = false;
  #waiters = [];
  #onBatch = () => this.#receive();
  /** The end, once it was reached: `{ error }`. */
  #end = null;
  #draining = false;
  #finals = [];
  #body = null;

  /** @param {object} call the native call @param {object} options for this package's own use */
  constructor(call, { signal, onProgress, onEnd, previousModel, trace }) {
    this.#call = call;
    this.#feed = new Feed(call, (name, value) => this.#tell(name, value));
    this.#trace = trace;
    this.#onProgress = typeof onProgress === 'function' ? onProgress : null;
    this.#onEnd = onEnd;
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
    this.#body ??= this.#makeBody();
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
    if (typeof listener !== 'function') {
      throw new OpenRouterError(`The listener of '${name}' must be a function.`, { code: 'invalid_option' });
    }
    const listeners = this.#listeners.get(name) ?? [];
    this.#listeners.set(name, [...listeners, listener]);
    if (this.#mode !== null && (name === 'content' || name === 'reasoning')) this.#flow(this.#mode);
    if (name === 'content' || name === 'end') this.#askToFlow();
    return this;
  }

  once(name, listener) {
    const first = (value) => {
      this.off(name, first);
      return listener(value);
    };
    return this.on(name, first);
  }

  off(name, listener) {
    const listeners = this.#listeners.get(name) ?? [];
    this.#listeners.set(name, listeners.filter((one) => one !== listener));
    return this;
  }

  finalCompletion() {
    const ended = new Promise((resolve, reject) => {
      if (this.#end !== null) settle({ resolve, reject }, this.#end.error);
      else this.#finals.push({ resolve, reject });
    });
    this.#askToFlow();
    return ended.then(() => JSON.parse(this.#call.completion()));
  }

  abort(reason) {
    if (this.#feed.end !== null || this.#end !== null || this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#unlink();
    this.#call.abort();
    if (!this.#feed.isWaiting) return;
    this.#feed.release();
    this.#feed.pullNow();
    this.#receive();
  }

  /** Delivers no more. With `drain` the rest is still read, for its usage; else the request is closed. */
  async stop(options) {
    if (this.#end !== null) return this.usage;
    if (!options?.drain) {
      this.#cancel();
      return this.usage;
    }
    const ended = new Promise((resolve, reject) => this.#finals.push({ resolve, reject }));
    this.#drain();
    await ended;
    return this.usage;
  }

  /** Reads on for who waits for the end; readers and listeners of the text are told that it is over. */
  #drain() {
    if (this.#draining) return;
    this.#draining = true;
    this.#release();
    this.#feed.discard();
    this.#onProgress = null;
    this.#listeners.delete('content');
    this.#listeners.delete('reasoning');
    this.#flow('events');
    this.#run();
  }

  #fact(name) {
    return JSON.parse(this.#call.facts())[name] ?? null;
  }

  #iterate(mode) {
    if (this.#mode !== null) {
      throw new OpenRouterError('This stream is being read already: it has one consumer.', { code: 'invalid_request' });
    }
    this.#flow(mode);
    const next = () => (this.#draining ? Promise.resolve({ value: undefined, done: true }) : this.#next());
    const leave = () => {
      // A drain was asked for by name: leaving the loop does not take it back.
      if (!this.#draining) this.#cancel();
    };
    return new StreamIterator(next, leave);
  }

  /** Says what is wanted. Until then the first words of a stream are held, and little more is read. */
  #flow(mode) {
    this.#mode = mode;
    const wanted = (name) => (this.#listeners.get(name)?.length ?? 0) > 0;
    this.#feed.flow(mode, this.#onProgress !== null || wanted('content'), wanted('reasoning'));
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
    return this.#onProgress || this.#listeners.get('content')?.length ? 'deltas' : 'events';
  }

  #next() {
    // Whoever asked before comes first.
    while (this.#waiters.length === 0) {
      const value = this.#feed.shift();
      if (value !== NOTHING) return Promise.resolve({ value, done: false });
      if (this.#isOver()) return this.#last();
      if (!this.#feed.pull()) break;
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#wait();
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

  #wait() {
    this.#feed.wait(this.#onBatch);
  }

  /** More was taken in. */
  #receive() {
    if (this.#mode === 'deltas' || this.#mode === 'events') {
      this.#run();
      return;
    }
    while (this.#waiters.length > 0) {
      const value = this.#feed.shift();
      if (value !== NOTHING) {
        this.#waiters.shift().resolve({ value, done: false });
      } else if (this.#isOver()) {
        const waiter = this.#waiters.shift();
        this.#last().then(waiter.resolve, waiter.reject);
      } else if (!this.#feed.pull()) {
        this.#wait();
        return;
      }
    }
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
    this.#wait();
  }

  #tell(name, value) {
    if (name === 'content' && this.#onProgress) attempt(this.#onProgress, value);
    this.#emit(name, value);
  }

  /** A listener that throws is its owner's trouble, not the stream's. */
  #emit(name, value) {
    for (const listener of this.#listeners.get(name) ?? []) attempt(listener, value);
  }

  /** All is read: who waits for the end is told, once. Gives the error that is still to be told to the reader. */
  #conclude() {
    if (this.#end !== null) return null;
    const { facts } = this.#feed.end;
    const error = facts === null ? null : errorFrom(facts, this.#trace, this.#reason);
    this.#close(error);
    this.#onEnd(JSON.parse(this.#call.outcome()));
    if (error === null) this.#emit('end');
    else this.#emit('error', error);
    return error;
  }

  /** The reader has gone: the request is closed, and only who waits for the whole is told. */
  #cancel() {
    this.#release();
    if (this.#end !== null) return;
    this.#call.abort();
    this.#feed.discard();
    this.#close(new OpenRouterError('Request aborted', { code: 'aborted' }));
  }

  #close(error) {
    this.#end = { error };
    this.#unlink();
    for (const final of this.#finals.splice(0)) settle(final, error);
  }

  #release() {
    this.#feed.release();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ value: undefined, done: true });
  }

  #makeBody() {
    let iterator;
    const reader = () => (iterator ??= this.#iterate('bytes'));
    const source = {
      type: 'bytes',
      async pull(controller) {
        const { value, done } = await reader().next();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        controller.close();
        controller.byobRequest?.respond(0);
      },
      async cancel() {
        await reader().return();
      },
    };
    return new ReadableStream(source, { highWaterMark: 0 });
  }
}

disposable(ChatCompletionStream, (stream) => stream.stop());

function settle({ resolve, reject }, error) {
  if (error === null) resolve();
  else reject(error);
}

module.exports = { ChatCompletionStream };
