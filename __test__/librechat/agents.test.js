'use strict';

const { ChatOpenAI } = require('@langchain/openai');
const OpenAI = require('openai');

const { startEmulator } = require('../../emulator');
const { configureAgents } = require('openrouter-native/librechat');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');
const { startRecordingServer } = require('../support/servers/recording-server.js');

const KEY = 'sk-or-v1-limit-librechat-agents';
const MODEL = 'openai/gpt-5-mini';
const WEATHER = { type: 'function', function: { name: 'get_weather', description: 'x', parameters: { type: 'object', properties: { city: { type: 'string' } } } } };

let restore;
let emulator;
beforeAll(async () => { emulator = await startEmulator({ showKeys: true }); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
});
afterEach(() => {
  jest.restoreAllMocks();
  restore();
});
afterAll(() => emulator.close());

/** What upstream's `getOpenAIConfig` returns for OpenRouter. */
const upstream = (llm = {}, config = {}) => ({
  llmConfig: { model: MODEL, apiKey: KEY, maxRetries: 0, ...llm },
  configOptions: { baseURL: emulator.baseURL, defaultHeaders: { 'HTTP-Referer': 'https://librechat.ai', 'X-Title': 'LibreChat' }, ...config },
  tools: [],
});
/** What the fork's `initialize` returns with `optionsOnly`. */
const fork = (more = {}) => ({ apiKey: KEY, model: MODEL, maxRetries: 0, configuration: { baseURL: emulator.baseURL, defaultHeaders: { 'X-Title': 'LibreChat' } }, ...more });
/** Creates the model from these options as `@librechat/agents` does. */
const modelOf = ({ llmConfig, configOptions }) => new ChatOpenAI({ ...llmConfig, configuration: configOptions ?? llmConfig.configuration });
/** Chats as LibreChat does, which streams every answer to a user. */
async function chat(target) {
  for await (const _ of await modelOf(target).stream('Hi'));
}
const body = () => emulator.requests.at(-1).body;

/** Makes requests over the built-in fetch fail. */
const forbidStock = () => jest.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('by the stock fetch'));

describe('configureAgents()', () => {
  test.each([
    ["upstream's configuration", () => upstream(), (target) => target],
    ["upstream's configOptions", () => upstream(), ({ configOptions }) => configOptions],
    ["the fork's options", () => ({ llmConfig: fork() }), (target) => target],
    ["the fork's llmConfig", () => ({ llmConfig: fork() }), ({ llmConfig }) => llmConfig],
    ['an llmConfig without a configuration', () => ({ llmConfig: fork({ configuration: undefined, baseURL: undefined }) }), (target) => target],
  ])('installs the native fetch in %s', async (_, make, part) => {
    const stock = forbidStock();
    process.env.OPENAI_BASE_URL = emulator.baseURL;
    const target = make();
    expect(configureAgents(part(target))).toBe(true);
    const reply = await modelOf(target).invoke('Tell me about bees');
    delete process.env.OPENAI_BASE_URL;
    expect(reply.content.length).toBeGreaterThan(0);
    expect(reply.response_metadata.model_name).toBe(MODEL);
    expect(emulator.requests).toHaveLength(1);
    expect(stock).not.toHaveBeenCalled();
  });

  test('keeps zdr at a base URL that does not end in /v1', async () => {
    const completion = { id: 'g', model: MODEL, choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] };
    const server = await startRecordingServer((_, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(completion));
    });
    const target = upstream({}, { baseURL: `${server.url}/gateway/openrouter` });
    configureAgents(target, { zdr: true });
    const reply = await modelOf(target).invoke('Hi').finally(() => server.close());
    expect(reply.content).toBe('hi');
    expect(JSON.parse(server.requests[0].body).provider).toEqual({ zdr: true });
  });

  test('keeps streams, tools and default headers working, and calls onModel and onUsage', async () => {
    const reported = {};
    const target = upstream();
    configureAgents(target, { onModel: (model) => { reported.model = model; }, onUsage: (usage) => { reported.usage = usage; } });
    let whole;
    for await (const chunk of await modelOf(target).bindTools([WEATHER]).stream('What is the weather in Paris?')) whole = whole?.concat(chunk) ?? chunk;
    expect(whole.tool_calls).toEqual([expect.objectContaining({ name: 'get_weather' })]);
    expect(emulator.requests[0].headers).toMatchObject({ 'http-referer': 'https://librechat.ai', 'x-title': 'LibreChat', authorization: `Bearer ${KEY}` });
    expect(reported).toMatchObject({ model: MODEL, usage: { cost: expect.any(Number) } });
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

  test('works for the OpenAI SDK alone', async () => {
    const options = { baseURL: emulator.baseURL, apiKey: KEY, maxRetries: 0 };
    expect(configureAgents(options, { zdr: true })).toBe(true);
    const completion = await new OpenAI(options).chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] });
    expect(completion.model).toBe(MODEL);
    expect(body().provider).toEqual({ zdr: true });
  });
});

