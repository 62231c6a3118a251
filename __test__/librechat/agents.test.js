'use strict';

const { ChatOpenAI } = require('@langchain/openai');
const OpenAI = require('openai');

const { startEmulator } = require('../../emulator');
const { configureAgents } = require('openrouter-native/librechat');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { answer, startRawServer } = require('../support/servers/raw-server.js');

const KEY = 'sk-or-v1-limit-librechat-agents';
const MODEL = 'openai/gpt-5-mini';
const WEATHER = { type: 'function', function: { name: 'get_weather', description: 'x', parameters: { type: 'object', properties: { city: { type: 'string' } } } } };

let restore;
let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
});
afterEach(() => {
  jest.restoreAllMocks();
  restore();
});
afterAll(() => emulator.close());

/** What upstream's `getOpenAIConfig` gives for OpenRouter. */
const upstream = (llm = {}, config = {}) => ({
  llmConfig: { model: MODEL, apiKey: KEY, maxRetries: 0, ...llm },
  configOptions: { baseURL: emulator.baseURL, defaultHeaders: { 'HTTP-Referer': 'https://librechat.ai', 'X-Title': 'LibreChat' }, ...config },
  tools: [],
});
/** What the fork's `initialize` gives with `optionsOnly`. */
const fork = (more = {}) => ({ apiKey: KEY, model: MODEL, maxRetries: 0, configuration: { baseURL: emulator.baseURL, defaultHeaders: { 'X-Title': 'LibreChat' } }, ...more });
/** The model as `@librechat/agents` makes it of those. */
const modelOf = ({ llmConfig, configOptions }) => new ChatOpenAI({ ...llmConfig, configuration: configOptions ?? llmConfig.configuration });
const body = () => emulator.requests.at(-1).body;

/** Fails when anything goes by the stock fetch. */
const forbidStock = () => jest.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('by the stock fetch'));

describe('one line', () => {
  test.each([
    ["upstream's configuration", () => upstream(), (target) => target],
    ["upstream's configOptions", () => upstream(), ({ configOptions }) => configOptions],
    ["the fork's options", () => ({ llmConfig: fork() }), (target) => target],
    ["the fork's llmConfig", () => ({ llmConfig: fork() }), ({ llmConfig }) => llmConfig],
    ['an llmConfig without a configuration', () => ({ llmConfig: fork({ configuration: undefined, baseURL: undefined }) }), (target) => target],
  ])('puts the native fetch under %s', async (_, make, part) => {
    const stock = forbidStock();
    process.env.OPENAI_BASE_URL = emulator.baseURL;
    const target = make();
    expect(configureAgents(part(target))).toBe(true);
    const said = await modelOf(target).invoke('Tell me about bees');
    delete process.env.OPENAI_BASE_URL;
    expect(said.content.length).toBeGreaterThan(0);
    expect(said.response_metadata.model_name).toBe(MODEL);
    expect(emulator.requests).toHaveLength(1);
    expect(stock).not.toHaveBeenCalled();
  });

  test('streams, calls tools, keeps the default headers, and tells model and usage', async () => {
    const told = {};
    const target = upstream();
    configureAgents(target, { onModel: (model) => { told.model = model; }, onUsage: (usage) => { told.usage = usage; } });
    let whole;
    for await (const chunk of await modelOf(target).bindTools([WEATHER]).stream('What is the weather in Paris?')) whole = whole?.concat(chunk) ?? chunk;
    expect(whole.tool_calls).toEqual([expect.objectContaining({ name: 'get_weather' })]);
    expect(emulator.requests[0].headers).toMatchObject({ 'http-referer': 'https://librechat.ai', 'x-title': 'LibreChat', authorization: `Bearer ${KEY}` });
    expect(told).toMatchObject({ model: MODEL, usage: { cost: expect.any(Number) } });
  });

  test('closes the request when the user stops the answer', async () => {
    const target = upstream({ modelKwargs: { emulator: { text: 'one two three', stall: 1 } } });
    configureAgents(target);
    const controller = new AbortController();
    const reading = failureOf(async () => {
      for await (const _ of await modelOf(target).stream('Count', { signal: controller.signal })) controller.abort();
    });
    expect(await reading).toBeInstanceOf(Error);
    expect((await emulator.requests.at(-1).closed).by).toBe('client');
  });

  test('does for the SDK itself', async () => {
    const options = { baseURL: emulator.baseURL, apiKey: KEY, maxRetries: 0 };
    expect(configureAgents(options, { zdr: true })).toBe(true);
    const completion = await new OpenAI(options).chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] });
    expect(completion.model).toBe(MODEL);
    expect(body().provider).toEqual({ zdr: true });
  });
});

