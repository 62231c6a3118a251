'use strict';

// Child process of client/secrets.canary.test.js. Provokes every kind of failure and prints everything in which a key could
// appear: errors in each form, log lines, diagnostics events, clients and streams. The last line is a JSON list of
// `[case, error code]`.
const diagnostics = require('node:diagnostics_channel');
const { inspect } = require('node:util');

const { OpenRouterClient, createFetch, getStats } = require('openrouter-native');
const { closedPort } = require('./closed-port.js');

const baseURL = process.env.CANARY_URL;
const key = process.env.CANARY_KEY;
const chat = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] };

const show = (value) => {
  for (const options of [{ showHidden: true }, { customInspect: false, showHidden: true }, { getters: true }]) console.log(inspect(value, { depth: Infinity, ...options }));
  console.log(String(value), JSON.stringify(value));
};
const showError = (error) => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    show(cause);
    show([cause.message, cause.stack, cause.data, cause.metadata, cause.partial, cause.attempts, cause.requestId, cause.generationId]);
  }
};
for (const name of ['request', 'retry', 'response', 'stream:end', 'error']) diagnostics.subscribe(`openrouter:${name}`, show);

const emulated = [
  ...[400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 504, 529].map((status) => ({ status, kind: 'echo-key' })),
  { status: 502, kind: 'html' }, { status: 307, location: 'http://127.0.0.1:9/x' }, { status: 500, times: 1, kind: 'echo-key' },
  { 'error-at': 1 }, { 'error-at': 0, 'error-shape': 'bare' }, { garbage: 1 }, { cut: 2 }, { cut: 2, 'cut-how': 'reset' }, { drop: 'fin' }, { drop: 'reset' },
  { 'error-in-200': 'top' }, { raw: ' \n' }, { stall: 1 }, { delay: 60_000 },
];

async function main() {
  const port = await closedPort();
  const settings = { apiKey: key, baseURL, maxRetries: 1, timeouts: { headers: 300, idle: 300, connect: 300 }, maxEventBytes: 100_000 };
  const failing = [
    ...emulated.map((emulator) => [JSON.stringify(emulator), {}, { emulator }]),
    ['refused', { baseURL: `http://127.0.0.1:${port}/api/v1` }],
    ['unknown host', { baseURL: 'https://nothing.invalid/api/v1' }],
    ['no TLS', { baseURL: baseURL.replace('http:', 'https:') }],
    ['no proxy', { proxy: `http://user:${key}@127.0.0.1:${port}` }],
    ['no request', {}, { messages: null }],
    ['a header', {}, { headers: { 'X-A': `${key}\n` } }],
    ['aborted', {}, { signal: AbortSignal.abort(new Error('gone')) }],
    ['aborted while it waits', {}, { emulator: { delay: 60_000 }, signal: AbortSignal.timeout(50) }],
  ];
  const failed = [];
  for (const [name, options, params] of failing) {
    const client = new OpenRouterClient({ ...settings, ...options });
    show(client);
    for (const stream of [false, true]) {
      const work = async () => {
        const answer = await client.chatCompletion({ ...chat, ...params, stream });
        if (!stream) return;
        show(answer);
        for await (const chunk of answer) void chunk;
      };
      await work().then(() => {}, (error) => {
        failed.push([name, error.code]);
        showError(error);
      });
    }
    if (Object.keys(options).length > 0) {
      await Promise.all([client.getCredits(true), client.getModels(true), client.getGeneration('gen-1')].map((call) => call.catch(showError)));
    }
  }
  for (const options of [{ apiKey: `${key}\n${key}` }, { apiKey: key, headers: { [`${key} `]: 'x' } }, { apiKey: key, proxy: `ftp://${key}@x` }, { apiKey: key, baseURL: `https://user:${key}@x/` }]) {
    try {
      show(new OpenRouterClient(options));
    } catch (error) {
      failed.push(['options', error.code]);
      showError(error);
    }
  }
  const fetch = createFetch({ timeouts: { headers: 300 }, onError: showError, onUsage: show });
  for (const emulator of emulated) {
    const init = { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: JSON.stringify({ ...chat, stream: true, emulator }) };
    // The body is not printed: fetch passes the server's bytes on unchanged, and they may hold the key.
    await fetch(`${baseURL}/chat/completions`, { ...init, signal: AbortSignal.timeout(2000) }).then((response) => response.text()).catch(showError);
  }
  show(getStats());
  console.log(`\n${JSON.stringify(failed)}`);
}

main();
