'use strict';

const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');

const { firstToken } = require('./short.js');

/** How many chats warm up, so that V8 has compiled the code. */
const WARM_UPS = 10;
/** How many chats come right after another at the end. */
const HOT = 3;

/**
 * Measures the time to the first token of chats, each on a new client: after pauses, and then without any. It says when it is
 * warm, and begins when its stdin has something, because the other processes have started then.
 */
async function pause({ url, pauseMs, count }, open) {
  const take = async (times, waitMs) => {
    const taken = [];
    for (let number = 0; number < times; number += 1) {
      if (waitMs > 0) await sleep(waitMs);
      taken.push(await asked(() => firstToken(open(url))));
    }
    return taken;
  };
  await take(WARM_UPS, 0);
  process.stdout.write('warm\n');
  await once(process.stdin, 'data');
  await take(1, 0);
  return { paused: await take(count, pauseMs), hot: await take(HOT, 0) };
}

/**
 * Asks again at once if that fails: a server may close a connection while the request is on its way, and the clients of the
 * benchmark send nothing twice. Resolves to the time since it asked first.
 */
async function asked(ask) {
  const start = performance.now();
  let lostMs = 0;
  const again = () => {
    lostMs = performance.now() - start;
    return ask();
  };
  const firstMs = await ask().catch(again);
  return lostMs + firstMs;
}

module.exports = pause;
