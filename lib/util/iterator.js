'use strict';

/**
 * The async iterator of a stream. It is a class, because V8 keeps an object to which methods were added after its creation,
 * and everything that the object refers to, until a full garbage collection.
 */
class StreamIterator {
  #stream;
  #methods;

  /**
   * @template Stream
   * @param {Stream} stream
   * @param {{ next(stream: Stream): Promise<IteratorResult<unknown>>, leave(stream: Stream): void }} methods `leave` is
   * called when the reader leaves before the end
   */
  constructor(stream, methods) {
    this.#stream = stream;
    this.#methods = methods;
  }

  next() {
    return this.#methods.next(this.#stream);
  }

  return(value) {
    this.#methods.leave(this.#stream);
    return Promise.resolve({ value, done: true });
  }

  throw(error) {
    this.#methods.leave(this.#stream);
    return Promise.reject(error);
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** Makes `await using` call `end` for objects of the class `type`, if the runtime supports it. */
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
