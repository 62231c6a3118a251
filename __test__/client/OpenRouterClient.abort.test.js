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
const withDirectives = (directives) => ({ headers: { 'X-Emulator': directives } });

/** Starts a TCP server that accepts connections and sends nothing. `closed` resolves to the time the first one closes. */
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

/** A call of every method with a signal. */
const METHODS = {
  chatCompletion: (client, signal) => chat(client, { signal }),
  'chatCompletion with stream': (client, signal) => chat(client, { signal, stream: true }),
  getCredits: (client, signal) => client.getCredits(true, { signal }),
  getModels: (client, signal) => client.getModels(true, { signal }),
  getGeneration: (client, signal) => client.getGeneration('gen-1', { signal }),
};

/** Aborts `work` once `started` has resolved, and checks its rejection. Returns the time of the abort. */
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

describe.each(Object.entries(METHODS))('an abort signal ends %s', (name, ask) => {
  test('before it sends a request', async () => {
    const error = await failureOf(ask(clientOf(), AbortSignal.abort(reason)));
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', cause: reason });
    // A request of the aborted call would have arrived before this one.
    await clientOf().getModels(true);
    expect(emulator.requests).toHaveLength(1);
  });

  test('also where the answer is in the cache', async () => {
    if (name !== 'getCredits' && name !== 'getModels') return;
    const client = clientOf();
    await client[name]();
    const error = await failureOf(client[name](false, { signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', cause: reason });
    expect(await failureOf(client[name](false, { signal: {} }))).toBeInstanceOf(OpenRouterError);
  });

  test('and has no listener left when the call is answered or fails', async () => {
    const { signal } = new AbortController();
    // The emulator has no such generation, and the 404 would be retried for a minute.
    const good = name === 'getGeneration' ? 'status=401' : 'delay=1';
    const answers = [];
    for (const directives of [good, 'status=500', 'drop=reset']) answers.push(await ask(clientOf(withDirectives(directives)), signal).catch(() => null));
    // The answered stream is still open, so it keeps its listener. A stream that was collected as garbage has none.
    expect(getEventListeners(signal, 'abort')).toHaveLength(name.endsWith('stream') ? 1 : 0);
    expect(answers.filter(Boolean).length).toBeLessThan(2);
  });

  test('while it waits for the response', async () => {
    const since = await aborted((signal) => ask(clientOf(withDirectives('delay=60000')), signal), () => emulator.waitForRequest());
    // Requests for credits and models are shared between callers and may go on. A chat or a generation has one caller.
    if (name === 'getCredits' || name === 'getModels') return;
    const { by, at } = await emulator.requests[0].closed;
    expect(by).toBe('client');
    expect(at - since).toBeLessThan(CLOSE_MS);
  });

  test('also where the signal is a polyfill', async () => {
    const listeners = new Set();
    const signal = {
      aborted: false,
      addEventListener: (_type, listener) => listeners.add(listener),
      removeEventListener: (_type, listener) => listeners.delete(listener),
    };
    const failure = failureOf(ask(clientOf(withDirectives('delay=60000')), signal));
    await Promise.race([emulator.waitForRequest(), failure]);
    Object.assign(signal, { aborted: true, reason });
    for (const listener of listeners) listener();
    expect(await failure).toMatchObject({ name: 'AbortError', code: 'aborted', cause: reason });
    expect(listeners.size).toBe(0);
  });

  test('while it waits for a retry', async () => {
    const lines = [];
    const client = clientOf({ maxRetries: 2, logger: { warn: (line) => lines.push(line) }, ...withDirectives('status=503; retry-after=29') });
    await aborted((signal) => ask(client, signal), () => until(() => lines.some((line) => /Retrying in 29000 ms/.test(line)), 'it waits'));
    expect(emulator.requests).toHaveLength(1);
  });

  test('while it connects', async () => {
    const silent = await startSilent();
    try {
      // The TCP connection is established, and the TLS handshake gets no answer.
      const client = clientOf({ baseURL: `https://127.0.0.1:${silent.port}/api/v1` });
      const since = await aborted((signal) => ask(client, signal), () => silent.connected);
      if (name === 'getCredits' || name === 'getModels') return;
      expect(await silent.closed - since).toBeLessThan(CLOSE_MS);
    } finally {
      silent.close();
    }
  });
});

test('an abort signal ends a chat that waits in the queue of rateLimit, and the chat leaves the queue', async () => {
  const key = 'sk-or-v1-limit-abort-queued';
  const client = new OpenRouterClient(key, { baseURL: emulator.baseURL, rateLimit: { requestsPerMinute: 1 } });
  await chat(client);
  await aborted((signal) => chat(client, { signal }), () => until(() => getStats().queued === 1, 'it waits'));
  await until(() => getStats().queued === 0, 'it has left');
  expect(emulator.requests).toHaveLength(1);
});

test('an abort signal ends a chat whose proxy does not answer', async () => {
  const silent = await startSilent();
  try {
    const client = clientOf({ baseURL: 'https://openrouter.invalid/api/v1', proxy: `http://127.0.0.1:${silent.port}` });
    const since = await aborted((signal) => chat(client, { signal }), () => silent.connected);
    expect(await silent.closed - since).toBeLessThan(CLOSE_MS);
  } finally {
    silent.close();
  }
});

test('an abort signal ends a chat between two groups of fallback models', async () => {
  const models = ['openai/gpt-5-nano', 'openai/gpt-4o', 'openai/gpt-4o-mini', 'x-ai/grok-4'];
  const directives = { fail: ['openai/gpt-5-mini', ...models.slice(0, 3)], failStatus: 503 };
  const controller = new AbortController();
  const logger = { info: (line) => /^\[OpenRouter\] Fallback from/.test(line) && controller.abort(reason) };
  const error = await failureOf(chat(clientOf({ logger }), { models, signal: controller.signal, emulator: { ...directives, firstDelay: 60_000 }, stream: true }));
  expect(error).toMatchObject({ name: 'AbortError', cause: reason });
  for (const record of emulator.requests.slice(1)) expect((await record.closed).by).toBe('client');
});
