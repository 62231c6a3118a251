'use strict';

const { Meter } = require('../meter.js');
const { quantile } = require('../statistics.js');

/** Measures short chats, one after another, each on a new client: the time to the first token, and the cost. */
async function short({ url, count }, open) {
  for (let number = 0; number < count / 4; number += 1) await firstToken(open(url));
  const times = [];
  const meter = await Meter.start();
  for (let number = 0; number < count; number += 1) times.push(await firstToken(open(url)));
  const { cpuMs, mainMs, rssMiB } = await meter.stop();
  return { firstMs: quantile(times, 0.5), firstP99Ms: quantile(times, 0.99), cpuMs: cpuMs / count, mainMs: mainMs / count, rssMiB };
}

async function firstToken(client) {
  const asked = performance.now();
  let first = null;
  await client.stream((content) => {
    if (content !== '') first ??= performance.now() - asked;
  });
  if (first === null) throw new Error('No token came.');
  return first;
}

module.exports = short;
module.exports.firstToken = firstToken;
