'use strict';

const { checkSignal } = require('../bridge/call.js');
const { OpenRouterError } = require('../errors.js');
const { linkSignal } = require('../util/signal.js');
const { setImmediate } = require('../util/timers.js');

const { AbortController } = globalThis;

/**
 * Work that takes several requests or steps, yields events, and has one result. A subclass has the async generator `work`,
 * which returns the result. It runs at the speed of the loop that reads the events, or by itself if there is no such loop.
 */
class Run {
  #controller = new AbortController();
  #given;
  #unlink;
  #isRead = false;
  #result;
  #settle;

  /** @param {AbortSignal | null | undefined} signal the caller's */
  constructor(signal) {
    this.#given = signal;
    this.#result = new Promise((resolve, reject) => { this.#settle = { resolve, reject }; });
    // A loop over the events throws the failure, too. Without this handler, a program that has only the loop would end with an
    // unhandled rejection.
    this.#result.catch(() => {});
    this.#unlink = linkSignal(signal, this);
  }

  abort(reason) {
    this.#controller.abort(reason);
  }

  [Symbol.asyncIterator]() {
    if (this.#isRead) throw new OpenRouterError('This run has its reader already. Use run.finalResult() for the result.', { code: 'invalid_request' });
    this.#isRead = true;
    return this.#events();
  }

  /** Resolves to the result at the end. Starts the work, unless a loop reads the events. */
  finalResult() {
    if (!this.#isRead) {
      setImmediate(() => {
        if (!this.#isRead) this.#runWithoutReader();
      });
    }
    return this.#result;
  }

  async #runWithoutReader() {
    try {
      for await (const _ of this);
    } catch {
      // The result has rejected with it.
    }
  }

  async *#events() {
    let isOver = false;
    try {
      checkSignal(this.#given, this.finalResult);
      const result = yield* this.work(this.#controller.signal);
      isOver = true;
      this.#settle.resolve(result);
    } catch (error) {
      isOver = true;
      this.#settle.reject(this.failed(error));
      throw error;
    } finally {
      this.#unlink();
      // The reader has left.
      if (!isOver) {
        const error = new OpenRouterError('Request aborted', { code: 'aborted' });
        this.#controller.abort(error);
        this.#settle.reject(this.failed(error));
      }
    }
  }

  /** Returns the error of failed work; a subclass may add to it what had come. */
  failed(error) {
    return error;
  }
}

module.exports = { Run };
