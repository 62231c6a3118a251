'use strict';

const { inspect } = require('node:util');

const { startEmulator } = require('../../emulator');
const { createOpenRouterClient } = require('openrouter-native/librechat');
const OldBase = require('./app/old/app/clients/BaseClient.js');
const NewBase = require('./app/new/app/clients/BaseClient.js');
const { MODEL, startApp } = require('./app/app.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { failure, startScriptedApi } = require('../support/servers/scripted-api.js');

const messages = [{ role: 'user', content: 'Tell me about bees' }];

let restore;
let emulator;
let app;
let user;
beforeAll(async () => { emulator = await startEmulator({ showKeys: true }); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
  app = startApp('old', emulator);
  user = app.newUser();
});
afterEach(() => {
  jest.restoreAllMocks();
  restore();
});
afterAll(() => emulator.close());

const clientOf = (modelOptions) => app.clientFor(user, modelOptions);
const lastBody = () => emulator.requests.at(-1).body;

describe('the class', () => {
  const METHODS = ['setOptions', 'buildHeaders', 'chatCompletion', 'sendCompletion', 'getCompletion', 'getCredits', 'getModels', 'titleConvo', 'handleError', 'getSaveOptions', 'getBuildMessagesOptions', 'buildMessages', 'getActualModelUsed', 'getResponseModel', 'getStreamUsage', 'getStreamText', 'getTokenCount', 'getTokenCountForResponse', 'recordTokenUsage', 'calculateCurrentTokenCount', 'checkVisionRequest', 'addImageURLs', 'dispose'];

  test("extends LibreChat's BaseClient, and has every member that LibreChat calls", () => {
    const client = clientOf();
    expect(client).toBeInstanceOf(OldBase);
    expect(client.constructor.name).toBe('OpenRouterClient');
    for (const name of METHODS) expect(client[name]).toBeInstanceOf(Function);
    expect(client.getBuildMessagesOptions()).toEqual({ isChatCompletion: true, isChatGptModel: true });
    expect(client).toMatchObject({ isChatCompletion: true, isChatGptModel: true, inputTokensKey: 'prompt_tokens', outputTokensKey: 'completion_tokens' });
  });

  test('has own, writable data properties, and instances that can be weakly referenced', () => {
    const client = clientOf();
    for (const name of ['apiKey', 'options', 'modelOptions', 'sender', 'autoRouter', 'zdr', 'baseURL', 'siteUrl', 'siteName', 'cacheSettings', 'cache', 'usage', 'actualModelUsed', 'inputTokensKey', 'outputTokensKey']) {
      expect(Object.getOwnPropertyDescriptor(client, name)).toMatchObject({ writable: true, configurable: true });
    }
    expect(new WeakRef(client).deref()).toBe(client);
    expect(new WeakMap([[client, 1]]).get(client)).toBe(1);
  });

  test('can be created with nothing; each call then names what is missing', async () => {
    const client = new app.OpenRouterClient(undefined, {});
    expect(client.baseURL).toBe('https://openrouter.ai/api/v1');
    expect(await failureOf(client.getModels())).toMatchObject({ code: 'missing_api_key' });
    expect(await failureOf(() => client.buildHeaders())).toMatchObject({ code: 'missing_api_key' });
    expect(await failureOf(clientOf().chatCompletion({ messages: [] }))).toMatchObject({ message: 'Messages array is required for OpenRouter API' });
    const nameless = new app.OpenRouterClient(user.key, { baseURL: emulator.baseURL });
    expect(await failureOf(nameless.chatCompletion({ messages }))).toMatchObject({ message: 'No model specified for OpenRouter. Please select a model.' });
    expect(await failureOf(nameless.sendCompletion([]))).toMatchObject({ message: 'No messages provided to sendCompletion' });
    expect(await failureOf(nameless.getCompletion({}))).toMatchObject({ message: 'No messages provided to getCompletion' });
    expect(await nameless.buildMessages([])).toEqual({ prompt: [] });
    expect(emulator.requests).toHaveLength(0);
  });

  test('reads key, base URL and site from the environment when it is created', () => {
    Object.assign(process.env, { OPENROUTER_API_KEY: 'sk-or-v1-env', OPENROUTER_BASE_URL: emulator.baseURL, OPENROUTER_SITE_URL: 'https://site.example' });
    const client = new app.OpenRouterClient();
    expect(client).toMatchObject({ apiKey: 'sk-or-v1-env', baseURL: emulator.baseURL, siteUrl: 'https://site.example' });
    expect(new app.OpenRouterClient('sk-or-v1-mine', { openRouterApiKey: 'sk-or-v1-users' }).apiKey).toBe('sk-or-v1-users');
    const byOption = new app.OpenRouterClient(undefined, { apiKey: 'sk-or-v1-optional' });
    expect(byOption.apiKey).toBe('sk-or-v1-optional');
    expect(byOption.options).not.toHaveProperty('apiKey');
  });

  test('uses the current values of its properties', async () => {
    const client = clientOf();
    await client.getModels();
    const other = app.newUser().key;
    client.apiKey = other;
    client.siteName = 'Renamed';
    expect(client.buildHeaders()).toMatchObject({ Authorization: `Bearer ${other}`, 'X-Title': 'Renamed' });
    client.modelOptions.model = 'x-ai/grok-4';
    await client.sendCompletion(messages);
    expect(lastBody().model).toBe('x-ai/grok-4');
    expect(emulator.requests.at(-1).headers.authorization).toBe(`Bearer ${other}`);
  });

  test('shows no key, no question and no answer when it is printed', async () => {
    const client = new app.OpenRouterClient('sk-or-v1-first', { openRouterApiKey: user.key, baseURL: emulator.baseURL, modelOptions: { model: MODEL } });
    await client.sendCompletion([{ role: 'user', content: 'a private question' }]);
    const shown = [inspect(client, { depth: 9 }), inspect({ client }), JSON.stringify(client), inspect(client, { customInspect: false, depth: 9 })].join('\n');
    expect(shown).not.toContain(user.key);
    expect(shown).not.toContain('sk-or-v1-first');
    expect(shownOf({ ...client })).not.toContain(user.key);
    expect([inspect(client), JSON.stringify(client)].join()).not.toContain('private question');
    expect(JSON.parse(JSON.stringify(client))).toMatchObject({ apiKey: '[REDACTED]', model: MODEL });
  });

  test.each([
    [{}, 'BaseClient'],
    [{ BaseClient: {} }, 'BaseClient'],
    [{ BaseClient: OldBase, completionShape: 'both' }, 'completionShape'],
  ])('is not created from %j: the message names %s', async (parts, name) => {
    expect(await failureOf(() => createOpenRouterClient(parts))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) });
  });
});

