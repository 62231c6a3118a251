'use strict';

const { after } = require('./clock');

const DEFAULT_TIMEOUT_MS = 5000;

/** The records of the requests that an emulator received, and those who wait for one. */
class Requests {
  /** The records, oldest first. It is the array that users read, so it stays the same one. */
  list = [];
  #limit;
  #waiting = new Set();
  /** How many of `list` were handed out by `next`. */
  #taken = 0;
  #isClosed = false;

  constructor(limit) {
    this.#limit = limit;
  }

  /** Adds the record of a request whose body has been read, and hands it to those who wait for it. */
  add(record) {
    this.list.push(record);
    if (this.list.length > this.#limit) {
      this.list.shift();
      this.#taken = Math.max(this.#taken - 1, 0);
    }
    const waiting = [...this.#waiting];
    for (const waiter of waiting) {
      try {
        if (waiter.predicate?.(record)) waiter.settle(record);
      } catch (error) {
        waiter.fail(error);
      }
    }
    // Those who wait in `next` have no predicate. Each record goes to one of them, in the order of their calls.
    const first = waiting.find(({ predicate }) => predicate === null);
    if (!first) return;
    this.#taken = this.list.length;
    first.settle(record);
  }

  clear() {
    this.list.length = 0;
    this.#taken = 0;
  }

  /** Resolves to the first past or future record for which the predicate holds. */
  async find(predicate, timeoutMs) {
    return this.list.find(predicate) ?? this.#wait(predicate, { timeout: timeoutMs });
  }

  /** Resolves to the oldest record that no earlier call got, or to the next one that arrives. */
  async next({ timeout, signal } = {}) {
    signal?.throwIfAborted();
    if (this.#taken < this.list.length) {
      this.#taken += 1;
      return this.list[this.#taken - 1];
    }
    return this.#wait(null, { timeout, signal });
  }

  /** Ends all waits: nothing more will arrive. */
  close() {
    this.#isClosed = true;
    for (const waiter of [...this.#waiting]) waiter.fail(closedError());
  }

  #wait(predicate, { timeout = DEFAULT_TIMEOUT_MS, signal }) {
    if (typeof timeout !== 'number' || !(timeout >= 0)) return Promise.reject(new TypeError('timeout must be a number of milliseconds.'));
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const finish = (done) => (value) => {
        cancelTimeout();
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(waiter);
        done(value);
      };
      const waiter = { predicate, settle: finish(resolve), fail: finish(reject) };
      const onAbort = () => waiter.fail(signal.reason);
      const late = () => waiter.fail(new Error(`No such request within ${timeout} ms; there were ${this.list.length} others`));
      const cancelTimeout = after(timeout, late);
      signal?.addEventListener('abort', onAbort);
      this.#waiting.add(waiter);
    });
  }
}

function closedError() {
  return new Error('The emulator was closed while a test waited for a request.');
}

module.exports.Requests = Requests;
