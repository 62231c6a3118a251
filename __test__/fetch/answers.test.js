'use strict';

const { OpenRouterClient, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');

const MODEL = 'openai/gpt-5-mini';
const FALLBACK = 'anthropic/claude-sonnet-4.5';

let emulator;
let keys = 0;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(() => emulator.close());

/** Sends a body to an endpoint through `createFetch`. Returns the text of the answer and what the hooks were told, in order. */
async function ask(path, body, { key = `sk-or-v1-limit-fetch-answers-${(keys += 1)}`, ...options } = {}) {
  const told = [];
  const hooks = Object.fromEntries(['Model', 'Usage', 'Fallback', 'Error'].map((name) => [`on${name}`, (value) => told.push([name, value])]));
  const fetch = createFetch({ baseURL: emulator.baseURL, ...hooks, ...options });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(`${emulator.baseURL}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text().catch((error) => error);
  return { told, text, names: told.map(([name]) => name), of: (name) => told.find(([known]) => known === name)?.[1] };
}

const ENDPOINTS = [
  ['/responses', { model: MODEL, input: 'Tell me about bees' }],
  ['/messages', { model: MODEL, messages: [{ role: 'user', content: 'Tell me about bees' }], max_tokens: 500 }],
  ['/completions', { model: MODEL, prompt: 'Tell me about bees' }],
];

describe.each(ENDPOINTS)('createFetch reads %s', (path, body) => {
  test.each([false, true])('for its model and usage (stream: %s), and changes no byte', async (stream) => {
    const { names, of, text } = await ask(path, { ...body, stream });
    expect(names).toEqual(['Model', 'Usage']);
    expect(of('Model')).toBe(MODEL);
    expect(of('Usage').cost).toBeGreaterThan(0);
    expect(Buffer.byteLength(text)).toBe(emulator.requests.at(-1).bytesWritten);
  });

  test('and tells of a fallback', async () => {
    const { of } = await ask(path, { ...body, models: [FALLBACK], stream: true, emulator: { fail: MODEL } });
    expect(of('Fallback')).toMatchObject({ from: MODEL, to: FALLBACK });
    expect(of('Model')).toBe(FALLBACK);
  });

  test.each([
    ['an error status', { status: 503 }, 'service_unavailable'],
    ['an error in the middle of a stream', { 'error-at': 2 }, 'provider_error'],
    ['a stream that is cut', { cut: 2, 'cut-how': 'clean' }, 'stream_truncated'],
  ])('and tells of %s', async (_, directives, code) => {
    const { of } = await ask(path, { ...body, stream: true, emulator: directives });
    expect(of('Error')).toMatchObject({ code });
  });

  test('and subtracts its cost from the balance of its key, once', async () => {
    const key = `sk-or-v1-limit-fetch-answers-${(keys += 1)}`;
    const client = new OpenRouterClient(key, { baseURL: emulator.baseURL });
    const { balance } = await client.getCredits();
    const whole = await ask(path, body, { key });
    const streamed = await ask(path, { ...body, stream: true }, { key });
    const spent = whole.of('Usage').cost + streamed.of('Usage').cost;
    expect((await client.getCredits()).balance).toBeCloseTo(balance - spent, 12);
  });
});

test('createFetch reads embeddings of any size, and a ranking', async () => {
  const input = Array.from({ length: 2048 }, (_, at) => `text ${at}`);
  const { names, of, text } = await ask('/embeddings', { model: 'x/y', input, dimensions: 64 });
  expect(names).toEqual(['Model', 'Usage']);
  expect(of('Usage').cost).toBeGreaterThan(0);
  expect(text.length).toBeGreaterThan(1 << 20);
  expect(JSON.parse(text).data).toHaveLength(2048);
  expect((await ask('/rerank', { model: 'x/y', query: 'a', documents: ['a'] })).of('Usage')).toMatchObject({ search_units: 1 });
});

test('createFetch asks for the reasons of a fallback only where the endpoint tells them', async () => {
  await ask('/responses', { model: MODEL, input: 'Hi' });
  expect(emulator.requests.at(-1).headers['x-openrouter-metadata']).toBe('enabled');
  await ask('/embeddings', { model: 'x/y', input: 'Hi' });
  expect(emulator.requests.at(-1).headers).not.toHaveProperty('x-openrouter-metadata');
});
