'use strict';

const { OpenRouterClient, OpenRouterError } = require('../..');
const { startEmulator } = require('../../emulator');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');

const KEY = 'sk-or-v1-limit-body';
const MODEL = 'openai/gpt-5-mini';
const AUTO = 'openrouter/auto';
const messages = [{ role: 'user', content: 'Hi' }];

let restoreEnvironment;
let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(() => restoreEnvironment());
afterAll(() => emulator.close());

const clientWith = (options) => new OpenRouterClient(KEY, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
/** Sends a chat by a client with `options` and returns the text of the request body. HTTP errors are ignored. */
async function sent(options, params) {
  const before = emulator.requests.length;
  await clientWith(options).chatCompletion(params).catch((error) => { if (error.status === undefined) throw error; });
  expect(emulator.requests).toHaveLength(before + 1);
  return emulator.requests.at(-1).rawBody;
}
const sentBody = async (options, params) => JSON.parse(await sent(options, params));

describe('the request body', () => {
  const nested = {
    tools: [{ type: 'function', function: { name: 'x', parameters: { z: 1, a: { 2: 'two', 1: 'one' }, b: [] } } }],
    'unknown "name" \\ with 日本 and \u2028 and \u0001 and \u007f': { 'lone \ud83d half': 'half \udc4b too', pair: '👋', escape: '\b\f\n\r\t\u000b/</script>' },
    numbers: [0.1, 1e21, 1e-7, -0, 9007199254740993, 1.0e3, Number.MAX_VALUE, Number.MIN_VALUE],
    deep: JSON.parse('[{"a":'.repeat(300) + '1' + '}]'.repeat(300)),
    empty: [{}, [], '', null, false],
    date: new Date(0),
    proto: JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
    absent: undefined,
  };

  test('is byte for byte what JSON.stringify writes: order, digits, lone surrogates and unknown names', async () => {
    const params = { model: MODEL, messages: [{ role: 'user', content: 'Hi \ud800' }], ...nested };
    expect(await sent({}, params)).toBe(JSON.stringify(params));
  });

  describe('with long texts', () => {
    const long = (text) => text.repeat(Math.ceil(20_000 / text.length));
    const every = Array.from({ length: 0x500 }, (_, code) => String.fromCharCode(code)).join('');
    const part = (text) => [{ type: 'text', text }, { type: 'image_url', image_url: { url: `data:image/png;base64,${long('iVBO')}` } }];

    test.each([
      ['one long text', [{ role: 'user', content: long('Hi "you"\\\n') }]],
      ['every escape, characters beyond ASCII, and surrogate pairs', [{ role: 'user', content: long(`${every}\u2028👋`) }]],
      ['a lone surrogate', [{ role: 'user', content: long('Hi \ud83d') }, { role: 'user', content: long('Hi') }]],
      ['long and short texts mixed', [{ role: 'system', content: long('a') }, { role: 'user', content: 'b' }, { role: 'user', content: part(long('c')) }, { role: 'tool', content: long('d'), tool_call_id: 'e' }]],
      ['the same message twice', new Array(2).fill({ role: 'user', content: long('again') })],
      ['a long field name, and the field name __proto__', [{ [long('n')]: long('v'), ...JSON.parse(`{"__proto__":"${long('p')}"}`), content: 'Hi' }]],
      ['an instance of a class, and a message with toJSON', [new (class Message { content = long('x'); })(), { toJSON: () => ({ role: 'user', content: long('y') }), content: long('z') }]],
    ])('is what JSON.stringify writes: %s', async (_, messages) => {
      const params = { stop: ['x'], model: MODEL, messages, temperature: 0 };
      const text = JSON.stringify(params);
      expect(await sent({}, params)).toBe(text);
      expect(JSON.stringify(params)).toBe(text);
    });

    test('is what JSON.stringify writes: parameters with toJSON', async () => {
      const params = { toJSON: () => ({ model: MODEL, messages: [{ role: 'user', content: long('x') }] }), messages: [{ role: 'user', content: long('y') }] };
      expect(await sent({}, params)).toBe(JSON.stringify(params));
    });

    test('is not sent where a message contains itself', async () => {
      const message = { role: 'user', content: long('x') };
      message.self = message;
      await expect(clientWith({}).chatCompletion({ model: MODEL, messages: [message] })).rejects.toMatchObject({ code: 'invalid_request' });
      expect(emulator.requests).toHaveLength(0);
    });
  });

  test('has the defaults first, in their order, and a call replaces their values in place', async () => {
    const { deep: _, ...shallow } = nested;
    const modelOptions = { top_p: 0.5, model: 'openai/gpt-5', shallow, temperature: 1 };
    const params = { messages, temperature: 0, model: MODEL, numbers: nested.numbers };
    expect(await sent({ modelOptions }, params)).toBe(JSON.stringify({ ...modelOptions, ...params }));
  });

  test('may be nested as deeply in a default as in a call', async () => {
    const modelOptions = { model: MODEL, deep: nested.deep };
    expect(await sent({ modelOptions }, { messages })).toBe(JSON.stringify({ ...modelOptions, messages }));
  });

  test('has null where a call replaces a default by null', async () => {
    expect(await sentBody({ modelOptions: { stop: ['x'], temperature: 1 } }, { model: MODEL, messages, stop: null })).toEqual({ stop: null, temperature: 1, model: MODEL, messages });
  });

  test('has no parameters that are meant for the client, whether from the options or the call', async () => {
    const local = { autoRouter: false, zdr: false };
    const call = { ...local, timeouts: { idle: 1000 }, maxRetries: 0, signal: new AbortController().signal, onProgress() {}, headers: { 'X-A': '1' } };
    expect(await sentBody({ modelOptions: local }, { model: MODEL, messages, ...call })).toEqual({ model: MODEL, messages });
  });

  test('takes the model from the defaults, which a call does not change', async () => {
    const client = clientWith({ modelOptions: { model: 'openai/gpt-5', temperature: 0.5 } });
    await client.chatCompletion({ messages, model: MODEL, temperature: 0 });
    await client.chatCompletion({ messages });
    expect(emulator.requests.map(({ body }) => [body.model, body.temperature])).toEqual([[MODEL, 0], ['openai/gpt-5', 0.5]]);
    expect(client.modelOptions).toEqual({ model: 'openai/gpt-5', temperature: 0.5 });
  });

  test('has the model id unchanged', async () => {
    for (const model of ['openrouter/auto', 'openai/gpt-5-mini:nitro', '~anthropic/claude-sonnet-latest', '@preset/mine', 'x/codex-auto-review']) {
      expect((await sentBody({}, { model, messages })).model).toBe(model);
    }
  });
});

describe('chatCompletion refuses without a request', () => {
  async function refused(client, params) {
    const error = await failureOf(client.chatCompletion(params));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error.code).toBe('invalid_request');
    expect(error.status).toBeUndefined();
    expect(emulator.requests).toEqual([]);
    return error.message;
  }

  test.each([['absent', undefined], ['null', null], ['empty', []], ['text', 'Hi'], ['an object', { 0: messages[0], length: 1 }]])('messages that are %s', async (_, value) => {
    const message = 'Messages array is required for OpenRouter API';
    expect(await refused(clientWith(), { model: MODEL, messages: value })).toBe(message);
    expect(await refused(clientWith({ autoRouter: true }), { messages: value, stream: true })).toBe(message);
  });

  test.each([['absent', {}], ['null', { model: null }], ['empty', { model: '' }], ['blank', { model: ' \n' }]])('a model that is %s, without the auto router', async (_, named) => {
    const message = 'No model specified for OpenRouter. Please select a model.';
    expect(await refused(clientWith(), { messages, ...named })).toBe(message);
    expect(await refused(clientWith({ modelOptions: { model: MODEL } }), { messages, model: null })).toBe(message);
    expect(await refused(clientWith({ modelOptions: named }), { messages, models: [] })).toBe(message);
  });

  test.each([
    ['undefined', undefined], ['null', null], ['text', 'Hi'], ['a list', [messages]], ['a number', 5],
    ['a model that is not text', { messages, model: 5 }], ['models that are not a list', { messages, model: MODEL, models: 'a/b' }],
    ['models that are not texts', { messages, model: MODEL, models: [5] }],
  ])('invalid parameters: %s', async (_, params) => {
    expect(await refused(clientWith(), params)).toEqual(expect.any(String));
  });

  test('parameters that JSON cannot represent', async () => {
    const circular = { model: MODEL, messages };
    circular.self = circular;
    await refused(clientWith(), circular);
    await refused(clientWith(), { model: MODEL, messages: [{ role: 'user', get content() { throw new TypeError('not now'); } }] });
    await refused(clientWith(), { model: MODEL, messages, seed: 1n });
  });

  test.each([['autoRouter', 'true'], ['zdr', 'true'], ['zdr', 1]])('%s: %p, which must be a boolean', async (name, value) => {
    const error = await failureOf(clientWith().chatCompletion({ model: MODEL, messages, [name]: value }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error.message).toContain(name);
    expect(emulator.requests).toEqual([]);
  });

  test('a provider that is not an object, where a privacy option must be merged into it', async () => {
    await refused(clientWith({ zdr: true }), { model: MODEL, messages, provider: 'azure' });
  });

  test.each([[false], [true]])('a call with an aborted signal (stream: %p)', async (stream) => {
    const reason = new Error('the user left');
    const error = await failureOf(clientWith().chatCompletion({ model: MODEL, messages, stream, signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', message: 'Request aborted' });
    expect(error.cause).toBe(reason);
    // A later request has arrived, so a request of the aborted call would have too.
    await clientWith().chatCompletion({ model: MODEL, messages });
    expect(emulator.requests).toHaveLength(1);
  });
});

describe('the auto router', () => {
  test.each([
    ['autoRouter', { autoRouter: true }],
    ['modelOptions.autoRouter', { modelOptions: { autoRouter: true, model: MODEL } }],
    ['endpointOption.autoRouter', { endpointOption: { autoRouter: true } }],
    ['endpointOption.modelOptions.autoRouter', { endpointOption: { modelOptions: { autoRouter: true } } }],
  ])('is turned on by %s: the model is openrouter/auto and models is left out', async (_, options) => {
    expect(clientWith(options).autoRouter).toBe(true);
    expect(await sentBody(options, { model: 'openai/gpt-5', models: [MODEL], messages })).toEqual({ model: AUTO, messages });
    expect(await sentBody(options, { messages })).toEqual({ model: AUTO, messages });
  });

  test('a call turns it on and off', async () => {
    expect((await sentBody({}, { model: MODEL, messages, autoRouter: true })).model).toBe(AUTO);
    expect((await sentBody({ autoRouter: true }, { model: MODEL, messages, autoRouter: false })).model).toBe(MODEL);
    expect((await sentBody({ autoRouter: true, modelOptions: { autoRouter: true } }, { model: MODEL, messages, autoRouter: false })).model).toBe(MODEL);
  });

  test('the option decides before modelOptions, and modelOptions before endpointOption', async () => {
    expect(clientWith({ autoRouter: false, modelOptions: { autoRouter: true } }).autoRouter).toBe(false);
    expect(clientWith({ modelOptions: { autoRouter: false }, endpointOption: { autoRouter: true } }).autoRouter).toBe(false);
  });
});

describe('the field models', () => {
  const many = Array.from({ length: 12 }, (_, at) => `maker/model-${at}`);

  test('has the first three that differ from the primary model, each once', async () => {
    const models = [MODEL, 'a/a', 'b/b', 'a/a', MODEL, 'c/c', 'd/d', 'b/b'];
    expect(await sent({}, { model: MODEL, models, messages })).toBe(JSON.stringify({ model: MODEL, models: ['a/a', 'b/b', 'c/c'], messages }));
  });

  test.each([[1, 1], [2, 2], [3, 3], [5, 5]])('has as many as modelsPerRequest: %i', async (modelsPerRequest, count) => {
    expect((await sentBody({ modelsPerRequest }, { model: MODEL, models: many, messages })).models).toEqual(many.slice(0, count));
  });

  test('has ten at most: more are dropped, with a warning', async () => {
    const warnings = [];
    const client = clientWith({ modelsPerRequest: 20, logger: { warn: (message) => warnings.push(message) } });
    await client.chatCompletion({ model: MODEL, models: [...many.slice(0, 10), MODEL, many[0]], messages }).catch(() => {});
    expect(warnings).toEqual([]);
    await client.chatCompletion({ model: MODEL, models: many, messages }).catch(() => {});
    expect(warnings).toEqual([expect.stringMatching(/^\[OpenRouter\] .*models.*\b10\b/)]);
    expect(emulator.requests.map(({ body }) => body.models)).toEqual([many.slice(0, 10), many.slice(0, 10)]);
  });

  test.each([
    ['openrouter/auto'], ['openrouter/auto-beta'], ['openrouter/free'], ['openrouter/auto:online'], ['openrouter/pareto-code'], ['openrouter/fusion'],
  ])('is omitted for the router %s', async (model) => {
    expect(await sentBody({}, { model, models: ['a/a'], messages })).toEqual({ model, messages });
  });

  test.each([['x/codex-auto-review'], ['auto'], ['x/openrouter/auto'], ['openrouter/auto-x'], ['~openai/gpt-mini-latest']])('is kept for %s, which is not a router', async (model) => {
    expect((await sentBody({}, { model, models: ['a/a'], messages })).models).toEqual(['a/a']);
  });

  test.each([['an empty list', []], ['only the primary model', [MODEL, MODEL]], ['null', null]])('is omitted when it is %s', async (_, models) => {
    expect(await sentBody({}, { model: MODEL, models, messages })).toEqual({ model: MODEL, messages });
  });

  test('may come from modelOptions', async () => {
    expect((await sentBody({ modelOptions: { models: many } }, { model: MODEL, messages })).models).toEqual(many.slice(0, 3));
  });
});

describe('privacy options', () => {
  test('a header of the options does not turn zdr off', () => {
    const client = clientWith({ zdr: true, headers: { 'x-openrouter-zdr': 'false' } });
    expect(new Headers(client.buildHeaders()).get('X-OpenRouter-ZDR')).toBe('true');
  });

  const provider = { order: ['azure'], only: ['azure', 'openai'], extra: { z: 1, a: 2 } };

  test.each([
    ['zdr', { zdr: true }],
    ['modelOptions.zdr', { modelOptions: { zdr: true } }],
    ['endpointOption.zdr', { endpointOption: { zdr: true } }],
    ['endpointOption.modelOptions.zdr', { endpointOption: { modelOptions: { zdr: true } } }],
  ])('%s is merged into provider and sets its header, and a call cannot turn it off', async (_, options) => {
    expect(clientWith(options).zdr).toBe(true);
    for (const loose of [{}, { zdr: false }, { zdr: null }, { provider: null }, { provider: { zdr: false } }, { zdr: false, provider: { zdr: null } }]) {
      expect((await sentBody(options, { model: MODEL, messages, ...loose })).provider).toEqual({ zdr: true });
      expect(emulator.requests.at(-1).headers['x-openrouter-zdr']).toBe('true');
    }
  });

  test('zdr: true in one place of the options holds against false in another', () => {
    expect(clientWith({ zdr: false, endpointOption: { modelOptions: { zdr: true } } }).zdr).toBe(true);
    expect(clientWith({ zdr: true, modelOptions: { zdr: false } }).zdr).toBe(true);
  });

  test('the other fields of provider stay byte for byte', async () => {
    const params = { model: MODEL, messages, provider };
    expect(await sent({ zdr: true, dataCollection: 'deny' }, params)).toBe(JSON.stringify({ ...params, provider: { ...provider, zdr: true, data_collection: 'deny' } }));
    expect(await sent({}, params)).toBe(JSON.stringify(params));
  });

  test('a call can turn zdr on, as a parameter or in provider', async () => {
    expect((await sentBody({}, { model: MODEL, messages, zdr: true, provider })).provider).toEqual({ ...provider, zdr: true });
    expect(emulator.requests[0].headers['x-openrouter-zdr']).toBe('true');
    expect((await sentBody({}, { model: MODEL, messages, provider: { zdr: true } })).provider).toEqual({ zdr: true });
    expect((await sentBody({}, { model: MODEL, messages })).provider).toBeUndefined();
    expect(emulator.requests[2].headers).not.toHaveProperty('x-openrouter-zdr');
  });

  test("dataCollection: 'deny' is in each request, and a call cannot turn it off", async () => {
    const options = { dataCollection: 'deny' };
    for (const loose of [{}, { provider: { data_collection: 'allow' } }, { provider: { data_collection: null } }, { provider: null }]) {
      expect((await sentBody(options, { model: MODEL, messages, ...loose })).provider).toEqual({ data_collection: 'deny' });
    }
    expect((await sentBody({}, { model: MODEL, messages, provider: { data_collection: 'deny' } })).provider).toEqual({ data_collection: 'deny' });
  });

  test('hold for the auto router, fallbacks and streams', async () => {
    const options = { zdr: true, dataCollection: 'deny', autoRouter: true };
    expect(await sentBody(options, { messages })).toEqual({ messages, model: AUTO, provider: { zdr: true, data_collection: 'deny' } });
    const stream = await clientWith({ zdr: true }).chatCompletion({ model: MODEL, models: ['openai/gpt-5'], messages, stream: true });
    await stream.finalCompletion();
    expect(emulator.requests.at(-1).body).toMatchObject({ models: ['openai/gpt-5'], provider: { zdr: true } });
  });
});
