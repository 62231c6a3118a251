'use strict';

const { OpenRouterClient } = require('../..');
const { createOpenRouterClient, createOpenRouterService } = require('../../adapters/librechat');
const { startEmulator } = require('../../emulator');
const BaseClient = require('../librechat/app/old/app/clients/BaseClient.js');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { startRecordingServer } = require('../support/servers/recording-server.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Hi' }];

let restore;
let emulator;
let keys = 0;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
});
afterEach(() => restore());
afterAll(() => emulator.close());

const LibreChatClient = createOpenRouterClient({ BaseClient });
const newKey = () => `sk-or-v1-limit-call-options-${process.pid}-${keys += 1}`;
const CLIENTS = [
  ['the client', (options) => new OpenRouterClient(newKey(), { baseURL: emulator.baseURL, ...options })],
  ["LibreChat's class", (options) => new LibreChatClient(newKey(), { baseURL: emulator.baseURL, ...options })],
];
const paths = () => emulator.requests.map(({ path }) => path.replace(/^.*\/v1/, ''));

describe.each(CLIENTS)('%s', (_, make) => {
  test.each([false, true])('takes signal, headers, timeouts and maxRetries second; stream: %p', async (stream) => {
    const params = { model: MODEL, messages, stream };
    await make().chatCompletion(params, { headers: { 'X-Team': 'a' } });
    expect(emulator.requests[0].headers['x-team']).toBe('a');
    expect(emulator.requests[0].body).toEqual(params);
    expect(params).toEqual({ model: MODEL, messages, stream });

    expect(await failureOf(make().chatCompletion({ ...params, emulator: { delay: 5000 } }, { timeouts: { total: 50 } }))).toMatchObject({ code: 'timeout' });
    const reason = new Error('enough');
    expect(await failureOf(make().chatCompletion(params, { signal: AbortSignal.abort(reason) }))).toMatchObject({ name: 'AbortError', cause: reason });

    emulator.reset();
    expect(await failureOf(make().chatCompletion({ ...params, emulator: { status: 503 } }, { maxRetries: 0 }))).toMatchObject({ status: 503 });
    expect(emulator.requests).toHaveLength(1);
  });

  test('prefers the second argument to the parameters, where null means absent', async () => {
    const params = { model: MODEL, messages, headers: { 'X-Team': 'params' }, maxRetries: 0 };
    await make().chatCompletion(params, { headers: new Headers({ 'X-Team': 'options' }) });
    await make().chatCompletion(params, { headers: null, signal: undefined });
    await make().chatCompletion(params, null);
    expect(emulator.requests.map(({ headers }) => headers['x-team'])).toEqual(['options', 'params', 'params']);
  });

  test('turns privacy settings on by the second argument, and never off', async () => {
    const params = { model: MODEL, messages, zdr: true, dataCollection: 'deny' };
    await make().chatCompletion({ model: MODEL, messages }, { zdr: true, dataCollection: 'deny' });
    await make().chatCompletion(params, { zdr: false, dataCollection: 'allow' });
    expect(emulator.requests.map(({ body }) => body.provider)).toEqual([{ zdr: true, data_collection: 'deny' }, { zdr: true, data_collection: 'deny' }]);
    expect(await failureOf(make().chatCompletion(params, { zdr: 'false' }))).toMatchObject({ code: 'invalid_request', message: 'zdr must be true or false.' });
  });

  test.each([
    [{ timeout: 5 }, 'Unknown option timeout. Use timeouts: { total: 60_000 }, in milliseconds.'],
    [{ sginal: null, maxRetires: 2 }, 'Unknown option maxRetires. Did you mean maxRetries?'],
    [{ temperature: 1 }, 'Unknown option temperature. It is a parameter, which belongs into the first argument.'],
    [{ autoRouter: true }, 'Unknown option autoRouter. It is a parameter, which belongs into the first argument.'],
    [{ apiKey: 'x' }, 'Unknown option apiKey. It is an option of OpenRouterClient, which chatCompletion does not have.'],
    ['text', 'Invalid option options: expected an object.'],
    [{ maxRetries: '2' }, 'Invalid option maxRetries: expected a whole number, zero or more.'],
    [{ signal: {} }, 'Invalid option signal: expected an AbortSignal.'],
  ])('refuses %j as the second argument, and sends nothing', async (options, message) => {
    expect(await failureOf(make().chatCompletion({ model: MODEL, messages }, options))).toMatchObject({ code: 'invalid_option', message });
    expect(emulator.requests).toHaveLength(0);
  });

  test.each(['getCredits', 'getModels'])('%s takes force and signal as an object, or force before it', async (method) => {
    const client = make();
    const ask = (...given) => client[method](...given);
    const first = await ask();
    const before = emulator.requests.length;
    for (const given of [[], [undefined], [null], [false], [{}], [{ force: false }], [{ force: null, signal: null }], [false, { signal: new AbortController().signal }]]) {
      expect(await ask(...given)).toEqual(first);
    }
    expect(emulator.requests).toHaveLength(before);
    for (const given of [[true], [{ force: true }], [true, {}], [undefined, { force: true }]]) await ask(...given);
    expect(new Set(paths()).size).toBeLessThan(3);
    expect(emulator.requests.length).toBeGreaterThanOrEqual(before + 4);
    const signal = AbortSignal.abort();
    for (const given of [[{ signal, force: true }], [true, { signal }]]) expect(await failureOf(ask(...given))).toMatchObject({ name: 'AbortError' });
  });

  test.each(['getCredits', 'getModels'])('%s refuses what is neither', async (method) => {
    const client = make();
    for (const [given, message] of [
      [['true'], 'Invalid option force: expected true or false.'],
      [[1], 'Invalid option force: expected true or false.'],
      [[{ force: 'true' }], 'Invalid option force: expected true or false.'],
      [[true, 'text'], 'Invalid option options: expected an object.'],
      [[{ force: true }, { signal: null }], 'Invalid option options: expected one object: { force, signal }.'],
      [[{ forced: true }], 'Unknown option forced. Did you mean force?'],
      [[{ signal: 5 }], 'Invalid option signal: expected an AbortSignal.'],
    ]) {
      expect(await failureOf(client[method](...given))).toMatchObject({ code: 'invalid_option', message });
    }
    expect(emulator.requests).toHaveLength(0);
  });
});

