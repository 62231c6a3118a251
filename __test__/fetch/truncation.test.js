'use strict';

const { ChatOpenAI } = require('@langchain/openai');
const OpenAI = require('openai');

const { CHUNKED_HEAD, chunkOf, finishChunk, sse } = require('../support/streaming');
const { httpChunk, startByteServer } = require('../support/servers/byte-server');
const { failureOf } = require('../support/outcomes');

const { createFetch } = require('../..');
const { configureAgents } = require('openrouter-native/librechat');

const KEY = 'sk-or-v1-limit-fetch-truncation';
const MODEL = 'openai/gpt-5-mini';

let server;
beforeAll(async () => { server = await startByteServer(() => []); });
beforeEach(() => { server.requests.length = 0; });
afterAll(() => server.close());

const eventsOf = (...events) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

/** The endpoints whose streams say when they are complete: the events before the end, and what completes them. */
const ENDPOINTS = {
  '/chat/completions': [eventsOf(chunkOf('one ')), eventsOf(finishChunk())],
  '/responses': [
    eventsOf({ type: 'response.created', response: { id: 'r', model: MODEL, status: 'in_progress' } }, { type: 'response.output_text.delta', delta: 'one ' }),
    eventsOf({ type: 'response.completed', response: { id: 'r', model: MODEL, status: 'completed', output: [] } }),
  ],
  '/messages': [
    eventsOf({ type: 'message_start', message: { id: 'm', model: MODEL, content: [] } }, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'one ' } }),
    eventsOf({ type: 'message_stop' }),
  ],
  '/completions': [eventsOf({ id: 'c', model: MODEL, choices: [{ index: 0, text: 'one ' }] }), 'data: [DONE]\n\n'],
};

/** The ways to a `fetch`, and whether the body of an answer that was cut off fails there. */
const DOORS = {
  'createFetch() alone': [() => createFetch(), false],
  'failOnTruncation': [() => createFetch({ failOnTruncation: true }), true],
  'a callback': [() => createFetch({ onUsage: () => {} }), true],
  'a rule': [() => createFetch({ dataCollection: 'deny' }), true],
  'a callback with failOnTruncation: false': [() => createFetch({ onUsage: () => {}, failOnTruncation: false }), false],
  'configureAgents()': [() => agentsFetch(), true],
  'configureAgents() with failOnTruncation: false': [() => agentsFetch({ failOnTruncation: false }), false],
};

function agentsFetch(options) {
  const configOptions = { baseURL: server.baseURL };
  configureAgents({ llmConfig: { model: MODEL }, configOptions }, options);
  return configOptions.fetch;
}

const post = (fetch, path) => fetch(`${server.baseURL}${path}`, {
  method: 'POST',
  headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], input: 'Hi', prompt: 'Hi', stream: true }),
});

/** Lets the server answer with these bytes, and end the body as HTTP does, so that only its content tells that it was cut. */
function answerWith(text) {
  server.script = () => [CHUNKED_HEAD, ...(text === '' ? [] : [httpChunk(text)]), httpChunk()];
}

/** Reads a body. Returns what came, and the error that it ended with, or null. */
async function read(response) {
  let text = '';
  try {
    for await (const part of response.body) text += Buffer.from(part).toString();
  } catch (error) {
    return { text, error };
  }
  return { text, error: null };
}

const all = Object.keys(ENDPOINTS).flatMap((path) => Object.keys(DOORS).map((door) => [path, door]));
/** No privacy setting can be kept there, so that nothing is sent. */
const isRefused = (path, door) => path === '/completions' && door === 'a rule';

