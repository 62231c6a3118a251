'use strict';

const { getEventListeners } = require('node:events');

const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes');
const { inChild, newClient, openStream, readAll } = require('../support/streaming');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

describe('abort listeners on a shared signal', () => {
  test('are gone after 5,000 calls with every outcome, without a warning', async () => {
    const { signal } = new AbortController();
    const warnings = [];
    const warned = (warning) => warnings.push(warning);
    process.on('warning', warned);
    const client = newClient(emulator);
    const open = (directives, more) => client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'x' }], stream: true, signal, emulator: directives, ...more });
    const outcomes = [
      async () => readAll(await open({ text: 'x' })),
      async () => (await open({ text: 'x' })).finalCompletion(),
      async () => readAll(await open({ text: 'x y', errorAt: 1 })),
      async () => readAll(await open({ text: 'x y', cut: 1, cutHow: 'reset' })),
      async () => failureOf(open({ status: 400 })),
      async () => failureOf(open({ errorAt: 0 })),
      async () => { for await (const _ of await open({ text: 'x', stall: 1 })) break; },
      async () => { const stream = await open({ text: 'x', stall: 1 }); stream.abort(); await readAll(stream); },
      async () => (await open({ text: 'x', stall: 1 })).stop(),
      async () => (await open({ text: 'x' })).stop({ drain: true }),
      async () => (await open({ text: 'x', stall: 1 })).body.cancel(),
      async () => open({ text: 'x' }, { stream: false }),
      async () => failureOf(open({ status: 404 }, { stream: false })),
    ];
    for (let calls = 0; calls < 5000; calls += outcomes.length) await Promise.all(outcomes.map((outcome) => outcome()));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await new Promise(setImmediate);
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  }, 180_000);

  test('number one while a stream is open', async () => {
    const { signal } = new AbortController();
    const stream = await openStream(emulator, { emulator: { text: 'one two', stall: 1 }, signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    stream.abort();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

test.each([
  ['never read', 'unread'],
  ['read in part', 'loop'],
  ['read in part as bytes', 'body'],
  ['with listeners', 'listeners'],
])('a dropped stream closes its request when it is garbage collected: %s', async (_name, how) => {
  const { result, trouble } = await inChild(async ({ OpenRouterClient, getStats }, way) => {
    const { getEventListeners: listenersOf } = require('node:events');
    // The server is in the same process, so that a close which it sees is not caused by the end of the process.
    const server = await require('./emulator').startEmulator();
    const { signal } = new AbortController();
    const client = new OpenRouterClient('sk-or-v1-limit-stream-dropped', { baseURL: server.baseURL });
    const use = {
      unread: () => {},
      loop: async (stream) => { await stream[Symbol.asyncIterator]().next(); },
      body: async (stream) => { await stream.body.getReader().read(); },
      listeners: (stream) => { stream.on('model', () => stream.id).on('error', () => stream.id); },
    };
    await (async () => {
      const ask = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'x' }], stream: true, signal, emulator: { text: 'one two', stall: 1 } };
      await use[way](await client.chatCompletion(ask));
    })();
    const before = getStats().activeStreams;
    const [request] = server.requests;
    const listeners = () => listenersOf(signal, 'abort').length;
    for (const deadline = Date.now() + 20_000; (request.closedBy === null || listeners() > 0) && Date.now() < deadline;) {
      globalThis.gc();
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    const { closedBy } = request;
    await server.close();
    return { before, after: getStats().activeStreams, listeners: listeners(), closedBy };
  }, how);
  expect([result, trouble]).toEqual([{ before: 1, after: 0, listeners: 0, closedBy: 'client' }, []]);
});

test('garbage collection between any two chunks, with readers dropped meanwhile, does no harm', async () => {
  const { result, trouble } = await inChild(async ({ OpenRouterClient }, baseURL) => {
    const client = new OpenRouterClient('sk-or-v1-limit-stream-garbage', { baseURL });
    const open = (directives) => client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'x' }], stream: true, emulator: directives });
    let read = 0;
    for await (const chunk of await open({ chunks: 400 })) {
      read += chunk.choices[0].delta.content === '' ? 0 : 1;
      globalThis.gc();
      if (read % 40 !== 0) continue;
      // Drop one stream with pending next() calls, and one that is never read.
      const reader = (await open({ text: 'one two', stall: 2 }))[Symbol.asyncIterator]();
      for (let at = 0; at < 4; at += 1) reader.next();
      await open({ text: 'one two', stall: 1 });
      setTimeout(() => reader.return(), 5);
    }
    return read;
  }, emulator.baseURL);
  expect([result, trouble]).toEqual([400, []]);
});

test('a stream that was read to its end is freed by a minor garbage collection', async () => {
  const { result, trouble } = await inChild(async ({ OpenRouterClient }, baseURL) => {
    const client = new OpenRouterClient('sk-or-v1-stream-small', { baseURL });
    const ask = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'x' }], stream: true, emulator: { text: 'one two' } };
    const readMany = async () => {
      for (let number = 0; number < 300; number += 1) for await (const _ of await client.chatCompletion(ask));
    };
    await readMany();
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    await readMany();
    for (let round = 0; round < 3; round += 1) globalThis.gc({ type: 'minor' });
    return (process.memoryUsage().heapUsed - before) / 300;
  }, emulator.baseURL);
  expect(trouble).toEqual([]);
  // Bytes per stream; the chunks of a stream alone are larger.
  expect(result).toBeLessThan(1500);
});

test('a prompt of 48 MB is freed once its answer has begun', async () => {
  const { result, trouble } = await inChild(async ({ OpenRouterClient }, baseURL) => {
    const client = new OpenRouterClient('sk-or-v1-limit-stream-prompt', { baseURL });
    const ask = (content, directives) => client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content }], stream: true, emulator: directives });
    const megabytes = () => {
      // V8 returns large pages only with the next collection.
      for (let round = 0; round < 2; round += 1) globalThis.gc();
      const { heapUsed, rss } = process.memoryUsage();
      return { heapUsed: heapUsed / (1 << 20), rss: rss / (1 << 20) };
    };
    await (await ask('x', { text: 'one' })).finalCompletion();
    const before = megabytes();
    const stream = await ask('x'.repeat(48 << 20), { text: 'one two', stall: 2 });
    await stream[Symbol.asyncIterator]().next();
    const { heapUsed, rss } = megabytes();
    stream.abort();
    return { heapUsed: heapUsed - before.heapUsed, rss: rss - before.rss };
  }, emulator.baseURL);
  expect(trouble).toEqual([]);
  expect(result.heapUsed).toBeLessThan(8);
  expect(result.rss).toBeLessThan(24);
});
