'use strict';

const { Meter } = require('../meter.js');
const { quantile } = require('../statistics.js');

/** Measures getting the list of models: by a request, and from the cache if the client has one. */
async function models({ url, count }, open) {
  const client = open(url);
  let found;
  for (let number = 0; number < 5; number += 1) found = await client.models();
  const times = [];
  const meter = await Meter.start();
  for (let number = 0; number < count; number += 1) {
    const asked = performance.now();
    await client.models();
    times.push(performance.now() - asked);
  }
  const { cpuMs, mainMs } = await meter.stop();
  const cold = { wallMs: quantile(times, 0.5), cpuMs: cpuMs / count, mainMs: mainMs / count, found: found.length };
  if (!client.cachedModels) return cold;
  const empty = async () => found;
  const calls = count * 2000;
  await perCall(empty, calls / 10);
  await perCall(client.cachedModels, calls / 10);
  return { ...cold, cachedUs: await perCall(client.cachedModels, calls), emptyUs: await perCall(empty, calls) };
}

/** Resolves to the microseconds per call. */
async function perCall(call, calls) {
  const started = performance.now();
  for (let number = 0; number < calls; number += 1) await call();
  return ((performance.now() - started) * 1000) / calls;
}

module.exports = models;
