'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { firstToken } = require('./short.js');

/** How many chats warm up, so that V8 has compiled the code. */
const WARM_UPS = 20;
/** How many chats come right after another at the end, when the other processes have started. */
const HOT = 3;

/** Measures the time to the first token of chats, each on a new client: after pauses, and then without any. */
async function pause({ url, seconds, count }, open) {
  const take = async (times, pauseMs) => {
    const taken = [];
    for (let number = 0; number < times; number += 1) {
      if (pauseMs > 0) await sleep(pauseMs);
      taken.push(await firstToken(open(url)));
    }
    return taken;
  };
  await take(WARM_UPS, 0);
  return { paused: await take(count, seconds * 1000), hot: await take(HOT, 0) };
}

module.exports = pause;
