'use strict';

const { createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { until } = require('../support/until.js');

const KEY = 'sk-or-v1-limit-fetch-fallbacks';
const FIRST = 'openai/gpt-5-mini';
const CHAIN = ['x-ai/grok-4', 'openai/gpt-4o', 'openai/gpt-5', 'anthropic/claude-sonnet-4.5', 'google/gemini-2.5-flash'];
const LAST = CHAIN.at(-1);

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** Sends a chat with fallback models. Returns the response, its text, and what the hooks were told. */
async function ask(parameters = {}, { path = '/chat/completions', ...options } = {}) {
  const told = [];
  const hooks = Object.fromEntries(['Model', 'Fallback', 'Error', 'Settled'].map((name) => [`on${name}`, (value) => { told.push([name, value]); }]));
  const fetch = createFetch({ fallbackModels: CHAIN, ...hooks, ...options });
  const given = path === '/responses' ? { input: 'Tell me about bees' } : { messages: [{ role: 'user', content: 'Tell me about bees' }] };
  const body = JSON.stringify({ model: FIRST, stream: true, ...given, ...parameters });
  const response = await fetch(`${emulator.baseURL}${path}`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body });
  const text = await response.text();
  return { response, text, told, of: (name) => told.filter(([one]) => one === name).map(([, value]) => value) };
}

const sent = () => emulator.requests.map(({ body: { model, models } }) => [model, models]);

