'use strict';

// Runs as a worker: reads honest streams, each of which must bring every event in order, and measures how long each event took
// from the server's write to this thread's JavaScript. The hostile calls run on another thread, so that their JavaScript does not
// count: what remains is the network thread, which all threads share, and the machine. `workerData`: url, seconds, count, key.
const { createHistogram } = require('node:perf_hooks');
const { parentPort, workerData } = require('node:worker_threads');

const { OpenRouterClient } = require('../..');
const { EVENTS } = require('./pace.js');

const now = () => performance.timeOrigin + performance.now();

async function main({ url, seconds, count, key }) {
  const client = new OpenRouterClient(key, { baseURL: `${url}/honest/api/v1`, maxRetries: 0 });
  const waits = createHistogram();
  const faults = [];
  let read = 0;
  const until = performance.now() + seconds * 1000;
  const reader = async () => {
    while (performance.now() < until) {
      const fault = await readOne(client, waits);
      if (fault) faults.push(fault);
      read += 1;
    }
  };
  await Promise.all(Array.from({ length: count }, reader));
  const ms = (microseconds) => Math.round(microseconds / 100) / 10;
  return { read, faults, medianMs: ms(waits.percentile(50)), p999Ms: ms(waits.percentile(99.9)), longestMs: ms(waits.max) };
}

/** Reads one stream. Resolves to what is wrong with it, or to null. */
async function readOne(client, waits) {
  let text = '';
  let next = 0;
  try {
    const stream = await client.chatCompletion({ model: 'a/b', messages: [{ role: 'user', content: 'q' }], stream: true });
    for await (const piece of stream.text()) {
      const at = now();
      text += piece;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const [number, sentAt] = text.slice(0, end).split(' ').map(Number);
        if (number !== next) return `event ${number} came in place of event ${next}`;
        waits.record(Math.max(1, Math.round((at - sentAt) * 1000)));
        next += 1;
        text = text.slice(end + 1);
      }
    }
    return next === EVENTS && stream.finishReason === 'stop' ? null : `the stream ended after ${next} events`;
  } catch (error) {
    return `${error.code}: ${error.message}`;
  }
}

main(workerData).then((result) => parentPort.postMessage(result));