test('the service of LibreChat passes the options of its calls on', async () => {
  const service = createOpenRouterService({ baseURL: emulator.baseURL });
  const key = newKey();
  await service.getModels(key);
  await service.getModels(key, { force: true });
  await service.chatCompletion(key, { model: MODEL, messages }, { headers: { 'X-Team': 'a' } });
  expect(paths()).toEqual(['/models', '/models', '/chat/completions']);
  expect(emulator.requests[2].headers['x-team']).toBe('a');
});

describe('getGeneration', () => {
  test('takes headers, timeouts, maxRetries and signal, also a key for this call', async () => {
    const answer = (_, response) => response.setHeader('Content-Type', 'application/json').end('{"data":{"id":"gen-1","total_cost":0.5}}');
    const api = await startRecordingServer(answer);
    try {
      const client = new OpenRouterClient(newKey(), { baseURL: api.url, headers: { 'X-Team': 'client', 'X-Other': 'kept' } });
      const own = newKey();
      expect(await client.getGeneration('gen-1', { headers: { 'X-Team': 'call', Authorization: `Bearer ${own}` } })).toMatchObject({ total_cost: 0.5 });
      await client.getGeneration('gen-1');
      expect(api.requests.map(({ headers }) => [headers['x-team'], headers['x-other'], headers.authorization])).toEqual([
        ['call', 'kept', `Bearer ${own}`],
        ['client', 'kept', `Bearer ${client.apiKey}`],
      ]);
    } finally {
      await api.close();
    }
  });

  test('ends at timeouts.total, and refuses unknown options and wrong values', async () => {
    const client = new OpenRouterClient(newKey(), { baseURL: emulator.baseURL });
    expect(await failureOf(client.getGeneration('gen-unknown', { timeouts: { total: 20 } }))).toMatchObject({ code: 'timeout', phase: 'total' });
    for (const [options, message] of [
      [{ timeout: 5 }, 'Unknown option timeout. Use timeouts: { total: 60_000 }, in milliseconds.'],
      [{ timeouts: { totl: 5 } }, 'Unknown option timeouts.totl. Did you mean timeouts.total?'],
      [{ maxRetries: -1 }, 'Invalid option maxRetries: expected a whole number, zero or more.'],
      [{ headers: { 'X-A': {} } }, 'Invalid option headers.X-A: expected a string.'],
      [true, 'Invalid option options: expected an object.'],
    ]) {
      expect(await failureOf(client.getGeneration('gen-1', options))).toMatchObject({ code: 'invalid_option', message });
    }
  });
});

const newClient = () => CLIENTS[0][1]();

test.each([
  ['runTools', (client, options) => client.runTools({ model: MODEL, messages, tools: [] }, options)],
  ['parse', (client, options) => client.parse({ model: MODEL, messages, schema: { type: 'object' } }, options)],
  ['continueCompletion', (client, options) => client.continueCompletion({ choices: [{ message: { role: 'assistant', content: 'The ' } }] }, { model: MODEL, messages, prefill: true }, options)],
])('takes the options of a call after the parameters of %s', async (_name, call) => {
  await call(newClient(), { headers: { 'X-Team': 'a' } }).catch(() => {});
  expect(emulator.requests[0].headers['x-team']).toBe('a');
  const reason = new Error('enough');
  expect(await failureOf(call(newClient(), { signal: AbortSignal.abort(reason) }))).toMatchObject({ name: 'AbortError', cause: reason });
  expect(await failureOf(call(newClient(), { sginal: null, header: {} }))).toMatchObject({ code: 'invalid_option', message: 'Unknown option header. Did you mean headers?' });
  expect(emulator.requests).toHaveLength(1);
});