describe('fallbackModels', () => {
  test('go with a chat, three of them, and the first one that works answers', async () => {
    const { response, of } = await ask({ emulator: { fail: [FIRST, CHAIN[0]] } });
    expect(sent()).toEqual([[FIRST, CHAIN.slice(0, 3)]]);
    expect(response.status).toBe(200);
    expect(of('Fallback')).toEqual([expect.objectContaining({ from: FIRST, to: CHAIN[1] })]);
  });

  test.each([
    ['/chat/completions', { fail: [FIRST, ...CHAIN.slice(0, 3)] }, [CHAIN[3], [LAST]], CHAIN[3]],
    ['/chat/completions', { fail: [FIRST, ...CHAIN.slice(0, 4)], failStatus: 429 }, [CHAIN[3], [LAST]], LAST],
    ['/responses', { fail: [FIRST, ...CHAIN.slice(0, 3)] }, [CHAIN[3], [LAST]], CHAIN[3]],
  ])('beyond the third are asked by a further request to %s with %j', async (path, directives, second, answered) => {
    const { response, text, of } = await ask({ emulator: directives }, { path });
    expect(sent()).toEqual([[FIRST, CHAIN.slice(0, 3)], second]);
    expect(response.status).toBe(200);
    expect(text).toContain('bees');
    expect(of('Error')).toHaveLength(1);
    expect(of('Fallback')).toEqual([{ from: FIRST, to: answered, reason: of('Error')[0].message, attempts: expect.any(Array) }]);
    expect(of('Settled')).toEqual([expect.objectContaining({ requestedModel: FIRST, model: answered, outcome: 'complete' })]);
  });

  test('are asked two at a time with modelsPerRequest: 2', async () => {
    await ask({ emulator: { fail: '*' } }, { modelsPerRequest: 2 });
    expect(sent()).toEqual([[FIRST, CHAIN.slice(0, 2)], [CHAIN[2], CHAIN.slice(3, 5)]]);
  });

  test.each([[404, 'no-endpoints'], [403, 'moderation'], [400, 'context'], [429, 'daily'], [500, 'internal'], [502, 'provider'], [503, 'unavailable'], [529, 'overloaded'], [408, 'timeout']])('beyond the third are asked after a %d %s', async (status, kind) => {
    await ask({ emulator: { status, kind } });
    expect(emulator.requests).toHaveLength(2);
  });

  test.each([[400, 'invalid-request'], [401, 'unknown-key'], [402, 'credits'], [403, 'guardrail'], [413, 'too-large'], [504, 'timeout'], [524, 'timeout']])('are not asked after a %d %s, whose answer stays as it is', async (status, kind) => {
    const plain = await ask({ emulator: { status, kind } }, { fallbackModels: undefined });
    const { response, text } = await ask({ emulator: { status, kind } });
    expect(emulator.requests).toHaveLength(2);
    expect([response.status, text]).toEqual([status, plain.text]);
  });

  test('that all fail give the last answer', async () => {
    const { response, text, of } = await ask({ emulator: { fail: '*', failStatus: 503 } });
    expect(emulator.requests).toHaveLength(2);
    expect(response.status).toBe(503);
    expect(JSON.parse(text).error.message).toEqual(expect.any(String));
    expect(of('Error')).toHaveLength(2);
    expect(of('Settled')).toEqual([]);
  });

  test('are not added to a chat that has models or a router, nor to another request, and with chainFor: chat not to a title', async () => {
    await ask({ models: ['openai/gpt-5'] });
    await ask({ model: 'openrouter/auto' });
    await ask({ prompt: 'x' }, { path: '/completions' });
    await ask({ stream: false }, { chainFor: 'chat' });
    expect(sent().map(([, models]) => models)).toEqual([['openai/gpt-5'], undefined, undefined, undefined]);
    await ask({ stream: false });
    await ask({ stream: true }, { chainFor: 'chat' });
    expect(sent().slice(4).map(([, models]) => models)).toEqual([CHAIN.slice(0, 3), CHAIN.slice(0, 3)]);
  });

  test.each([
    ['that are too many for one request', { models: CHAIN }, [[FIRST, CHAIN.slice(0, 3)], [CHAIN[3], [LAST]]]],
    ['with one that is named twice', { models: [FIRST, ...CHAIN.slice(0, 3), CHAIN[0], LAST] }, [[FIRST, CHAIN.slice(0, 3)], [LAST, undefined]]],
    ['without a model beside them', { model: undefined, models: CHAIN }, [[CHAIN[0], CHAIN.slice(1, 4)], [LAST, undefined]]],
  ])("of a chat's own, %s, are asked by further requests with modelsPerRequest", async (_, parameters, groups) => {
    const { response, of } = await ask({ ...parameters, emulator: { fail: [FIRST, ...CHAIN.slice(0, 4)] } }, { fallbackModels: undefined, modelsPerRequest: 3 });
    expect(sent()).toEqual(groups);
    expect(response.status).toBe(200);
    expect(of('Fallback')).toEqual([expect.objectContaining({ from: parameters.model ?? groups[0][0], to: LAST })]);
  });

  test("of a chat's own that fit into one request stay, and the option's are not asked", async () => {
    await ask({ models: CHAIN.slice(2), emulator: { fail: '*' } }, { modelsPerRequest: 3 });
    expect(sent()).toEqual([[FIRST, CHAIN.slice(2)]]);
  });

  test("of a chat's own beyond the tenth are named in a warning, once", async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const models = Array.from({ length: 12 }, (_, at) => `a/${at + 1}`);
    for (let call = 0; call < 2; call += 1) await ask({ models, emulator: { status: 503, kind: 'unavailable' } }, { fallbackModels: undefined, modelsPerRequest: 3 });
    expect(warned.mock.calls).toEqual([[expect.stringMatching(/never asked: a\/11, a\/12\.$/), 'OpenRouterWarning']]);
    warned.mockRestore();
    expect(sent().slice(0, 3)).toEqual([[FIRST, models.slice(0, 3)], ['a/4', models.slice(4, 7)], ['a/8', models.slice(8, 10)]]);
    expect(emulator.requests).toHaveLength(6);
  });

  test('are nothing for the auto router, which is asked once', async () => {
    await ask({ models: CHAIN, emulator: { fail: '*' } }, { autoRouter: true, modelsPerRequest: 3 });
    expect(sent()).toEqual([['openrouter/auto', undefined]]);
  });

  test('work without a callback, and end with an abort', async () => {
    const fetch = createFetch({ fallbackModels: CHAIN });
    const abort = new AbortController();
    const post = (directives) => fetch(`${emulator.baseURL}/chat/completions`, {
      method: 'POST', headers: { authorization: `Bearer ${KEY}` }, signal: abort.signal,
      body: JSON.stringify({ model: FIRST, messages: [{ role: 'user', content: 'Hi' }], stream: true, emulator: directives }),
    });
    expect((await post({ fail: [FIRST, ...CHAIN.slice(0, 3)] })).status).toBe(200);
    const waiting = post({ delay: 60_000 });
    await until(() => emulator.requests.length === 3, 'the third request arrived');
    abort.abort(new Error('by the user'));
    await expect(waiting).rejects.toThrow('by the user');
    expect(emulator.requests).toHaveLength(3);
  });

  test('are the end: SDKs do not repeat the last failure within maxWait', async () => {
    const { response } = await ask({ emulator: { fail: '*', failStatus: 429 } }, { maxWait: 60_000 });
    expect(emulator.requests).toHaveLength(2);
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  test('are not asked after a lost connection, because a model may be paid', async () => {
    const { response } = await ask({ emulator: { drop: 'reset' } }, { maxWait: 60_000 });
    expect(emulator.requests).toHaveLength(1);
    expect(response.status).toBe(503);
  });

  test('must be up to ten ids of models', () => {
    for (const fallbackModels of ['a/b', [''], [1], Array.from({ length: 11 }, (_, at) => `a/${at}`)]) {
      expect(() => createFetch({ fallbackModels })).toThrow(expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(/fallbackModels/) }));
    }
  });
});
