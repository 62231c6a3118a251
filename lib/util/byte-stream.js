'use strict';

/**
 * Returns a web stream of the bytes of an iterator. The iterator is read on demand, not ahead.
 * @param {() => AsyncIterator<Uint8Array>} start creates the iterator; called when the stream is first read or cancelled
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
