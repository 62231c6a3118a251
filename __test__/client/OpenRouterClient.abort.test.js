'use strict';

const { getEventListeners, once } = require('node:events');
const net = require('node:net');

const { OpenRouterClient, OpenRouterError, getStats } = require('../..');
const { startEmulator } = require('../../emulator');
const { CLOSE_MS } = require('../support/limits.js');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { until } = require('../support/until.js');

const reason = new Error('the user left');

let restoreEnvironment;
let emulator;
let keys = 0;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(() => restoreEnvironment());
afterAll(() => emulator.close());

function clientOf(options) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-limit-abort-${keys}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
}
const chat = (client, params) => client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], ...params });
const asking = (directives) => ({ headers: { 'X-Emulator': directives } });

/** A TCP server that takes connections and never says a word; `closed` gives when the client left the first one. */
async function startSilent() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = [];
  const closed = new Promise((resolve) => {
    server.on('connection', (socket) => {
      sockets.push(socket.on('error', () => {}).resume());
      socket.once('close', () => resolve(Date.now()));
    });
  });
  const { port } = server.address();
  const connected = once(server, 'connection');
  return { port, connected, closed, close: () => { server.close(); sockets.forEach((socket) => socket.destroy()); } };
}

/** Every method, as the work that a signal is to end. */
const METHODS = {
  chatCompletion: (client, signal) => chat(client, { signal }),
  'chatCompletion with stream': (client, signal) => chat(client, { signal, stream: true }),
  getCredits: (client, signal) => client.getCredits(true, { signal }),
  getModels: (client, signal) => client.getModels(true, { signal }),
  getGeneration: (client, signal) => client.getGeneration('gen-1', { signal }),
};

/** The rejection of `work` once `started` has come to pass and its signal is aborted; how long it took. */
async function aborted(work, started) {
  const controller = new AbortController();
  const failure = failureOf(work(controller.signal));
  await started();
  const since = Date.now();
  controller.abort(reason);
  const error = await failure;
  expect(error).toBeInstanceOf(OpenRouterError);
  expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', message: 'Request aborted', cause: reason });
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  return since;
}

describe.each(Object.entries(METHODS))('C1, C4: a signal ends %s', (name, ask) => {
  test('before there is a request', async () => {
    const error = await failureOf(ask(clientOf(), AbortSignal.abort(reason)));
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', cause: reason });
    // Had there been one, it would have come before this one.
    await clientOf().getModels(true);
    expect(emulator.requests).toHaveLength(1);
  });

  test('and has no listener any more when it is answered, or fails (C7)', async () => {
    const { signal } = new AbortController();
    // No generation of that id: it would be asked for again, for a minute.
    const good = name === 'getGeneration' ? 'status=401' : 'delay=1';
    for (const directives of [good, 'status=500', 'drop=reset']) await ask(clientOf(asking(directives)), signal).catch(() => {});
    // A stream that was answered is still to be read.
    expect(getEventListeners(signal, 'abort')).toHaveLength(name.endsWith('stream') ? 1 : 0);
  });

  test('while it waits for the answer', async () => {
    const since = await aborted((signal) => ask(clientOf(asking('delay=60000')), signal), () => emulator.waitForRequest());
    // What callers share goes on for the others (D9); a chat and a generation are one caller's own.
    if (name === 'getCredits' || name === 'getModels') return;
    const { by, at } = await emulator.requests[0].closed;
    expect(by).toBe('client');
    expect(at - since).toBeLessThan(CLOSE_MS);
  });

  test('that is not of Node, but of a polyfill', async () => {
    const heard = new Set();
    const signal = {
      aborted: false,
      addEventListener: (_type, listener) => heard.add(listener),
      removeEventListener: (_type, listener) => heard.delete(listener),
    };
    const failure = failureOf(ask(clientOf(asking('delay=60000')), signal));
    await Promise.race([emulator.waitForRequest(), failure]);
    Object.assign(signal, { aborted: true, reason });
    for (const listener of heard) listener();
    expect(await failure).toMatchObject({ name: 'AbortError', code: 'aborted', cause: reason });
    expect(heard.size).toBe(0);
  });

  test('while it waits to try again', async () => {
    const told = [];
    const client = clientOf({ maxRetries: 2, logger: { warn: (line) => told.push(line) }, ...asking('status=503; retry-after=29') });
    await aborted((signal) => ask(client, signal), () => until(() => told.some((line) => /Retrying in 29000 ms/.test(line)), 'it waits'));
    expect(emulator.requests).toHaveLength(1);
  });

  test('while it connects', async () => {
    const silent = await startSilent();
    try {
      // The TCP connection is there, and the TLS handshake gets no answer.
      const client = clientOf({ baseURL: `https://127.0.0.1:${silent.port}/api/v1` });
      const since = await aborted((signal) => ask(client, signal), () => silent.connected);
      if (name === 'getCredits' || name === 'getModels') return;
      expect(await silent.closed - since).toBeLessThan(CLOSE_MS);
    } finally {
      silent.close();
    }
  });
});

test('C1: a signal ends a chat that waits for its turn, which leaves the queue', async () => {
  const key = 'sk-or-v1-limit-abort-queued';
  const client = new OpenRouterClient(key, { baseURL: emulator.baseURL, rateLimit: { requestsPerMinute: 1 } });
  await chat(client);
  await aborted((signal) => chat(client, { signal }), () => until(() => getStats().queued === 1, 'it waits'));
  await until(() => getStats().queued === 0, 'it has left');
  expect(emulator.requests).toHaveLength(1);
});

test('C1: a signal ends a chat whose proxy does not answer', async () => {
  const silent = await startSilent();
  try {
    const client = clientOf({ baseURL: 'https://openrouter.invalid/api/v1', proxy: `http://127.0.0.1:${silent.port}` });
    const since = await aborted((signal) => chat(client, { signal }), () => silent.connected);
    expect(await silent.closed - since).toBeLessThan(CLOSE_MS);
  } finally {
    silent.close();
  }
});

test('C1: a signal ends a chat between two of its fallbacks', async () => {
  const models = ['openai/gpt-5-nano', 'openai/gpt-4o', 'openai/gpt-4o-mini', 'x-ai/grok-4'];
  const directives = { fail: ['openai/gpt-5-mini', ...models.slice(0, 3)], failStatus: 503 };
  const controller = new AbortController();
  const logger = { info: (line) => /^\[OpenRouter\] Fallback from/.test(line) && controller.abort(reason) };
  const error = await failureOf(chat(clientOf({ logger }), { models, signal: controller.signal, emulator: { ...directives, firstDelay: 60_000 }, stream: true }));
  expect(error).toMatchObject({ name: 'AbortError', cause: reason });
  for (const record of emulator.requests.slice(1)) expect((await record.closed).by).toBe('client');
});
