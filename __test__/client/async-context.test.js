'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const diagnostics = require('node:diagnostics_channel');

const { createFetch } = require('../..');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { SSE_HEAD, chunkOf, event, finishChunk, newClient, sse } = require('../support/streaming');

const storage = new AsyncLocalStorage();
const USAGE = { prompt_tokens: 1, completion_tokens: 2, cost: 0.5 };
const CHAT = { model: 'a/b', messages: [{ role: 'user', content: 'q' }], stream: true };
const TENANTS = ['first', 'second', 'third'];

let server;
beforeAll(async () => {
  const answer = sse(chunkOf('one', { delta: { reasoning: 'hm' } }), chunkOf(' two'), finishChunk(), { ...chunkOf(''), choices: [], usage: USAGE });
  const failed = event(chunkOf('one')) + event({ error: { code: 502, message: 'down' } });
  server = await startByteServer((request) => [request.text.includes('"bad"') ? SSE_HEAD + failed : SSE_HEAD + answer, FIN]);
});
afterAll(() => server.close());

/** Runs `work` for some tenants at once, each in a context of its own. `note` records the context in which it is called. */
async function contextsOf(work) {
  const seen = [];
  const run = (tenant) => storage.run(tenant, () => work((what) => seen.push([tenant, what, storage.getStore()]), tenant));
  await Promise.all(TENANTS.map(run));
  return seen;
}

/** Expects that each tenant's functions were called, and in its own context only. */
function expectOwn(seen, names) {
  const wrong = seen.filter(([tenant, , store]) => store !== tenant);
  expect(wrong).toEqual([]);
  for (const tenant of TENANTS) {
    const own = new Set(seen.filter(([one]) => one === tenant).map(([, what]) => what));
    expect(own).toEqual(new Set(names));
  }
}

describe('functions of the user run in the async context of their call', () => {
  test('the listeners and onProgress of streams', async () => {
    const names = ['model', 'content', 'reasoning', 'usage', 'end'];
    const seen = await contextsOf(async (note) => {
      const stream = await newClient(server).chatCompletion({ ...CHAT, onProgress: () => note('onProgress') });
      for (const name of names) stream.on(name, () => note(name));
      // Listeners that are added in another context belong to this call, too.
      storage.run('another', () => stream.on('content', () => note('content')));
      await stream.finalCompletion();
    });
    expectOwn(seen, [...names, 'onProgress']);
  });

  test('the listener of a failure, and the functions that a loop in another context triggers', async () => {
    const seen = await contextsOf(async (note) => {
      const client = newClient(server);
      const stream = await client.chatCompletion(CHAT);
      stream.on('content', () => note('content'));
      await storage.run('another', async () => { for await (const _ of stream); });
      const failing = await newClient(server).chatCompletion({ ...CHAT, model: 'bad' });
      failing.on('error', () => note('error'));
      await failing.finalCompletion().catch(() => {});
    });
    expectOwn(seen, ['content', 'error']);
  });

  test('the callbacks of createFetch', async () => {
    const seen = [];
    const record = (what) => () => seen.push([what, storage.getStore()]);
    const fetch = createFetch({ onModel: record('model'), onUsage: record('usage'), onError: record('error') });
    await Promise.all(TENANTS.map((tenant) => storage.run(tenant, async () => {
      for (const model of ['a/b', 'bad']) {
        const response = await fetch(`${server.baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify({ ...CHAT, model }) });
        await response.text();
      }
    })));
    const calls = (what) => seen.filter(([one]) => one === what).map(([, store]) => store).sort();
    for (const what of ['usage', 'error']) expect(calls(what)).toEqual([...TENANTS].sort());
    expect(calls('model')).toEqual([...TENANTS, ...TENANTS].sort());
  });

  test('loggers and subscribers of the diagnostics channels', async () => {
    const published = [];
    const count = 3 * TENANTS.length;
    let isAll;
    // The end of a stream may be published after its completion has been returned.
    const all = new Promise((resolve) => { isAll = resolve; });
    const subscriber = ({ call }) => { if (published.push([call, storage.getStore()]) === count) isAll(); };
    const seen = [];
    // One logger for all: what is logged for a call belongs to the call's context, not to that of the constructor.
    const log = () => seen.push(storage.getStore());
    const logger = { debug: log, info: log, warn: log, error: log };
    const client = newClient(server, { logger });
    for (const name of ['request', 'response', 'stream:end']) diagnostics.subscribe(`openrouter:${name}`, subscriber);
    seen.length = 0;
    await Promise.all(TENANTS.map((tenant) => storage.run(tenant, async () => (await client.chatCompletion(CHAT)).finalCompletion())));
    await all;
    for (const name of ['request', 'response', 'stream:end']) diagnostics.unsubscribe(`openrouter:${name}`, subscriber);
    expect(new Set(seen)).toEqual(new Set(TENANTS));
    expect(new Set(published.map(([, store]) => store))).toEqual(new Set(TENANTS));
    expect(published).toHaveLength(count);
  });
});
