'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { Meter } = require('../meter.js');
const { Words, figuresOf } = require('../words.js');

/** Measures many chats at once, each on a new client: the cost of a chat, and the delay of its words since they were sent. */
async function agents({ url, warmUp, count, apartMs, words }, open) {
  await open(warmUp).stream(() => {});
  const chats = Array.from({ length: count }, () => new Words());
  const meter = await Meter.start();
  await Promise.all(
    chats.map(async (chat, at) => {
      // Users do not all ask in the same moment, and the start of an agent takes milliseconds.
      await sleep(at * apartMs);
      await open(url).stream((text) => chat.add(text));
    }),
  );
  const { wallMs, cpuMs, mainMs, rssMiB } = await meter.stop();
  const figures = { wallMs, cpuMs: cpuMs / count, mainMs: mainMs / count, rssMiB, found: words * count };
  return { ...figures, ...figuresOf(chats, words) };
}

module.exports = agents;