describe('a stream that ends without the end of its answer', () => {
  test.each(all.filter(([path, door]) => !isRefused(path, door)))('%s, by %s', async (path, door) => {
    const [make, fails] = DOORS[door];
    const [begin, end] = ENDPOINTS[path];
    for (const text of [begin, `${begin}data: {"cut":"in mid-ev`, '']) {
      answerWith(text);
      const { text: arrived, error } = await read(await post(make(), path));
      expect(arrived).toBe(text);
      if (!fails) {
        expect(error).toBeNull();
        continue;
      }
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe('terminated');
      expect(error.cause).toMatchObject({ name: 'OpenRouterError', code: 'ERR_STREAM_PREMATURE_CLOSE' });
      expect(error.cause.message).toMatch(/cut off.*try again/);
      expect(JSON.stringify(error.cause.partial ?? {}).includes('one ')).toBe(text !== '');
    }
    answerWith(`${begin}${end}`);
    expect(await read(await post(make(), path))).toEqual({ text: `${begin}${end}`, error: null });
  });

  test('is told to onError before the body fails, once', async () => {
    const codes = [];
    answerWith(ENDPOINTS['/chat/completions'][0]);
    const response = await post(createFetch({ onError: ({ code }) => codes.push(code) }), '/chat/completions');
    const { error } = await read(response);
    expect(error.message).toBe('terminated');
    expect(codes).toEqual(['stream_truncated']);
  });

  test("fails for the OpenAI SDK and for LangChain after the text that came, with one request each", async () => {
    const fetch = createFetch({ failOnTruncation: true });
    const sdk = new OpenAI({ apiKey: KEY, baseURL: server.baseURL, fetch });
    const model = new ChatOpenAI({ apiKey: KEY, model: MODEL, configuration: { baseURL: server.baseURL, fetch } });
    const ways = {
      sdk: async (texts) => { for await (const chunk of await sdk.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], stream: true })) texts.push(chunk.choices[0].delta.content); },
      langchain: async (texts) => { for await (const chunk of await model.stream('Hi')) texts.push(chunk.content); },
    };
    answerWith(eventsOf(chunkOf('one '), chunkOf('two')));
    for (const [name, run] of Object.entries(ways)) {
      server.requests.length = 0;
      const texts = [];
      const error = await failureOf(run(texts));
      expect([name, error.message]).toEqual([name, 'terminated']);
      expect(texts.join('')).toBe('one two');
      expect(server.requests).toHaveLength(1);
    }
    answerWith(sse(chunkOf('one '), finishChunk()));
    for (const run of Object.values(ways)) await run([]);
  });
});

describe('JSON that ends in the middle, such as a title', () => {
  const whole = JSON.stringify({ id: 'gen-1', model: MODEL, choices: [{ index: 0, message: { role: 'assistant', content: 'A title' }, finish_reason: 'stop' }], usage: { cost: 0.1 } });
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';

  test.each([
    ['in its first value', whole.slice(0, 12)],
    ['in the answer', whole.slice(0, 90)],
    ['before its last brace', whole.slice(0, -1)],
    ['after OpenRouter\'s white space', `\n   \n${whole.slice(0, 90)}`],
    ['over several lines', JSON.stringify(JSON.parse(whole), null, 2).slice(0, 80)],
  ])('%s is told as that, and fails', async (_, text) => {
    for (const path of ['/chat/completions', '/responses']) {
      const errors = [];
      server.script = () => [HEAD, httpChunk(text), httpChunk()];
      const { text: arrived, error } = await read(await post(createFetch({ onError: (one) => errors.push(one) }), path));
      expect(arrived).toBe(text);
      expect(errors).toEqual([expect.objectContaining({ code: 'stream_truncated', message: 'The answer was cut off: its JSON ends in the middle. Please try again.' })]);
      expect([error.message, error.cause.message]).toEqual(['terminated', errors[0].message]);
    }
  });
});

test('an empty body with status 200 fails, too', async () => {
  server.script = () => ['HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n'];
  const { error } = await read(await post(createFetch({ failOnTruncation: true }), '/chat/completions'));
  expect(error.cause).toMatchObject({ name: 'OpenRouterError', message: expect.stringContaining('empty body') });
  expect((await read(await post(createFetch(), '/chat/completions'))).error).toBeNull();
});

test('failOnTruncation must be true or false', async () => {
  expect(await failureOf(() => createFetch({ failOnTruncation: 1 }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('failOnTruncation') });
});
