'use strict';

const { ChatOpenAI } = require('@langchain/openai');
const OpenAI = require('openai');

const { startEmulator } = require('../../emulator');
const { closedPort } = require('../support/closed-port');
const { failureOf } = require('../support/outcomes');

const { OpenRouterError, createFetch } = require('../..');
const { configureAgents } = require('openrouter-native/librechat');

const KEY = 'sk-or-v1-limit-fetch-patience';
const MODEL = 'openai/gpt-5-mini';
const MESSAGES = [{ role: 'user', content: 'Hi' }];

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** How real SDKs ask, with the retries that they have by default. `directives` are for the emulator. */
const SDKS = {
  openai: (fetch, directives, more, options = {}) =>
    new OpenAI({ apiKey: KEY, baseURL: emulator.baseURL, fetch, ...options }).chat.completions.create({ model: MODEL, messages: MESSAGES, emulator: directives, ...more }),
  langchain: (fetch, directives, more, { baseURL = emulator.baseURL, ...options } = {}) =>
    new ChatOpenAI({ apiKey: KEY, model: MODEL, modelKwargs: { emulator: directives, ...more }, configuration: { baseURL, fetch }, ...options }).invoke('Hi'),
};
const names = Object.keys(SDKS);

test.each(names)('%s repeats a 503 without maxWait', async (name) => {
  await failureOf(SDKS[name](createFetch(), { status: 503 }, {}, { maxRetries: 1 }));
  expect(emulator.requests).toHaveLength(2);
});

describe('with maxWait', () => {
  test.each(names.flatMap((name) => [429, 503].map((status) => [name, status])))('%s gets a %i at once if it asks for a longer wait, with when to come back', async (name, status) => {
    const errors = [];
    const fetch = createFetch({ maxWait: 20_000, onError: (error) => errors.push(error) });
    const error = await failureOf(SDKS[name](fetch, { status, 'retry-after': 30 }));
    expect(emulator.requests).toHaveLength(1);
    expect(error.status).toBe(status);
    expect(error.message).toMatch(/[.!?] Come back in 30 seconds\./);
    expect(errors).toEqual([expect.objectContaining({ status, retryAfter: 30_000, waitLeft: 0 })]);
    expect(errors[0]).toBeInstanceOf(OpenRouterError);
  });

  test.each(names)('%s repeats a 503 as long as the limit allows, and each failure tells how long that is', async (name) => {
    const left = [];
    const fetch = createFetch({ maxWait: 600, onError: ({ waitLeft }) => left.push(waitLeft) });
    const error = await failureOf(SDKS[name](fetch, { status: 503 }));
    // The second failure comes after at least half a second, so that a third would come too late.
    expect(left).toEqual([expect.any(Number), 0]);
    expect(left[0]).toBeGreaterThan(0);
    expect(error.status).toBe(503);
    expect(emulator.requests).toHaveLength(2);
  });

  test.each(names.flatMap((name) => [408, 500, 502, 529].map((status) => [name, status])))('%s gets a %i at once where no wait is allowed', async (name, status) => {
    const error = await failureOf(SDKS[name](createFetch({ maxWait: 0 }), { status }));
    expect([error.status, emulator.requests.length]).toEqual([status, 1]);
    expect(error.message).not.toContain('Come back');
  });

  test.each(names)('%s is answered after a failure within the limit', async (name) => {
    await SDKS[name](createFetch({ maxWait: 20_000 }), { status: 503, times: 1, id: name });
    expect(emulator.requests.map(({ status }) => status)).toEqual([503, 200]);
  });

  test.each(names)('%s gets the failure of a whole chain at once', async (name) => {
    const fetch = createFetch({ maxWait: 20_000 });
    const error = await failureOf(SDKS[name](fetch, { status: 503 }, { models: ['x-ai/grok-4'] }));
    expect(error.status).toBe(503);
    expect(emulator.requests).toHaveLength(1);
  });

  test.each(names)('%s does not repeat a request that finds no server', async (name) => {
    const errors = [];
    const fetch = createFetch({ maxWait: 0, onError: (error) => errors.push(error) });
    const error = await failureOf(SDKS[name](fetch, {}, {}, { baseURL: `http://127.0.0.1:${await closedPort()}/api/v1` }));
    expect(error.status).toBe(503);
    expect(error.message).toMatch(/^503 .*127\.0\.0\.1/);
    expect(errors).toEqual([expect.objectContaining({ code: 'connection_failed', waitLeft: 0 })]);
  });

  test('other errors, answers and aborts pass as they are', async () => {
    const fetch = createFetch({ maxWait: 0 });
    const ask = (directives, init) => fetch(`${emulator.baseURL}/chat/completions`, {
      method: 'POST', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }, body: JSON.stringify({ model: MODEL, messages: MESSAGES, emulator: directives }), ...init,
    });
    for (const status of [400, 401, 402, 403, 404]) {
      const response = await ask({ status });
      expect([response.status, response.headers.get('x-should-retry')]).toEqual([status, null]);
      expect((await response.json()).error.code).toBe(status);
    }
    expect((await (await ask({})).json()).model).toBe(MODEL);
    const controller = new AbortController();
    const asking = failureOf(ask({ 'headers-after': 60_000 }, { signal: controller.signal }));
    controller.abort(new Error('by the user'));
    expect((await asking).message).toBe('by the user');
  });

  test('the last failure has the words of the API, its status, and headers that stop SDKs', async () => {
    const fetch = createFetch({ maxWait: 0 });
    const response = await fetch(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }, body: JSON.stringify({ model: MODEL, messages: MESSAGES, emulator: { status: 429, 'retry-after': 7 } }) });
    expect([response.status, response.url, response.headers.get('x-should-retry'), response.headers.get('retry-after')]).toEqual([429, `${emulator.baseURL}/chat/completions`, 'false', '7']);
    const { error } = await response.json();
    expect(error).toMatchObject({ code: 'ECONNABORTED', status: 429, message: expect.stringMatching(/Come back in 7 seconds\.$/) });
  });

  test.each([-1, NaN, '20s', true])('%s is no limit', async (maxWait) => {
    expect(await failureOf(() => createFetch({ maxWait }))).toMatchObject({ code: 'invalid_option' });
  });
});

test('configureAgents() waits 20 seconds at most, unless it is told otherwise', async () => {
  const waits = [];
  for (const options of [{}, { maxWait: 60_000 }, { maxWait: null }]) {
    const configOptions = { baseURL: emulator.baseURL };
    configureAgents({ llmConfig: { model: MODEL }, configOptions }, { ...options, onError: ({ waitLeft }) => waits.push(waitLeft) });
    await failureOf(new OpenAI({ apiKey: KEY, maxRetries: 0, ...configOptions }).chat.completions.create({ model: MODEL, messages: MESSAGES, emulator: { status: 503 } }));
  }
  expect(waits).toEqual([20_000, 60_000, undefined]);
});

test('configureAgents() shows the last failure in the form of LibreChat, and it is not repeated', async () => {
  const target = { llmConfig: { model: MODEL, apiKey: KEY, streaming: true, modelKwargs: { emulator: { status: 429, 'retry-after': 30 } } }, configOptions: { baseURL: emulator.baseURL } };
  configureAgents(target);
  const error = await failureOf(async () => { for await (const _ of await new ChatOpenAI({ ...target.llmConfig, configuration: target.configOptions }).stream('Hi')); });
  expect(emulator.requests).toHaveLength(1);
  expect(JSON.parse(/\{.*\}/.exec(error.message)[0]).info).toContain('Try again in 30 seconds.');
});
