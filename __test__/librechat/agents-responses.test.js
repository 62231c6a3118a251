'use strict';

// Chats that leave by `/responses`: LibreChat's `useResponsesApi`, and the models for which `@langchain/openai` chooses that
// endpoint by itself. What `configureAgents` promises holds there, too.
const { ChatOpenAI } = require('@langchain/openai');

const { startEmulator } = require('../../emulator');
const { configureAgents } = require('openrouter-native/librechat');

const KEY = 'sk-or-v1-limit-agents-responses';
const MODEL = 'openai/gpt-5-mini';
const FALLBACK = 'x-ai/grok-4';

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** Ways by which a chat goes to `/responses`. The emulator does not have the last two models. */
const WAYS = {
  useResponsesApi: { useResponsesApi: true },
  web_search: { tools: [{ type: 'web_search' }] },
  'a codex model': { model: 'openai/gpt-5-codex' },
  'a pro model': { model: 'openai/gpt-5.2-pro' },
};
const ANSWERED = ['useResponsesApi', 'web_search'];

async function ask(way, options, { directives, stream = true } = {}) {
  const { tools, ...fields } = WAYS[way];
  const target = { llmConfig: { model: MODEL, apiKey: KEY, maxRetries: 0, modelKwargs: directives && { emulator: directives } }, configOptions: { baseURL: emulator.baseURL } };
  const told = [];
  const callbacks = Object.fromEntries(['onModel', 'onUsage', 'onFallback', 'onError'].map((name) => [name, (value) => told.push([name, value])]));
  Object.assign(target.llmConfig, fields);
  configureAgents(target, { ...callbacks, ...options });
  const made = new ChatOpenAI({ ...target.llmConfig, configuration: target.configOptions });
  const model = tools ? made.bindTools(tools) : made;
  const asking = stream ? (async () => { for await (const _ of await model.stream('Hi')); })() : model.invoke('Hi');
  const error = await asking.then(() => null, (failure) => failure);
  return { error, of: (name) => told.find(([one]) => one === name)?.[1], request: emulator.requests.at(-1), model: target.llmConfig.model };
}

describe.each(ANSWERED.flatMap((way) => [[way, true], [way, false]]))('%s (streamed: %s)', (way, stream) => {
  test('keeps the privacy settings, and tells the model and the cost', async () => {
    const { request, of, model } = await ask(way, { zdr: true, dataCollection: 'deny' }, { stream });
    expect(request.path).toBe('/api/v1/responses');
    expect(request.body.provider).toEqual({ zdr: true, data_collection: 'deny' });
    expect(of('onUsage').cost).toBeGreaterThan(0);
    expect(of('onModel')).toBe(model);
  });

  test('tells of a fallback', async () => {
    const { of, model } = await ask(way, { models: [FALLBACK], chainFor: 'all' }, { stream, directives: { fail: MODEL } });
    expect(of('onFallback')).toMatchObject({ from: model, to: FALLBACK });
  });

  test('tells of an error, and gives the last one in a form that is not repeated', async () => {
    const { error, of } = await ask(way, { maxWait: 0 }, { stream, directives: { status: 503 } });
    expect(error.status).toBe(503);
    expect(of('onError')).toMatchObject({ code: 'service_unavailable', waitLeft: 0 });
    expect(emulator.requests).toHaveLength(1);
  });
});

test.each(ANSWERED)('%s: a stream that is cut off fails after its text', async (way) => {
  const { error, of } = await ask(way, {}, { directives: { cut: 2, 'cut-how': 'clean' } });
  expect(error.message).toBe('terminated');
  expect(of('onError')).toMatchObject({ code: 'stream_truncated' });
});

test.each(Object.keys(WAYS).filter((way) => !ANSWERED.includes(way)))('%s keeps the privacy settings, and tells of its error', async (way) => {
  for (const stream of [true, false]) {
    const { error, of, request } = await ask(way, { zdr: true, dataCollection: 'deny' }, { stream });
    expect([request.path, request.body.provider]).toEqual(['/api/v1/responses', { zdr: true, data_collection: 'deny' }]);
    expect([error.status, of('onError').status]).toEqual([400, 400]);
    expect(of('onError').message).toContain(WAYS[way].model);
  }
});
