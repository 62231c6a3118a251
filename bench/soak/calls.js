'use strict';

const { OpenRouterClient } = require('../..');
const { sample } = require('./samples.js');
const { KEY } = require('./servers.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Tell me a story.' }];
const AT_A_TIME = 50;
const SAMPLES = 50;

/** The calls: the error code that each must end with, the directives of the emulator, and what else is special. */
const CALLS = [
  { code: 'server_error', directives: { status: 500 } },
  { code: 'rate_limited', directives: { status: 429 } },
  { code: 'invalid_request', directives: { status: 400 } },
  { code: 'connection_reset', directives: { drop: 'reset' } },
  { code: 'provider_error', directives: { errorAt: 0 } },
  { code: 'connection_failed', baseURL: 'http://127.0.0.1:9/api/v1' },
  { code: 'timeout', directives: { delay: 5000 }, timeouts: { headers: 1 } },
  { code: 'aborted', directives: { delay: 5000 }, abortAfterMs: 1 },
  { code: 'aborted', directives: { stall: 2 }, abortsAtText: true },
];

/** Makes `count` calls that fail or are aborted, 50 at a time, and takes 50 samples. */
async function soakCalls(client, count) {
  const nowhere = new OpenRouterClient(KEY, { baseURL: CALLS.find(({ baseURL }) => baseURL).baseURL, maxRetries: 0 });
  const samples = [];
  let [made, expected] = [0, 0];
  const worker = async () => {
    while (made < count) {
      const number = made;
      made += 1;
      if (number % Math.ceil(count / SAMPLES) === 0) samples.push(sample());
      const call = CALLS[number % CALLS.length];
      if ((await codeOf(call.baseURL ? nowhere : client, call)) === call.code) expected += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return { expected, unexpected: count - expected, samples };
}

/** Makes a call. Resolves to the code of the error that it ended with, or to `none`. */
async function codeOf(client, { directives, timeouts = {}, abortAfterMs, abortsAtText }) {
  const controller = new AbortController();
  const params = { model: MODEL, messages, stream: true, signal: controller.signal, timeouts, emulator: { chunks: 5, ...directives } };
  try {
    const asked = client.chatCompletion(params);
    if (abortAfterMs) setTimeout(() => controller.abort(), abortAfterMs);
    for await (const chunk of await asked) if (abortsAtText && chunk.choices[0].delta.content) controller.abort();
    return 'none';
  } catch (error) {
    return error.code;
  }
}

module.exports = { soakCalls };
