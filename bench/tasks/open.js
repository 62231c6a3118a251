'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** How many streams are opened at the same time. More would overflow the queue of the listening socket. */
const AT_A_TIME = 100;

/** Measures the memory that each open stream takes while the server sends nothing more. */
async function open({ url, warmUp, count }, openClient) {
  await openClient(warmUp).stream(() => {});
  const client = openClient(url);
  const before = await settled();
  let opened = 0;
  const opener = async () => {
    while (opened < count) {
      opened += 1;
      // The stream never ends, so wait for its first event.
      await new Promise((resolve, reject) => { client.stream(resolve).catch(reject); });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, opener));
  const after = await settled();
  return { kibPerStream: (after - before) / 1024 / count, rssMiB: after / 2 ** 20 };
}

/** Resolves to the memory in use after garbage collection, in bytes. */
async function settled() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await sleep(100);
  }
  return process.memoryUsage().rss;
}

module.exports = open;
