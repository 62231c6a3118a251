'use strict';

/**
 * The one reader of a stream. It is a class for a reason: V8 keeps an object that was given a method after it was made,
 * and all that it leads to, until a full collection.
 */
class StreamIterator {
  #stream;
  #way;

  /**
   * @template Stream
   * @param {Stream} stream
   * @param {{ next(stream: Stream): Promise<IteratorResult<unknown>>, leave(stream: Stream): void }} way how it is read,
   *   and told that its reader goes before the end
   */
  constructor(stream, way) {
    this.#stream = stream;
    this.#way = way;
  }

  next() {
    return this.#way.next(this.#stream);
  }

  return(value) {
    this.#way.leave(this.#stream);
    return Promise.resolve({ value, done: true });
  }

  throw(error) {
    this.#way.leave(this.#stream);
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
