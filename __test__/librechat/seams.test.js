'use strict';

// LibreChat's configuration on its way from getOpenAIConfig to each model that it makes, imitated shape by shape, and the programs of
// docs/librechat.md run against them. Each shape names its file in LibreChat v0.8.8-rc1 (August 2026), or in the fork as of
// 2025-09-27.
const { ChatOpenAI } = require('@langchain/openai');
const { parse } = require('yaml');

const { startEmulator } = require('../../emulator');
const { configureAgents } = require('openrouter-native/librechat');
const { blocksOf, textOf } = require('../support/markdown.js');
const { cleanEnvironment } = require('../support/outcomes.js');

const PAGE = 'docs/librechat.md';
const KEY = 'sk-or-v1-limit-librechat-seams';
const MODEL = 'openai/gpt-5-mini';
const CONVERSATION = 'c3eeb588-1a36-4f78-b75c-5963a62f09e3';

let restore;
let emulator;
let stock;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
  stock = jest.spyOn(globalThis, 'fetch');
});
afterEach(() => {
  jest.restoreAllMocks();
  restore();
});
afterAll(() => emulator.close());

/** packages/api/src/endpoints/openai/config.ts, getOpenAIConfig: what it returns for a custom endpoint at OpenRouter. */
const resultOf = ({ llm, config } = {}) => ({
  llmConfig: { streaming: true, model: MODEL, user: '6b0ddb5fa9190a5e01ce6bca', include_reasoning: true, promptCache: true, apiKey: KEY, ...llm },
  configOptions: {
    baseURL: emulator.baseURL,
    defaultHeaders: {
      'HTTP-Referer': 'https://librechat.ai',
      'X-Title': 'LibreChat',
      'X-OpenRouter-Title': 'LibreChat',
      'X-OpenRouter-Categories': 'general-chat,personal-agent',
      'x-session-id': '{{LIBRECHAT_BODY_CONVERSATIONID}}',
    },
    ...config,
  },
  tools: [],
  provider: 'openrouter',
});

/** packages/api/src/utils/headers.ts, resolveConfigHeaders: replaces the headers of the configuration by resolved ones, in place. */
function resolveHeaders(fields) {
  const resolved = Object.entries(fields.configuration.defaultHeaders).map(([name, value]) => [name, value.replace('{{LIBRECHAT_BODY_CONVERSATIONID}}', CONVERSATION)]);
  fields.configuration.defaultHeaders = Object.fromEntries(resolved);
  return fields;
}

/** `@librechat/agents`, llm/openrouter: the fields of its own, which it does not pass on to the class of `@langchain/openai`. */
const forLangChain = ({ include_reasoning: _, promptCache: __, ...fields }) => fields;

/** What becomes of the result, for each model that LibreChat makes in a conversation: the fields of that model. */
const MODELS = {
  // packages/api/src/agents/run.ts, createRun
  'the chat': ({ llmConfig, configOptions }) => resolveHeaders({ ...llmConfig, configuration: configOptions, streamUsage: false, usage: true }),
  // api/server/controllers/agents/client.js, titleConvo: without the fields of omitTitleOptions
  'the title': ({ llmConfig, configOptions }) => {
    const { streaming: _, ...fields } = { ...llmConfig, configuration: configOptions };
    return resolveHeaders(fields);
  },
  // packages/api/src/agents/memory.ts, processMemory
  'the memory': ({ llmConfig, configOptions }) => resolveHeaders({
    temperature: 0.4, ...llmConfig, configuration: configOptions, maxRetries: 0, streaming: false, disableStreaming: true,
  }),
  // packages/api/src/agents/run.ts, the overrides of a summary by another endpoint
  'the summary': ({ llmConfig, configOptions }) => {
    const { model: _, ...overrides } = llmConfig;
    return resolveHeaders({ ...overrides, configuration: { ...configOptions }, model: MODEL, streaming: false });
  },
};
const models = Object.entries(MODELS);

/** Asks a model as the agents do: those that stream by their stream. */
async function ask(fields) {
  const model = new ChatOpenAI(forLangChain({ maxRetries: 0, ...fields }));
  if (!fields.streaming) return void await model.invoke('Tell me about bees');
  for await (const _ of await model.stream('Tell me about bees'));
}

