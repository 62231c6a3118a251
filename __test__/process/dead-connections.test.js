'use strict';

const http2 = require('node:http2');

const { OpenRouterClient, createFetch } = require('../..');
const { CA, IDENTITY } = require('../support/certificates.js');
const { canHaveFarHost, startFarHost } = require('../support/servers/far-host.js');
const { startFrozenRelay } = require('../support/servers/frozen-relay.js');
const { FOUND_DEAD_MS } = require('../support/limits.js');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');

const chat = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true };

let restoreEnvironment;
beforeEach(() => { restoreEnvironment = cleanEnvironment(); });
afterEach(() => restoreEnvironment());

/** Returns the result of `work`, and how many milliseconds it took. */
async function timed(work) {
  const started = performance.now();
  const result = await work;
  return { result, ms: performance.now() - started };
}

/** Starts an API that speaks only HTTP/2 and whose streams stall after their first chunk. */
async function startHttp2() {
  const server = http2.createSecureServer({ key: IDENTITY, cert: IDENTITY });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path'].endsWith('/models')) {
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      stream.end('{"data":[{"id":"a/b"}]}');
      return;
    }
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write('data: {"choices":[{"index":0,"delta":{"content":"so far"}}]}\n\n');
  });
  const sessions = new Set();
  server.on('session', (session) => sessions.add(session.on('error', () => {})));
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { port: server.address().port, stop: () => { for (const session of sessions) session.destroy(); server.close(); } };
}

describe('a connection whose other end has vanished is detected within 30 seconds', () => {
  test('HTTP/2, in use and idle: the open stream fails, and the next request gets a new connection', async () => {
    const server = await startHttp2();
    const relay = await startFrozenRelay(server.port);
    try {
      const client = new OpenRouterClient('sk-or-v1-dead-h2', { baseURL: `https://localhost:${relay.port}/api/v1`, ca: CA, keepWarm: 0 });
      await client.getModels(true);
      const reading = (await client.chatCompletion(chat))[Symbol.asyncIterator]();
      await reading.next();
      expect(relay.connections).toBe(1);
      relay.freeze();
      const [stream, models] = await Promise.all([timed(failureOf(reading.next())), timed(client.getModels(true))]);
      expect(stream.result).toMatchObject({ code: 'connection_reset', partial: { choices: [{ message: { content: 'so far' } }] } });
      expect(stream.ms).toBeLessThan(FOUND_DEAD_MS);
      expect(models.result).toEqual([{ id: 'a/b' }]);
      expect(models.ms).toBeLessThan(FOUND_DEAD_MS);
      expect(relay.connections).toBe(2);
    } finally {
      await relay.close();
      server.stop();
    }
  });

  // This needs a network that loses packets: on the loopback interface the kernel acknowledges every packet.
  (canHaveFarHost() ? test : test.skip)('HTTP/1.1, in use and idle: requests over a network that loses every packet fail', async () => {
    const far = await startFarHost();
    try {
      const options = { baseURL: far.baseURL, allowInsecureHttp: true, maxRetries: 0 };
      const client = new OpenRouterClient('sk-or-v1-dead-h1', options);
      const fetch = createFetch();
      const fetchModels = () => fetch(`${far.baseURL}/models`, { headers: { authorization: 'Bearer sk-or-v1-dead' } });
      // Two connections: one has an open stream, the other has finished its request and is idle.
      const reading = (await client.chatCompletion({ ...chat, emulator: { stall: 1 } })).text();
      await reading.next();
      await (await fetchModels()).text();
      far.cut();
      const [stream, idle] = await Promise.all([timed(failureOf(reading.next())), timed(failureOf(fetchModels()))]);
      expect(stream.result).toMatchObject({ code: 'connection_reset', errno: 'ETIMEDOUT' });
      expect(stream.ms).toBeLessThan(FOUND_DEAD_MS);
      expect(idle.result).toMatchObject({ message: 'fetch failed', cause: { code: 'ETIMEDOUT' } });
      expect(idle.ms).toBeLessThan(FOUND_DEAD_MS);
      far.mend();
      expect((await client.getModels(true)).length).toBeGreaterThan(10);
    } finally {
      far.stop();
    }
  });
});
