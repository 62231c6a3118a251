'use strict';

const { createHash } = require('node:crypto');

const { Meter } = require('../meter.js');

/** Measures concurrent streams that are read to their end. */
async function streams({ url, warmUps, count, paced, api }, open) {
  await warm(warmUps, open, api);
  const client = open(url);
  const meter = await Meter.start(paced);
  const seen = await readAll(client, count, api);
  return { ...(await meter.stop()), ...summed(client, seen) };
}

/** Warms up as in a server that has been running for a while: the code is compiled and the client knows the server. */
async function warm(warmUps, open, api) {
  for (const [times, warmUp] of warmUps) {
    const client = open(warmUp);
    for (let number = 0; number < times; number += 1) await read(client, api);
  }
}

/** Reads streams at once. Resolves to what each brought. */
function readAll(client, count, api) {
  return Promise.all(Array.from({ length: count }, () => read(client, api)));
}

/** Returns the number of events of all streams, and the digest of their text. Throws if their texts differ. */
function summed(client, seen) {
  const [{ text }] = seen;
  if (seen.some((one) => one.text !== text)) throw new Error('The streams brought different texts.');
  // Some clients do not see the events that the text comes in, or see only bytes.
  const events = seen.reduce((sum, one) => sum + one.events, 0);
  const digest = text === '' ? null : createHash('sha256').update(text).digest('hex');
  return { events: client.seesEvents === false ? null : events, text: digest };
}

async function read(client, api) {
  const seen = { events: 0, text: '' };
  const onEvent = (content) => {
    seen.events += 1;
    seen.text += content;
  };
  await (api === undefined ? client.stream(onEvent) : client.events(api, onEvent));
  return seen;
}

module.exports = streams;
Object.assign(module.exports, { readAll, summed, warm });