describe('the line in getOpenAIConfig', () => {
  const [bare, withOptions] = ['configureAgents({ llmConfig, configOptions });', 'onFallback'].map((part) => blocksOf(PAGE).find(({ code }) => code.includes(part)));
  /** Runs a block of the page in the place in which it stands in LibreChat. */
  const runIn = ({ code }, { llmConfig, configOptions }, useOpenRouter = true) => {
    const statements = code.split('\n').filter((line) => !line.startsWith('import ')).join('\n');
    return new Function('configureAgents', 'useOpenRouter', 'llmConfig', 'configOptions', statements)(configureAgents, useOpenRouter, llmConfig, configOptions);
  };

  test.each(models)('without options sends %s by the engine, and changes nothing of it', async (_, fieldsOf) => {
    const sent = [];
    for (const install of [() => {}, (result) => runIn(bare, result)]) {
      const result = resultOf();
      install(result);
      await ask(fieldsOf(result));
      const { body, headers } = emulator.requests.at(-1);
      const named = Object.fromEntries(Object.entries(headers).filter(([name]) => /^(http-referer|x-)/.test(name)));
      sent.push({ body, named });
    }
    expect(sent[1]).toEqual(sent[0]);
    expect(sent[1].named).toMatchObject({ 'x-openrouter-categories': 'general-chat,personal-agent', 'x-session-id': CONVERSATION });
    expect(stock).toHaveBeenCalledTimes(1);
  });

  test.each(models)('with the options of the page keeps to them in %s', async (_, fieldsOf) => {
    const result = resultOf();
    runIn(withOptions, result);
    await ask(fieldsOf(result));
    expect(emulator.requests.map(({ body }) => body.provider)).toEqual([{ data_collection: 'deny' }]);
    expect(stock).not.toHaveBeenCalled();
  });

  test('with the options of the page warns of the model that stepped in', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const result = resultOf({ llm: { modelKwargs: { models: ['anthropic/claude-sonnet-4.5'], emulator: { fail: MODEL } } } });
    runIn(withOptions, result);
    await ask(MODELS['the chat'](result));
    expect(warn.mock.calls).toEqual([[expect.stringContaining(`anthropic/claude-sonnet-4.5 answered instead of ${MODEL}`)]]);
  });

  test('is not run for another endpoint', () => {
    const result = resultOf();
    runIn(bare, result, false);
    expect(result.configOptions).not.toHaveProperty('fetch');
  });

  test.each(models)('holds in %s for a chat over /responses with the web plugin', async (name, fieldsOf) => {
    // The panel of OpenRouter: useResponsesApi, web_search and reasoning_effort.
    const result = resultOf({ llm: { include_reasoning: undefined, useResponsesApi: true, modelKwargs: { reasoning: { effort: 'high' }, plugins: [{ id: 'web' }] } } });
    configureAgents(result, { zdr: true });
    await ask(fieldsOf(result));
    const [{ path, body }] = emulator.requests;
    expect({ path, provider: body.provider, plugins: body.plugins }).toEqual({ path: '/api/v1/responses', provider: { zdr: true }, plugins: [{ id: 'web' }] });
    expect(stock).not.toHaveBeenCalled();
  });

  test.each(models)('holds in %s beside the privacy and the chain of addParams', async (name, fieldsOf) => {
    // librechat.yaml: addParams: { provider: { zdr: true }, models: [...] }
    const result = resultOf({ llm: { modelKwargs: { provider: { zdr: true, order: ['azure'] } } } });
    configureAgents(result, { dataCollection: 'deny' });
    await ask(fieldsOf(result));
    expect(emulator.requests[0].body.provider).toEqual({ zdr: true, order: ['azure'], data_collection: 'deny' });
  });

  test.each([
    // endpoints.custom[].baseURL: 'user_provided'
    ['guards an address that a user gave', { fetchOptions: { dispatcher: {}, redirect: 'error' } }],
    // endpoints.custom[].directEndpoint: true
    ['rewrites the address of a direct endpoint', { fetch: () => {} }],
  ])('changes nothing where LibreChat %s', (_, config) => {
    const result = resultOf({ config });
    expect(configureAgents(result)).toBe(false);
    expect(result.configOptions.fetch).toBe(config.fetch);
  });
});

describe('the line at the end of initializeCustom', () => {
  const { code } = blocksOf(PAGE).find((block) => block.code.includes('userProvidesURL'));
  /** packages/api/src/endpoints/custom/initialize.ts, initializeCustom: what stands around the line, with a getOpenAIConfig that is tested alone. */
  const initializeCustom = ({ userProvidesURL = false, options = resultOf(), endpoint = 'OpenRouter' } = {}) => {
    const lines = code.split('\n');
    // The file has no logger of its own: the page imports it.
    const imported = lines.flatMap((line) => /^import \{ (\w+) \}/.exec(line)?.[1] ?? []);
    const statements = lines.filter((line) => !line.startsWith('import ')).join('\n');
    const scope = { ...Object.fromEntries(imported.map((name) => [name, { logger: console }[name]])), configureAgents, options, userProvidesURL, endpoint, baseURL: emulator.baseURL };
    new Function(...Object.keys(scope), statements)(...Object.values(scope));
    return options;
  };

  test.each(models)('sends %s by the engine, through all copies of the configuration', async (_, fieldsOf) => {
    await ask(fieldsOf(initializeCustom()));
    expect(emulator.requests).toHaveLength(1);
    expect(stock).not.toHaveBeenCalled();
  });

  test('leaves the address of a user, another client and another endpoint as they are', () => {
    const warn = jest.spyOn(console, 'debug').mockImplementation(() => {});
    expect(initializeCustom({ userProvidesURL: true }).configOptions).not.toHaveProperty('fetch');
    expect(initializeCustom({ options: { ...resultOf(), provider: undefined }, endpoint: 'Ollama' }).configOptions).not.toHaveProperty('fetch');
    const anthropic = { llmConfig: { model: MODEL, clientOptions: {} }, tools: [], provider: 'anthropic' };
    expect(initializeCustom({ options: anthropic }).llmConfig).not.toHaveProperty('configuration');
    expect(warn.mock.calls.flat().filter((line) => /changed nothing/.test(line))).toHaveLength(2);
  });
});

