'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { inspect } = require('node:util');

const { createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { AT_ONCE_MS } = require('../support/limits.js');
const { runScript, ROOT } = require('../support/process.js');
const { SSE_HEAD, chunkOf, finishChunk, sse } = require('../support/streaming.js');
const { FIN, HOLD, RST, answer, startByteServer } = require('../support/servers/byte-server.js');
const { until } = require('../support/until.js');

const MODEL = 'openai/gpt-5-mini';
const KEY = 'sk-or-v1-limit-fetch-settled';
const QUESTION = [{ role: 'user', content: 'Tell me about bees' }];

let emulator;
let bytes;
beforeAll(async () => {
  emulator = await startEmulator({ showKeys: true });
  bytes = await startByteServer(() => [FIN]);
});
beforeEach(() => {
  emulator.reset();
  bytes.requests.length = 0;
});
afterAll(() => Promise.all([emulator.close(), bytes.close()]));

/** Returns a fetch, what its hook was told, and functions that use it. */
function settling(options = {}, { baseURL } = emulator) {
  const told = [];
  const fetch = createFetch({ onSettled: (one) => { told.push(one); }, ...options });
  const post = (body = {}, { path = '/chat/completions', headers, signal } = {}) => fetch(`${baseURL}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(path === '/chat/completions' ? { model: MODEL, messages: QUESTION, stream: true, ...body } : body),
    signal,
  });
  return { told, fetch, post, first: () => until(() => told[0], 'the cost was told') };
}

/** Reads a body until its first bytes have come. */
async function firstBytes(response) {
  const reader = response.body.getReader();
  await reader.read();
  return reader;
}

const lookups = () => emulator.requests.filter(({ path }) => path.endsWith('/generation'));

describe('onSettled tells the cost once, from the usage of the answer', () => {
  test.each([
    ['/chat/completions', { stream: true }],
    ['/chat/completions', { stream: false }],
    ['/responses', { model: MODEL, input: 'Tell me about bees', stream: true }],
    ['/responses', { model: MODEL, input: 'Tell me about bees' }],
    ['/messages', { model: MODEL, messages: QUESTION, max_tokens: 500, stream: true }],
    ['/completions', { model: MODEL, prompt: 'Tell me about bees' }],
    ['/embeddings', { model: 'openai/text-embedding-3-small', input: 'bees' }],
  ])('of %s with %j', async (path, body) => {
    const { told, post } = settling();
    await (await post(body, { path })).text();
    const generation = emulator.requests.at(-1);
    expect(told).toEqual([expect.objectContaining({
      outcome: 'complete', cost: told[0].usage.cost, promptTokens: expect.any(Number), url: `${emulator.baseURL}${path}`,
    })]);
    expect(told[0].cost).toBeGreaterThan(0);
    expect(told[0].generationId).toBe(generation.generationId ?? told[0].generationId);
    expect(lookups()).toHaveLength(0);
  });

  test('with the model that answered instead of the router, the user, and the session of the body or of the header', async () => {
    const { told, post } = settling();
    await (await post({ model: 'openrouter/auto', user: 'ada', session_id: 'of-the-body' })).text();
    await (await post({}, { headers: { 'x-session-id': 'of-the-header' } })).text();
    expect(told[0]).toMatchObject({ requestedModel: 'openrouter/auto', user: 'ada', sessionId: 'of-the-body' });
    expect(told[0].model).not.toBe('openrouter/auto');
    expect(told[1]).toMatchObject({ requestedModel: MODEL, model: MODEL, user: null, sessionId: 'of-the-header' });
  });

  test('when the usage comes after [DONE], and when the reader leaves after the usage', async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, cost: 0.5 };
    const late = `${sse(chunkOf('Hi'), finishChunk())}data: ${JSON.stringify(chunkOf('', { choices: [], usage }))}\n\n`;
    const early = sse(chunkOf('Hi'), finishChunk(), chunkOf('', { choices: [], usage }));
    for (const [text, end] of [[late, FIN], [early, HOLD]]) {
      bytes.script = () => [SSE_HEAD, text, end];
      const { told, post, first } = settling({}, bytes);
      const response = await post();
      if (end === FIN) await response.text();
      else await (await firstBytes(response)).cancel();
      await first();
      expect(told).toEqual([expect.objectContaining({ cost: 0.5, outcome: 'complete', promptTokens: 3, completionTokens: 4 })]);
    }
  });

  test('in the async context of the call, and an exception in the hook changes nothing', async () => {
    const storage = new AsyncLocalStorage();
    const seen = [];
    const fetch = createFetch({ onSettled: ({ user }) => { seen.push([user, storage.getStore()]); throw new Error('of the hook'); } });
    const ask = (user) => storage.run(`context of ${user}`, async () => {
      const body = JSON.stringify({ model: MODEL, messages: QUESTION, user });
      return (await fetch(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body })).text();
    });
    await Promise.all([ask('ada'), ask('bob')]);
    expect(seen.sort()).toEqual([['ada', 'context of ada'], ['bob', 'context of bob']]);
  });
});

describe('onSettled asks the API for the cost', () => {
  test.each([
    ['aborted by the signal', 'aborted', async (post) => {
      const abort = new AbortController();
      const reader = await firstBytes(await post({ emulator: { gap: 20, pending: 1 } }, { signal: abort.signal }));
      abort.abort();
      await expect(reader.read()).rejects.toThrow();
    }],
    ['left by its reader', 'aborted', async (post) => (await firstBytes(await post({ emulator: { gap: 20, pending: 1 } }))).cancel()],
    ['cut off', 'failed', async (post) => (await post({ emulator: { cut: 3, pending: 1 } })).text().catch(() => {})],
    ['failed in the middle', 'failed', async (post) => (await post({ emulator: { errorAt: 3, pending: 1 } })).text()],
  ])('of an answer that was %s, until the record is there', async (_, outcome, leave) => {
    const { told, post, first } = settling();
    await leave(post);
    expect(await first()).toMatchObject({ outcome, usage: null, model: MODEL, cost: expect.any(Number), completionTokens: expect.any(Number) });
    expect(lookups().map(({ status }) => status)).toEqual([404, 200]);
    expect(lookups()[0].headers.authorization).toBe(`Bearer ${KEY}`);
    expect(told).toHaveLength(1);
  });

  test('and tells null if the API refuses the record, or the answer has no id', async () => {
    for (const head of [SSE_HEAD, SSE_HEAD.replace(/X-Generation-Id.*\r\n/, '')]) {
      const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
      bytes.requests.length = 0;
      bytes.script = ({ head: text }) => (text.startsWith('GET') ? [answer(403, '{"error":{"code":403,"message":"no"}}')] : [head, sse(chunkOf('Hi'), finishChunk(), chunkOf('', { choices: [], usage })), FIN]);
      const { post, first } = settling({}, bytes);
      await (await post()).text();
      expect(await first()).toMatchObject({ cost: null, outcome: 'complete', promptTokens: 3, completionTokens: 4 });
      expect(bytes.requests.slice(1).map(({ lines }) => lines[0])).toEqual(head === SSE_HEAD ? ['GET /api/v1/generation?id=gen-head HTTP/1.1'] : []);
    }
  });

  test('and keeps no process alive for a record that never comes', async () => {
    const script = `
      const { startEmulator } = require(${JSON.stringify(`${ROOT}/emulator`)});
      const { createFetch } = require(${JSON.stringify(ROOT)});
      const emulator = await startEmulator();
      const fetch = createFetch({ onSettled: () => console.log('told') });
      const response = await fetch(emulator.baseURL + '/chat/completions', {
        method: 'POST', headers: { authorization: 'Bearer ${KEY}' }, body: JSON.stringify(stream({ cut: 3, pending: 1000 })),
      });
      await response.text().catch(() => console.log('cut'));`;
    const { code, stdout, idleMs } = await runScript(script);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'cut\n' });
    // The process stays for the first lookups, which find most records.
    expect(idleMs).toBeLessThan(AT_ONCE_MS);
  });
});

describe('onSettled tells nothing', () => {
  test('of an answer with an error status, a request without a body, and a failure before the head', async () => {
    const { told, fetch, post } = settling();
    for (const status of [400, 402, 429, 500, 503]) await (await post({ emulator: { status } })).text();
    await (await fetch(`${emulator.baseURL}/models`)).text();
    bytes.script = () => [RST];
    await expect(settling({ onSettled: (one) => told.push(one) }, bytes).post()).rejects.toThrow('fetch failed');
    expect(told).toEqual([]);
    expect(lookups()).toHaveLength(0);
  });
});

describe('the diagnostics channel openrouter:settled', () => {
  test('has the answers of each fetch of the process, without a hook', async () => {
    const told = [];
    const listener = (one) => told.push(one);
    subscribe('openrouter:settled', listener);
    const fetch = createFetch();
    const body = JSON.stringify({ model: MODEL, messages: QUESTION, user: 'ada' });
    await (await fetch(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body })).text();
    unsubscribe('openrouter:settled', listener);
    expect(told).toEqual([expect.objectContaining({ user: 'ada', cost: told[0].usage.cost })]);
    expect(inspect(told, { depth: 9, showHidden: true })).not.toContain(KEY);
  });
});

describe('the kind of an answer', () => {
  const tool = (name, properties = {}) => ({ type: 'function', function: { name, parameters: { type: 'object', properties } } });
  const summary = { role: 'user', content: 'Hold on, before you continue I need you to write me a checkpoint of everything so far.' };
  test.each([
    ['chat', { stream: true }],
    ['chat', { stream: true, tools: [tool('set_memory'), tool('get_weather')] }],
    ['chat', { stream: false, messages: [{ role: 'system', content: 'Be kind.' }, ...QUESTION] }],
    ['title', { stream: false }],
    ['title', { stream: false, tools: [tool('extract', { title: { type: 'string' } })] }],
    ['memory', { stream: false, tools: [tool('set_memory'), tool('delete_memory')] }],
    ['summary', { stream: true, messages: [...QUESTION, summary] }],
    ['summary', { stream: true, messages: [...QUESTION, { ...summary, content: [{ type: 'text', text: 'Hold on again, update your checkpoint. Merge' }] }] }],
    ['tool', { stream: true, messages: [...QUESTION, { role: 'assistant', content: '', tool_calls: [{ id: 'c', type: 'function', function: { name: 'x', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'c', content: '1' }] }],
  ])('is %s for %j', async (kind, body) => {
    const { told, post } = settling();
    await (await post(body)).text();
    expect(told.map((one) => one.kind)).toEqual([kind]);
  });
});