describe('the result of sendCompletion', () => {
  const keyed = (Client) => new Client(user.key, { baseURL: emulator.baseURL, modelOptions: { model: MODEL, emulator: { text: 'Hi there' } } });
  /** A BaseClient as other authors, minifiers and coverage tools write it. */
  class Minified extends OldBase { async sendMessage(p, o) { const{completion:c,metadata:m}=await this.sendCompletion(p,o);return [c, m]; } }
  class Covered extends OldBase { async sendReservedMessage(p, o) { const { completion, metadata } = (0, await this.sendCompletion(p, o)); return [completion, metadata]; } }
  class Stepwise extends OldBase { async sendMessage(p, o) { const result = await this.sendCompletion(p, o); return result.completion; } }
  class Derived extends NewBase {}

  test.each([['the fork\'s', OldBase, 'string'], ["v0.8's", NewBase, 'object'], ['a minified', Minified, 'object'], ['an instrumented', Covered, 'object'], ['a stepwise', Stepwise, 'object'], ['a derived', Derived, 'object']])('has the shape that %s BaseClient awaits', async (_, BaseClient, shape) => {
    const result = await keyed(createOpenRouterClient({ BaseClient })).sendCompletion(messages, { onProgress: () => {} });
    if (shape === 'string') expect(result).toBe('Hi there');
    else expect(result).toMatchObject({ completion: 'Hi there', metadata: { model: MODEL, finish_reason: 'stop', usage: { completion_tokens: expect.any(Number) } } });
  });

  test('can be set with completionShape', async () => {
    const explicit = createOpenRouterClient({ BaseClient: NewBase, completionShape: 'string' });
    expect(await keyed(explicit).sendCompletion(messages)).toBe('Hi there');
  });

  test('has the same shape without onProgress, also with tool calls', async () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const calling = (BaseClient) => keyed(createOpenRouterClient({ BaseClient })).sendCompletion({ messages, tools, emulator: {} });
    const call = expect.objectContaining({ function: expect.objectContaining({ name: 'f' }) });
    expect(await calling(OldBase)).toEqual({ choices: [{ message: { content: null, tool_calls: [call], function_call: undefined }, finish_reason: 'tool_calls' }] });
    expect(await calling(NewBase)).toMatchObject({ completion: '', metadata: { tool_calls: [call], finish_reason: 'tool_calls' } });
    expect(lastBody().stream).toBe(false);
  });
});

