'use strict';

const { ChatOpenAI, OpenAIEmbeddings } = require('@langchain/openai');
const OpenAI = require('openai');

const { startEmulator } = require('../../emulator');
const { configureAgents } = require('openrouter-native/librechat');
const { failureOf } = require('../support/outcomes.js');

const KEY = 'sk-or-v1-limit-agents-privacy';
const MODEL = 'openai/gpt-5-mini';

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const upstream = (llm) => ({ llmConfig: { model: MODEL, apiKey: KEY, maxRetries: 0, ...llm }, configOptions: { baseURL: emulator.baseURL }, tools: [] });
const modelOf = ({ llmConfig, configOptions }, more) => new ChatOpenAI({ ...llmConfig, ...more, configuration: configOptions });

/** The places in which a floor may be set, and the `provider` that each request must then have. */
const FLOORS = [
  ['zdr of the options', { zdr: true }, {}, { zdr: true }],
  ['dataCollection of the options', { dataCollection: 'deny' }, {}, { data_collection: 'deny' }],
  ['provider in modelKwargs of the options', { modelKwargs: { provider: { zdr: true } } }, {}, { zdr: true }],
  ['zdr of the llmConfig', {}, { zdr: true }, { zdr: true }],
  ['dataCollection of the llmConfig', {}, { dataCollection: 'deny' }, { data_collection: 'deny' }],
  ['provider of the llmConfig', {}, { provider: { data_collection: 'deny' } }, { data_collection: 'deny' }],
  ['provider in modelKwargs of the llmConfig', {}, { modelKwargs: { provider: { zdr: true } } }, { zdr: true }],
  ["LibreChat's providerPreferences", {}, { modelKwargs: { providerPreferences: { data_collection: 'deny' } } }, { data_collection: 'deny' }],
];

/** What LibreChat's agents do besides chats, by which LangChain leaves `/chat/completions`. */
const WAYS = {
  'a chat': [(target) => modelOf(target).invoke('hi'), '/chat/completions'],
  'a streamed chat': [async (target) => { for await (const _ of await modelOf(target).stream('hi')); }, '/chat/completions'],
  useResponsesApi: [(target) => modelOf(target, { useResponsesApi: true }).invoke('hi'), '/responses'],
  'a streamed useResponsesApi': [async (target) => { for await (const _ of await modelOf(target, { useResponsesApi: true }).stream('hi')); }, '/responses'],
  'a model with codex in its name': [(target) => modelOf(target, { model: 'openai/gpt-5-codex' }).invoke('hi'), '/responses'],
  'a built-in tool': [(target) => modelOf(target).bindTools([{ type: 'web_search_preview' }]).invoke('hi'), '/responses'],
  embeddings: [({ configOptions }) => new OpenAIEmbeddings({ apiKey: KEY, maxRetries: 0, configuration: configOptions }).embedQuery('hi'), '/embeddings'],
};
const all = FLOORS.flatMap(([floor, given, llm, provider]) => Object.keys(WAYS).map((way) => [floor, way, given, llm, provider]));

test.each(all)('%s holds for %s', async (_, way, given, llm, provider) => {
  const target = upstream(llm);
  expect(configureAgents(target, given)).toBe(true);
  const [send, path] = WAYS[way];
  // The emulator does not serve each of these endpoints. What counts is what it received.
  await send(target).catch(() => {});
  expect(emulator.requests.map((request) => request.path)).toEqual([`/api/v1${path}`]);
  expect(emulator.requests[0].body.provider).toMatchObject(provider);
});

test.each([
  ['a completion', (sdk) => sdk.completions.create({ model: MODEL, prompt: 'a secret prompt' })],
  ['an image', (sdk) => sdk.images.generate({ model: MODEL, prompt: 'a secret prompt' })],
  ['a moderation', (sdk) => sdk.moderations.create({ input: 'a secret prompt' })],
  ['a file', (sdk) => sdk.files.create({ purpose: 'user_data', file: new File(['a secret prompt'], 'a.txt') })],
  ['an unknown endpoint', (sdk) => sdk.post('/something', { body: { input: 'a secret prompt' } })],
])('%s, for which no floor can be kept, is refused before anything leaves', async (_, send) => {
  for (const options of [{ zdr: true }, { dataCollection: 'deny' }]) {
    const sdkOptions = { baseURL: emulator.baseURL, apiKey: KEY, maxRetries: 0 };
    configureAgents(sdkOptions, options);
    const error = await failureOf(send(new OpenAI(sdkOptions)));
    expect(error.status).toBe(400);
    expect(error.message).toMatch(/zdr|dataCollection|data_collection/);
  }
  expect(emulator.requests).toHaveLength(0);
});
