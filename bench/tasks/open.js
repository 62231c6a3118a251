'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** Streams opened at a time: more would be refused for want of room in the queue of the listening socket. */
const AT_A_TIME = 100;

/** Streams that stay open without a word: the memory that each holds. */
async function open({ url, warmUp, count }, openClient) {
  await openClient(warmUp).stream(() => {});
  const client = openClient(url);
  const before = await settled();
  let opened = 0;
  const opener = async () => {
    while (opened < count) {
      opened += 1;
      // It does not end: its first event is what is waited for.
      await new Promise((resolve, reject) => { client.stream(resolve).catch(reject); });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, opener));
  const after = await settled();
  return { kibPerStream: (after - before) / 1024 / count, rssMiB: after / 2 ** 20 };
}

/** Memory in use once the garbage is gone. */
async function settled() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await sleep(100);
  }
  return process.memoryUsage().rss;
}

module.exports = open;