describe("the fork's initialize", () => {
  const { code } = blocksOf(PAGE).find((block) => block.code.includes('return options;'));
  // api/server/services/Endpoints/openrouter/initialize.js, the literal that `if (optionsOnly)` returned.
  const [LLM_CONFIG, REST] = [
    `apiKey: openRouterApiKey,
    configuration: { baseURL, defaultHeaders: { 'HTTP-Referer': 'http://localhost:3080', 'X-Title': 'LibreChat', ...(zdrFlag && { 'X-OpenRouter-ZDR': 'true' }) } },
    autoRouter: autoRouterFlag,
    zdr: zdrFlag,
    ...clientOptions.modelOptions,
    model: effectiveModel,`,
    'modelOptions: { ...clientOptions.modelOptions, model: effectiveModel, autoRouter: autoRouterFlag, zdr: zdrFlag },',
  ];
  const initialize = ({ autoRouterFlag = false, zdrFlag = false, modelOptions = {} }) => {
    const whole = code.replace('// … as it is', () => LLM_CONFIG).replace('// … as it is', () => REST);
    const clientOptions = { endpoint: 'openrouter', endpointType: 'openrouter', siteName: 'LibreChat', modelOptions: { model: MODEL, models: undefined, route: undefined, autoRouter: autoRouterFlag, ...modelOptions } };
    const names = ['openRouterApiKey', 'baseURL', 'autoRouterFlag', 'zdrFlag', 'clientOptions', 'effectiveModel', 'require'];
    return new Function(...names, whole)(KEY, emulator.baseURL, autoRouterFlag, zdrFlag, clientOptions, autoRouterFlag ? 'openrouter/auto' : MODEL, require);
  };

  test('returns its options with the engine in them, and the rest as it was', async () => {
    const options = initialize({});
    expect(options).toMatchObject({ endpoint: 'openrouter', modelOptions: { model: MODEL, zdr: false }, llmConfig: { configuration: { baseURL: emulator.baseURL } } });
    await ask(options.llmConfig);
    expect(emulator.requests).toHaveLength(1);
    expect(stock).not.toHaveBeenCalled();
  });

  test('sends the flags and the chain that the agents drop', async () => {
    // The agents stream every chat.
    await ask({ ...initialize({ zdrFlag: true, modelOptions: { models: ['anthropic/claude-sonnet-4.5'], route: 'fallback' } }).llmConfig, streaming: true });
    expect(emulator.requests[0].body).toMatchObject({ provider: { zdr: true }, models: ['anthropic/claude-sonnet-4.5'] });
    emulator.reset();
    await ask(initialize({ autoRouterFlag: true }).llmConfig);
    expect(emulator.requests[0].body.model).toBe('openrouter/auto');
  });
});

describe('docs/librechat.md', () => {
  test('names the placeholder of LibreChat for the id of a conversation', () => {
    // packages/api/src/utils/env.ts: `{{LIBRECHAT_BODY_<FIELD>}}`, for conversationId, parentMessageId and messageId.
    const { endpoints } = parse(blocksOf(PAGE).find(({ language }) => language === 'yaml').code);
    expect(endpoints.custom).toEqual([expect.objectContaining({ name: 'OpenRouter', headers: { 'x-session-id': '{{LIBRECHAT_BODY_CONVERSATIONID}}' } })]);
  });

  test("has a row for each point and entry of the guide's checklist and troubleshooting", () => {
    // docs of the fork: "Test Checklist", and "Common Issues" under "Troubleshooting".
    const rows = textOf(PAGE).split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split('|')[1].toLowerCase()).join('\n');
    const points = ['dropdown', 'models load', 'basic chat', 'streaming', 'credits display', 'agents', 'model fallbacks', 'auto router', 'caching'];
    const entries = [
      'not in the dropdown', 'invalid api key', 'credits not displaying', 'fallback not working', 'auto-router toggle', 'first message fails',
      'agent features not working', 'high latency or timeouts', 'streaming not working', 'cache not working', 'rate limiting', '401, 402, 403, 429, 500, 503', 'debug logging',
    ];
    for (const name of [...points, ...entries]) expect(rows).toContain(name);
  });
});