describe('chatCompletion', () => {
  test('returns the answer of the API, with _metadata if a router was used', async () => {
    const client = clientOf();
    const plain = await client.chatCompletion({ messages });
    expect(plain.choices[0].message.content.length).toBeGreaterThan(0);
    expect(plain).not.toHaveProperty('_metadata');
    expect(client.usage).toBe(plain.usage);
    const auto = await client.chatCompletion({ messages, autoRouter: true, models: ['x-ai/grok-4'], emulator: { model: 'x-ai/grok-4' } });
    expect(auto._metadata).toMatchObject({ autoRouterUsed: true, requestedModel: MODEL, effectiveModel: 'openrouter/auto', actualModelUsed: 'x-ai/grok-4' });
    expect(client.getActualModelUsed()).toBe('x-ai/grok-4');
    expect(lastBody()).toEqual({ messages, model: 'openrouter/auto', emulator: { model: 'x-ai/grok-4' } });
  });

  test('returns for a stream a response whose body is a Node stream, as node-fetch does', async () => {
    const client = clientOf();
    const response = await client.chatCompletion({ messages, stream: true, emulator: { text: 'one two' } });
    expect(response).toMatchObject({ ok: true, status: 200, statusText: 'OK', url: `${emulator.baseURL}/chat/completions`, bodyUsed: false });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('x-generation-id')).toMatch(/^gen-/);
    const bytes = [];
    await new Promise((resolve, reject) => response.body.on('data', (chunk) => bytes.push(chunk)).on('end', resolve).on('error', reject));
    const text = Buffer.concat(bytes).toString();
    expect(text).toContain('"content":"one "');
    expect(text.trimEnd()).toMatch(/data: \[DONE\]$/);
    expect(client.usage).toMatchObject({ completion_tokens: expect.any(Number) });
    expect(client.getActualModelUsed()).toBe(MODEL);
    const again = await client.chatCompletion({ messages, stream: true, emulator: { text: 'one two' } });
    expect(await again.text()).toContain('[DONE]');
  });

  test('closes the request when the body is destroyed', async () => {
    const { body } = await clientOf().chatCompletion({ messages, stream: true, emulator: { text: 'one two three', stall: 2 } });
    body.once('data', () => body.destroy());
    expect((await emulator.requests.at(-1).closed).by).toBe('client');
  });

  test('fails the body on an abort, also if it is not read yet', async () => {
    const abortController = new AbortController();
    const directives = { text: 'one two three', stall: 2 };
    const response = await clientOf().chatCompletion({ messages, stream: true, signal: abortController.signal, emulator: directives });
    abortController.abort();
    expect(await failureOf(response.text())).toMatchObject({ name: 'AbortError' });
    expect((await emulator.requests.at(-1).closed).by).toBe('client');
  });
});

describe('credits and models on the instance', () => {
  let api;
  beforeEach(async () => {
    api = await startScriptedApi({
      '/credits': { data: { total_credits: 10, total_usage: 4 } },
      '/models': { data: [{ id: 'a/b', name: 'B', pricing: { prompt: '0.000001' } }] },
    });
    app = startApp('old', api);
    // The cache of the process does not use the mocked clock; it must not refresh by itself in these tests.
    process.env.OPENROUTER_BACKGROUND_REFRESH = 'false';
  });
  afterEach(() => api.close());

  test.each([
    ['credits', 'getCredits', '/credits', { balance: 6, currency: 'USD', usage: 4, total: 10 }, 300_000],
    ['models', 'getModels', '/models', [{ id: 'a/b', name: 'B', pricing: { prompt: '0.000001' } }], 3_600_000],
  ])('%s are cached for their TTL, measured with Date.now()', async (kind, method, path, value, ttl) => {
    const client = clientOf();
    const start = Date.now();
    const now = jest.spyOn(Date, 'now').mockReturnValue(start);
    expect(await client[method]()).toEqual(value);
    expect(client.cache).toMatchObject({ [kind]: value, [`${kind}Timestamp`]: start });
    now.mockReturnValue(start + ttl - 1);
    await client[method]();
    expect(api.count(path)).toBe(1);
    now.mockReturnValue(start + ttl);
    expect(await client[method]()).toEqual(value);
    expect(api.count(path)).toBe(2);
    await client[method](true);
    expect(api.count(path)).toBe(3);
  });

  test('come from what was written to client.cache, and changing a returned list does not change it', async () => {
    const client = clientOf();
    client.cache.models = [{ id: 'x' }, { id: 'y' }];
    client.cache.modelsTimestamp = Date.now();
    (await client.getModels()).reverse();
    expect(await client.getModels()).toEqual([{ id: 'x' }, { id: 'y' }]);
    client.cacheSettings.modelsTTL = 0;
    expect(await client.getModels()).toEqual([expect.objectContaining({ id: 'a/b' })]);
    expect(api.paths).toEqual(['/models']);
  });

  test('are served from the cache after a temporary failure, but not after a refused key', async () => {
    const client = clientOf();
    client.options.maxRetries = 0;
    await client.getModels();
    client.cache.modelsTimestamp -= 3_600_000;
    api.answers['/models'] = failure(503);
    expect(await client.getModels()).toEqual([expect.objectContaining({ id: 'a/b' })]);
    client.cache.modelsTimestamp -= 3_600_000;
    api.answers['/models'] = failure(401);
    expect(await failureOf(client.getModels())).toMatchObject({ status: 401 });
  });

  test('are an empty list and 0 where the API has no data', async () => {
    api.answers['/models'] = { data: null };
    expect(await clientOf().getModels()).toEqual([]);
    api.answers['/credits'] = { data: null };
    api.answers['/key'] = { data: { limit: null, limit_remaining: null, usage: 0, is_management_key: true } };
    expect(await clientOf().getCredits()).toEqual({ balance: 0, currency: 'USD', usage: 0, total: 0 });
  });

  test('have the balance null, not 0, for a key without a limit', async () => {
    api.answers['/credits'] = failure(403, 'Only management keys can perform this operation');
    api.answers['/key'] = { data: { limit: null, limit_remaining: null, usage: 2 } };
    expect(await clientOf().getCredits()).toEqual({ balance: null, currency: 'USD', usage: 2, total: null });
  });
});
