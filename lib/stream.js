'use strict';

const { AnswerStream, inner } = require('./answer-stream.js');
const { withText } = require('./completion.js');
const { CallContext } = require('./util/call-context.js');
const { tellFacts } = require('./util/facts.js');
const { Listeners } = require('./util/listeners.js');

const INSTEAD = {
  all: 'Use stream.partial for what has arrived, stream.finalCompletion() for the whole answer, or stream.tee(2) in place of both readers.',
  events: 'finalCompletion(), stop() or a listener',
};

/** A chat completion that is being streamed. `index.d.ts` documents its members. */
class ChatCompletionStream extends AnswerStream {
  #client;
  #session;
  #onProgress;
  /** In which the listeners run. */
  #context = new CallContext();
  #previousModel;
  /** Created when the first listener is added. */
  #listeners = null;

  static form = 'chunks';

  static #own = {
    instead: INSTEAD,
    modeAlone: (stream) => (stream.#wantsContent() ? 'deltas' : 'events'),
    onEnd: (stream, error) => stream.#onEnd(error),
    onEvent: (stream, name, value) => stream.#emit(name, value),
    onText: (stream, text) => stream.#emit('content', text),
    wants: (stream) => ({ content: stream.#wantsContent(), reasoning: stream.#wantsText('reasoning') }),
  };

  static {
    tellFacts(this, inner.callOf, ['finishReason']);
  }

  /**
   * @param {object} call the native call
   * @param {object} options `client` receives the usage and model at the end, `previousModel` is the model of its last
   * completion, `session` learns how it ended
   */
  constructor(call, { client, signal, onProgress, previousModel, session, trace }) {
    super(call, { signal, trace }, ChatCompletionStream.#own);
    this.#client = client;
    this.#session = session;
    this.#onProgress = typeof onProgress === 'function' ? onProgress : null;
    this.#previousModel = previousModel;
    if (this.#onProgress && !signal?.aborted) inner.startSoon(this);
  }

  get modelSwitch() {
    const { model } = this;
    const from = this.#previousModel;
    return from && model && from !== model ? { from, to: model } : null;
  }

  tee(count = 2) {
    return require('./helpers/tee.js').tee(() => inner.iterate(this, 'chunks'), count);
  }

  on(name, listener) {
    this.#listeners ??= new Listeners();
    this.#listeners.add(name, listener);
    if (name === 'content' || name === 'reasoning') inner.reflow(this);
    if (name === 'content' || name === 'end') inner.startSoon(this);
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
    return inner.final(this).then(withText);
  }

  #wantsContent() {
    return this.#onProgress !== null || this.#wantsText('content');
  }

  #wantsText(name) {
    return this.#listeners?.has(name) === true;
  }

  #emit(name, value) {
    // During a drain, listeners of text receive nothing.
    if ((name === 'content' || name === 'reasoning') && inner.isDraining(this)) return;
    if (name === 'content' && this.#onProgress !== null) this.#context.run(this.#onProgress, value);
    this.#listeners?.emit(name, value, this.#context);
  }

  #onEnd(error) {
    if (error !== null) {
      this.#session?.fail(error);
      this.#emit('error', error);
      return;
    }
    this.#session?.note(this);
    const { usage, model } = JSON.parse(inner.callOf(this).outcome());
    this.#client.usage = usage ?? null;
    this.#client.actualModelUsed = model ?? null;
    this.#emit('end');
  }
}

module.exports = { ChatCompletionStream };
