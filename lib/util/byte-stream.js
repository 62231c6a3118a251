'use strict';

/**
 * The body of a stream: its bytes as they are asked for, and none before.
 * @param {() => AsyncIterator<Uint8Array>} read begins to read; called when the first bytes are asked for
 */
function bodyOf(read) {
  let iterator;
  const reader = () => (iterator ??= read());
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

module.exports = { bodyOf };
