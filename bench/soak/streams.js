'use strict';

const { sample } = require('./samples.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Tell me a story.' }];

/** How a stream ends, by its number: three fifths end normally, a fifth is aborted, a fifth fails. */
const FATES = ['whole', 'abort', 'whole', 'fail', 'whole'];
const FAILURES = [{ errorAt: 5 }, { cut: 5, cutHow: 'reset' }, { status: 503 }, { garbage: 5 }, { drop: 'fin' }];

/** Keeps `count` streams open for `seconds`, and takes a sample every half second. Resolves to the counts of their ends. */
async function soakStreams(client, { seconds, count }) {
  const ends = { whole: 0, abort: 0, fail: 0, unexpected: 0 };
  const until = performance.now() + seconds * 1000;
  const samples = [];
  let next = 0;
  const worker = async () => {
    while (performance.now() < until) {
      const number = next;
      next += 1;
      const fate = FATES[number % FATES.length];
      const ended = await oneStream(client, fate, number);
      ends[ended === fate ? fate : 'unexpected'] += 1;
    }
  };
  const sampler = setInterval(() => samples.push(sample()), 500);
  await Promise.all(Array.from({ length: count }, worker));
  clearInterval(sampler);
  // Drop the samples of the time in which the last streams end, because fewer streams are open then.
  return { ...ends, samples: samples.filter(({ at }) => at < until) };
}

/** Reads a stream that is meant to end like `fate`. Resolves to how it ended. */
async function oneStream(client, fate, number) {
  const directives = fate === 'fail' ? FAILURES[Math.floor(number / FATES.length) % FAILURES.length] : {};
  try {
    const stream = await client.chatCompletion({ model: MODEL, messages, stream: true, emulator: { chunks: 40, gap: 20, ...directives } });
    let left = fate === 'abort' ? 1 + (number % 30) : Infinity;
    let isLeft = false;
    for await (const text of stream.text()) {
      left -= text.length > 0 ? 1 : 0;
      if (left > 0) continue;
      isLeft = true;
      if (number % 2 === 0) break;
      stream.abort();
    }
    // On a busy machine the whole answer may have arrived before the abort, so `isLeft` decides.
    return isLeft || stream.finishReason === null ? 'abort' : 'whole';
  } catch (error) {
    return error.code === 'aborted' ? 'abort' : 'fail';
  }
}

module.exports = { soakStreams };
