'use strict';

const OpenAI = require('openai');

const { createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { CHUNKED_HEAD, chunkOf, finishChunk, sse } = require('../support/streaming.js');
const { httpChunk, startByteServer } = require('../support/servers/byte-server.js');

const KEY = 'sk-or-v1-limit-fetch-note';
const MODEL = 'openai/gpt-5-mini';
const OTHER = 'x-ai/grok-4';

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** Reads a streamed chat by the OpenAI SDK. Returns its reasoning and its content. */
async function read(parameters, { baseURL = emulator.baseURL, ...options } = {}) {
  const client = new OpenAI({ apiKey: KEY, baseURL, maxRetries: 0, fetch: createFetch({ showModel: true, ...options }) });
  const chunks = [];
  for await (const chunk of await client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'Tell me about bees' }], stream: true, ...parameters })) chunks.push(chunk);
  const join = (name) => chunks.map(({ choices }) => choices[0]?.delta[name] ?? '').join('');
  return { reasoning: join('reasoning'), content: join('content'), ids: new Set(chunks.map(({ id }) => id)), usage: chunks.at(-1).usage };
}

describe('showModel notes in the reasoning of a streamed chat', () => {
  test.each([
    ['a fallback of the request', { models: [OTHER], emulator: { fail: MODEL } }, {}, /^x-ai\/grok-4 answers instead of openai\/gpt-5-mini\.\n\n$/],
    ['a fallback of the option, with the reason', { emulator: { fail: [MODEL, 'openai/gpt-4o', 'openai/gpt-5', 'openai/gpt-5-nano'] } }, { fallbackModels: ['openai/gpt-4o', 'openai/gpt-5', 'openai/gpt-5-nano', OTHER] }, /^x-ai\/grok-4 answers instead of openai\/gpt-5-mini: OpenRouter service temporarily unavailable.*\.\n\n$/],
    ['the choice of a router', { model: 'openrouter/auto' }, {}, /^\S+\/\S+ answers, chosen by openrouter\/auto\.\n\n$/],
  ])('%s', async (_, parameters, options, note) => {
    const { reasoning, content, ids, usage } = await read(parameters, options);
    expect(reasoning).toMatch(note);
    expect(content).toMatch(/bees/);
    expect(content).not.toMatch(/answers instead|chosen by/);
    expect(ids.size).toBe(1);
    expect(usage.cost).toBeGreaterThan(0);
  });

  test('before the reasoning of the model', async () => {
    const { reasoning } = await read({ models: [OTHER], emulator: { fail: MODEL, reasoning: 'I think.' } });
    expect(reasoning).toBe('x-ai/grok-4 answers instead of openai/gpt-5-mini.\n\nI think.');
  });
});

describe('showModel changes no byte', () => {
  const bytesOf = async (options, parameters) => {
    const body = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], ...parameters });
    const response = await createFetch(options)(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body });
    const text = await response.text();
    return { text, sent: emulator.requests.at(-1).bytesWritten };
  };

  test.each([
    ['the model that was asked for', { stream: true }],
    ['a fallback that is not streamed', { models: [OTHER], emulator: { fail: MODEL } }],
    ['an error', { stream: true, emulator: { status: 503 } }],
  ])('for %s', async (_, parameters) => {
    const { text, sent } = await bytesOf({ showModel: true }, parameters);
    expect(Buffer.byteLength(text)).toBe(sent);
    expect(text).not.toContain('answers instead');
  });

  test('where the first chunk was split, because a note would be within it', async () => {
    const [one] = sse(chunkOf('Hi', { model: OTHER }), finishChunk()).split('data: [DONE]');
    const server = await startByteServer(() => [CHUNKED_HEAD, httpChunk(one.slice(0, 20)), new Promise((resolve) => { setImmediate(() => resolve(httpChunk(`${one.slice(20)}data: [DONE]\n\n`))); }), httpChunk()]);
    const { content } = await read({ models: [OTHER] }, { baseURL: server.baseURL }).finally(() => server.close());
    expect(content).toBe('Hi');
  });
});

test('showModel must be a switch', () => {
  expect(() => createFetch({ showModel: 'yes' })).toThrow(expect.objectContaining({ code: 'invalid_option' }));
});
