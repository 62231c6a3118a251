'use strict';

/**
 * A web stream of the bytes of an iterator, which are read when they are asked for and not before.
 * @param {() => AsyncIterator<Uint8Array>} start makes the iterator; called when the first bytes are asked for
 */
function byteStreamOf(start) {
  let iterator;
  const reader = () => (iterator ??= start());
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

module.exports = { byteStreamOf };
