'use strict';

/**
 * The one reader of a stream. It is a class for a reason: V8 keeps an object that was given a method after it was made,
 * and all that it leads to, until a full collection.
 */
class StreamIterator {
  #leave;

  /**
   * @param {() => Promise<IteratorResult<unknown>>} next
   * @param {() => void} leave told when the reader goes before the end
   */
  constructor(next, leave) {
    this.next = next;
    this.#leave = leave;
  }

  return(value) {
    this.#leave();
    return Promise.resolve({ value, done: true });
  }

  throw(error) {
    this.#leave();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** Has `await using` end objects of `type` with `end`, where the runtime has it. */
function disposable(type, end) {
  if (!Symbol.asyncDispose) return;
  Object.defineProperty(type.prototype, Symbol.asyncDispose, {
    value: async function dispose() {
      await end(this);
    },
  });
}

disposable(StreamIterator, (iterator) => iterator.return());

module.exports = { StreamIterator, disposable };