describe('configureAgents() sends options that LibreChat drops', () => {
  test("zdr, models and route of the fork's llmConfig", async () => {
    const llmConfig = fork({ zdr: true, models: ['x-ai/grok-4'], route: 'fallback', modelKwargs: { top_k: 3 } });
    configureAgents(llmConfig);
    await chat({ llmConfig });
    expect(body()).toMatchObject({ model: MODEL, models: ['x-ai/grok-4'], route: 'fallback', top_k: 3, provider: { zdr: true } });
  });

  test('the auto router, without models', async () => {
    const llmConfig = fork({ autoRouter: true, models: ['x-ai/grok-4'] });
    configureAgents(llmConfig);
    await modelOf({ llmConfig }).invoke('Hi');
    expect(body().model).toBe('openrouter/auto');
    expect(body()).not.toHaveProperty('models');
  });

  test('its own options, which override those of modelKwargs', async () => {
    const target = upstream({ modelKwargs: { provider: { order: ['openai'] }, models: ['a/b'] } });
    const models = [MODEL, 'x-ai/grok-4', 'openai/gpt-4o', 'openai/gpt-5', 'openai/gpt-5-nano'];
    configureAgents(target, { models, dataCollection: 'deny', modelKwargs: { seed: 1 } });
    await chat(target);
    // The API takes three fallbacks; the model itself is not one of them.
    expect(body()).toMatchObject({ seed: 1, models: ['x-ai/grok-4', 'openai/gpt-4o', 'openai/gpt-5'], provider: { order: ['openai'], data_collection: 'deny' } });
  });

  test('zdr if the options or the configuration have it, whatever the other says', async () => {
    for (const [given, llm] of [[{ zdr: true }, { zdr: false }], [{ zdr: false }, { zdr: true }]]) {
      const llmConfig = fork({ ...llm, modelKwargs: { provider: { zdr: false } } });
      configureAgents(llmConfig, given);
      await modelOf({ llmConfig }).invoke('Hi');
      expect(body().provider).toEqual({ zdr: true });
    }
  });

  test('or throws if the target has no place for them', async () => {
    const { configOptions } = upstream();
    expect(await failureOf(() => configureAgents(configOptions, { models: ['a/b'] }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('models') });
    expect(configOptions).not.toHaveProperty('fetch');
    expect(await failureOf(() => configureAgents(null))).toMatchObject({ code: 'invalid_option' });
  });
});

describe('configureAgents() changes nothing', () => {
  const guard = { dispatcher: { dispatch() {} }, redirect: 'error' };

  test.each([
    ['with userProvidesBaseURL', {}, { userProvidesBaseURL: true }],
    ['with userProvidedURL, the other name of that option', {}, { userProvidedURL: true }],
    ["where LibreChat's guard against addresses inside the network is configured", { fetchOptions: guard }, {}],
    ['where another fetch is configured', { fetch: async () => {} }, {}],
  ])('%s', (_, config, options) => {
    const target = upstream({ zdr: true, models: ['a/b'] }, config);
    const before = { ...target.configOptions };
    const llm = { ...target.llmConfig };
    expect(configureAgents(target, options)).toBe(false);
    expect(target.configOptions).toEqual(before);
    expect(target.llmConfig).toEqual(llm);
  });

  test('for a single request that carries the guard', async () => {
    const { configOptions } = upstream();
    configureAgents(configOptions);
    const stock = jest.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('guarded'));
    expect(await (await configOptions.fetch(emulator.baseURL, guard)).text()).toBe('guarded');
    expect(stock).toHaveBeenCalledWith(emulator.baseURL, guard);
    expect(emulator.requests).toHaveLength(0);
  });

  test('except that a dispatcher without the guard is replaced by the native fetch', async () => {
    const stock = forbidStock();
    const target = upstream({}, { fetchOptions: { dispatcher: guard.dispatcher } });
    expect(configureAgents(target)).toBe(true);
    await modelOf(target).invoke('Hi');
    expect(stock).not.toHaveBeenCalled();
  });

  test('except that a second call replaces the fetch of the first, with the new options', async () => {
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
])('configureAgents() uses the proxy of %s', async (_, configured) => {
  const proxy = await startAnsweringServer(answer(200, '{"data":[]}'));
  const [config, options] = configured(`http://127.0.0.1:${proxy.port}`);
  const { configOptions } = upstream({}, { ...config, baseURL: 'http://gateway.example/api/v1' });
  configureAgents(configOptions, options);
  await (await configOptions.fetch('http://gateway.example/api/v1/models')).json();
  expect(proxy.requests.map(({ lines }) => lines[0])).toEqual(['GET http://gateway.example/api/v1/models HTTP/1.1']);
  await proxy.close();
});
