'use strict';

// The options for what LibreChat asks beside the chat. The requests have the form of those of `@librechat/agents` 3.6.
const { ChatOpenAI } = require('@langchain/openai');

const { startEmulator } = require('../../emulator');
const { createFetch } = require('../..');
const { configureAgents } = require('openrouter-native/librechat');
const { failureOf } = require('../support/outcomes');

const KEY = 'sk-or-v1-limit-fetch-background';
const MODEL = 'openai/gpt-5-mini';
const OTHER = 'openai/gpt-5-nano';
const CHAIN = ['x-ai/grok-4', 'openai/gpt-4o'];

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const user = (content) => ({ role: 'user', content });
const tool = (name) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } });
/** What LibreChat asks, and whether the request is one in the background. */
const REQUESTS = {
  'a chat': [{ messages: [user('Hi')], stream: true }, false],
  'a turn after a tool': [{ messages: [user('Hi'), { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'x', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'c', content: '1' }], tools: [tool('x')], stream: true }, false],
  'a chat with the tools of memory among others': [{ messages: [user('Hi')], tools: [tool('set_memory'), tool('x')], stream: true }, false],
  'a title': [{ messages: [user('Provide a concise, 5-word-or-less title for the conversation')] }, true],
  'an activity label': [{ messages: [{ role: 'system', content: 'Label' }, user('{}')], stream: false }, true],
  memory: [{ messages: [{ role: 'system', content: 'x' }, user('Hi')], tools: [tool('set_memory'), tool('delete_memory')], stream: false }, true],
  'a summary': [{ messages: [user('Hi'), { role: 'assistant', content: 'Hello' }, user('Hold on, before you continue I need you to write me a checkpoint of everything so far.')], stream: true }, true],
};
const send = async (fetch, body, path = '/chat/completions') => {
  await (await fetch(`${emulator.baseURL}${path}`, { method: 'POST', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }, body: typeof body === 'object' && !ArrayBuffer.isView(body) ? JSON.stringify(body) : body })).text();
  return emulator.requests.at(-1).body;
};
const agentsFetch = (options) => {
  const configOptions = { baseURL: emulator.baseURL };
  configureAgents({ llmConfig: { model: MODEL }, configOptions }, options);
  return configOptions.fetch;
};

describe.each(Object.entries(REQUESTS))('%s', (_, [request, isBackground]) => {
  const body = { model: MODEL, models: CHAIN, ...request };

  test.each([
    ['createFetch()', () => createFetch(), false],
    ["createFetch({ chainFor: 'all' })", () => createFetch({ chainFor: 'all' }), false],
    ["createFetch({ chainFor: 'chat' })", () => createFetch({ chainFor: 'chat' }), true],
    ['configureAgents()', () => agentsFetch(), true],
    ["configureAgents() with chainFor: 'all'", () => agentsFetch({ chainFor: 'all' }), false],
  ])('%s', async (_name, make, leavesOut) => {
    const { models, ...rest } = await send(make(), body);
    expect(models).toEqual(isBackground && leavesOut ? undefined : CHAIN);
    expect(rest).toEqual({ model: MODEL, ...request });
  });

  test('backgroundModel', async () => {
    expect((await send(createFetch({ backgroundModel: OTHER }), body)).model).toBe(isBackground ? OTHER : MODEL);
    expect((await send(agentsFetch({ backgroundModel: OTHER }), { model: MODEL, ...request })).model).toBe(isBackground ? OTHER : MODEL);
  });

  test('as bytes', async () => {
    expect((await send(createFetch({ chainFor: 'chat' }), Buffer.from(JSON.stringify(body)))).models).toEqual(isBackground ? undefined : CHAIN);
  });
});

test('LangChain sends a title without the chain of the chat', async () => {
  const target = { llmConfig: { model: MODEL, apiKey: KEY, streaming: true }, configOptions: { baseURL: emulator.baseURL } };
  configureAgents(target, { models: CHAIN });
  const { streaming, ...title } = target.llmConfig;
  const options = { configuration: target.configOptions };
  for await (const _ of await new ChatOpenAI({ ...target.llmConfig, ...options }).stream('Hi'));
  await new ChatOpenAI({ ...title, ...options }).invoke('A title, please');
  expect(streaming).toBe(true);
  expect(emulator.requests.map(({ body }) => body.models)).toEqual([CHAIN, undefined]);
});

test('other endpoints, other methods and bodies that are no chat pass as they are', async () => {
  const fetch = createFetch({ chainFor: 'chat', backgroundModel: OTHER });
  const embeddings = { model: 'x/y', input: 'a', models: CHAIN };
  expect(await send(fetch, embeddings, '/embeddings')).toEqual(embeddings);
  const responses = { model: MODEL, input: 'Hi', models: CHAIN };
  expect(await send(fetch, responses, '/responses')).toEqual({ model: OTHER, input: 'Hi' });
  await send(fetch, 'no JSON, but "models"');
  expect(emulator.requests.at(-1).rawBody).toBe('no JSON, but "models"');
});

test.each([{ chainFor: 'title' }, { chainFor: true }, { backgroundModel: '' }, { backgroundModel: 1 }])('%j is refused', async (options) => {
  expect(await failureOf(() => createFetch(options))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(Object.keys(options)[0]) });
});