describe('what LibreChat drops is sent (bug 09, on the side of the agents)', () => {
  test("the fork's switches, models and route", async () => {
    const llmConfig = fork({ zdr: true, models: ['x-ai/grok-4'], route: 'fallback', modelKwargs: { top_k: 3 } });
    configureAgents(llmConfig);
    await modelOf({ llmConfig }).invoke('Hi');
    expect(body()).toMatchObject({ model: MODEL, models: ['x-ai/grok-4'], route: 'fallback', top_k: 3, provider: { zdr: true } });
  });

  test('the auto router, which takes no models', async () => {
    const llmConfig = fork({ autoRouter: true, models: ['x-ai/grok-4'] });
    configureAgents(llmConfig);
    await modelOf({ llmConfig }).invoke('Hi');
    expect(body().model).toBe('openrouter/auto');
    expect(body()).not.toHaveProperty('models');
  });

  test('options of this package, over what is there', async () => {
    const target = upstream({ modelKwargs: { provider: { order: ['openai'] }, models: ['a/b'] } });
    const models = [MODEL, 'x-ai/grok-4', 'openai/gpt-4o', 'openai/gpt-5', 'openai/gpt-5-nano'];
    configureAgents(target, { models, dataCollection: 'deny', modelKwargs: { seed: 1 } });
    await modelOf(target).invoke('Hi');
    // The API takes three, and the model itself is none of them.
    expect(body()).toMatchObject({ seed: 1, models: ['x-ai/grok-4', 'openai/gpt-4o', 'openai/gpt-5'], provider: { order: ['openai'], data_collection: 'deny' } });
  });

  test('zdr of the options cannot be taken back, nor that of the configuration', async () => {
    for (const [given, llm] of [[{ zdr: true }, { zdr: false }], [{ zdr: false }, { zdr: true }]]) {
      const llmConfig = fork({ ...llm, modelKwargs: { provider: { zdr: false } } });
      configureAgents(llmConfig, given);
      await modelOf({ llmConfig }).invoke('Hi');
      expect(body().provider).toEqual({ zdr: true });
    }
  });

  test('or said not to be: where there is no place for them', async () => {
    const { configOptions } = upstream();
    expect(await failureOf(() => configureAgents(configOptions, { models: ['a/b'] }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('models') });
    expect(configOptions).not.toHaveProperty('fetch');
    expect(await failureOf(() => configureAgents(null))).toMatchObject({ code: 'invalid_option' });
  });
});

describe('it stays out', () => {
  const guard = { dispatcher: { dispatch() {} }, redirect: 'error' };

  test.each([
    ['where the options say that the user gave the address', {}, { userProvidesBaseURL: true }],
    ['the same, by its other name', {}, { userProvidedURL: true }],
    ["where LibreChat's guard against addresses inside the network stands", { fetchOptions: guard }, {}],
    ['where there is another fetch, which has its purpose', { fetch: async () => {} }, {}],
  ])('%s', (_, config, options) => {
    const target = upstream({ zdr: true, models: ['a/b'] }, config);
    const before = { ...target.configOptions };
    const llm = { ...target.llmConfig };
    expect(configureAgents(target, options)).toBe(false);
    expect(target.configOptions).toEqual(before);
    expect(target.llmConfig).toEqual(llm);
  });

  test('also of a single request that comes with the guard', async () => {
    const { configOptions } = upstream();
    configureAgents(configOptions);
    const stock = jest.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('guarded'));
    expect(await (await configOptions.fetch(emulator.baseURL, guard)).text()).toBe('guarded');
    expect(stock).toHaveBeenCalledWith(emulator.baseURL, guard);
    expect(emulator.requests).toHaveLength(0);
  });

  test('but not for a dispatcher that only proxies or times: those are its own business', async () => {
    const stock = forbidStock();
    const target = upstream({}, { fetchOptions: { dispatcher: guard.dispatcher } });
    expect(configureAgents(target)).toBe(true);
    await modelOf(target).invoke('Hi');
    expect(stock).not.toHaveBeenCalled();
  });

  test('not of what it did itself: done twice, the last options hold', async () => {
    const target = upstream();
    configureAgents(target);
    expect(configureAgents(target, { zdr: true })).toBe(true);
    await modelOf(target).invoke('Hi');
    expect(body().provider).toEqual({ zdr: true });
  });
});

test.each([
  ['the options', (address) => [{}, { proxy: address }]],
  ['the agent in the configuration', (address) => [{ httpAgent: { proxy: new URL(address) } }, {}]],
  ["LibreChat's PROXY", (address) => { process.env.PROXY = address; return [{}, {}]; }],
])('it goes through the proxy of %s', async (_, configured) => {
  const proxy = await startRawServer(answer(200, '{"data":[]}'));
  const [config, options] = configured(`http://127.0.0.1:${proxy.port}`);
  const { configOptions } = upstream({}, { ...config, baseURL: 'http://gateway.example/api/v1' });
  configureAgents(configOptions, options);
  await (await configOptions.fetch('http://gateway.example/api/v1/models')).json();
  expect(proxy.requests.map(({ lines }) => lines[0])).toEqual(['GET http://gateway.example/api/v1/models HTTP/1.1']);
  await proxy.close();
});
