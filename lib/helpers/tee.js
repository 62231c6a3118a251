'use strict';

const { OpenRouterError, wrongOption } = require('../errors.js');
const { StreamIterator } = require('../util/iterator.js');

/** How many chunks the fastest reader may be ahead of the slowest. It waits then, so that memory is bounded. */
const MAX_AHEAD = 1024;

const DONE = { value: undefined, done: true };

const METHODS = {
  next: (reader) => reader.next(),
  leave: (reader) => reader.leave(),
};

/**
 * Returns several iterators of the same chunks.
 * @param {() => AsyncIterator<unknown>} start begins to read the stream
 * @param {number} count
 */
function tee(start, count) {
  if (!Number.isInteger(count) || count < 1 || count > 100) throw wrongOption('count', 'a number of readers from 1 to 100');
  const shared = new Shared(start());
  return Array.from({ length: count }, () => new StreamIterator(new Reader(shared), METHODS));
}

/** The chunks that not all readers have taken yet. */
class Shared {
  #source;
  #readers = new Set();
  /** The chunks from number `#first` on. */
  #chunks = [];
  #first = 0;
  /** The end: `{ error }`. */
  #end = null;
  #isReading = false;
  #waiting = [];

  constructor(source) {
    this.#source = source;
  }

  add(reader) {
    this.#readers.add(reader);
  }

  /** Resolves to the result of `next()` for a reader. */
  async next(reader) {
    while (this.#readers.has(reader)) {
      const at = reader.at - this.#first;
      if (at < this.#chunks.length) {
        const value = this.#chunks[at];
        reader.at += 1;
        this.#forget();
        return { value, done: false };
      }
      if (this.#end !== null) {
        if (this.#end.error === undefined || reader.hasFailed) return DONE;
        reader.hasFailed = true;
        throw this.#end.error;
      }
      if (this.#chunks.length >= MAX_AHEAD) this.#checkThatAllRead();
      await this.#more();
    }
    return DONE;
  }

  /** A reader that never begins would make the others wait for ever. */
  #checkThatAllRead() {
    if ([...this.#readers].every((reader) => reader.hasBegun)) return;
    throw new OpenRouterError(
      `A reader of tee() is ${MAX_AHEAD} chunks ahead of one that has not begun. Read all of them at the same time, or leave one with return().`,
      { code: 'invalid_request' },
    );
  }

  leave(reader) {
    this.#readers.delete(reader);
    this.#wake();
    if (this.#readers.size > 0) {
      this.#forget();
      return;
    }
    this.#end ??= { error: undefined };
    this.#chunks = [];
    this.#source.return();
  }

  /** Waits until there is another chunk, the end, or room for another chunk. */
  #more() {
    const changed = new Promise((resolve) => { this.#waiting.push(resolve); });
    if (!this.#isReading && this.#chunks.length < MAX_AHEAD) this.#read();
    return changed;
  }

  async #read() {
    this.#isReading = true;
    try {
      const { value, done } = await this.#source.next();
      if (done) this.#end ??= { error: undefined };
      else this.#chunks.push(value);
    } catch (error) {
      this.#end ??= { error };
    }
    this.#isReading = false;
    this.#wake();
  }

  /** Forgets the chunks that all readers have taken. */
  #forget() {
    const slowest = Math.min(...[...this.#readers].map((reader) => reader.at));
    const taken = slowest - this.#first;
    if (taken <= 0) return;
    const wasFull = this.#chunks.length >= MAX_AHEAD;
    this.#chunks.splice(0, taken);
    this.#first = slowest;
    if (wasFull) this.#wake();
  }

  #wake() {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** The place of one reader. Its calls of `next()` are answered in their order. */
class Reader {
  at = 0;
  hasBegun = false;
  hasFailed = false;
  #shared;
  #last = Promise.resolve();

  constructor(shared) {
    this.#shared = shared;
    shared.add(this);
  }

  next() {
    this.hasBegun = true;
    const result = this.#last.then(() => this.#shared.next(this));
    this.#last = result.catch(() => {});
    return result;
  }

  leave() {
    this.#shared.leave(this);
  }
}

module.exports = { tee };
