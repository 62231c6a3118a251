'use strict';

const { Meter } = require('../meter.js');
const { MODEL } = require('../request.js');

const TEXT = 'Here is the report, "as agreed".\nPlease read all of it, and say what is missing. ';

/** Measures requests with a long prompt: the CPU time of the main thread, and that of `JSON.stringify` alone to compare. */
async function prompt({ url, count, size }, open) {
  const client = open(url);
  const params = { model: MODEL, messages: [{ role: 'user', content: TEXT.repeat(size / TEXT.length) }] };
  for (let number = 0; number < 5; number += 1) {
    JSON.stringify(params);
    await client.complete(params);
  }
  const writing = await mainPerCall(() => JSON.stringify(params), count);
  const { mainMs, wallMs, cpuMs } = await mainPerCall(() => client.complete(params), count);
  return { mainMs, wallMs, cpuMs, stringifyMs: writing.mainMs };
}

async function mainPerCall(call, count) {
  const meter = await Meter.start();
  for (let number = 0; number < count; number += 1) await call();
  const { mainMs, wallMs, cpuMs } = await meter.stop();
  return { mainMs: mainMs / count, wallMs: wallMs / count, cpuMs: cpuMs / count };
}

module.exports = prompt;
