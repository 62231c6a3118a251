'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { load } = require('@langchain/core/load');
const { ChatOpenAI } = require('@langchain/openai');

const { startEmulator } = require('../../emulator');
const { ChatOpenRouter } = require('../../adapters/langchain');
const { ROOT, runNode } = require('../support/process');
const { bodiesOf, joined, newModel } = require('./support/langchain-models');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes');

const KEY = 'sk-or-v1-limit-langchain-0123456789abcdef';

let emulator;
let restore;
beforeAll(async () => {
  restore = cleanEnvironment();
  emulator = await startEmulator({ showKeys: true });
});
beforeEach(() => emulator.reset());
afterEach(() => {
  delete process.env.OPENROUTER_API_KEY;
  delete process.env.OPENAI_API_KEY;
});
afterAll(async () => {
  restore();
  await emulator.close();
});

const authorizations = () => emulator.requests.map(({ headers }) => headers.authorization);
const make = (fields) => new ChatOpenRouter({ model: 'openai/gpt-5-mini', baseURL: emulator.baseURL, ...fields });

describe('the API key', () => {
  test.each([
    ['apiKey', { apiKey: KEY }],
    ['openAIApiKey', { openAIApiKey: KEY }],
    ['openRouterApiKey, which takes precedence', { openRouterApiKey: KEY, apiKey: 'other' }],
    ['configuration.apiKey', { configuration: { apiKey: KEY } }],
    ['a function, called for each request', { apiKey: async () => KEY }],
    ['OPENROUTER_API_KEY', {}],
  ])('is taken from %s', async (_, fields) => {
    if (Object.keys(fields).length === 0) process.env.OPENROUTER_API_KEY = KEY;
    process.env.OPENAI_API_KEY = 'sk-openai-is-not-meant';
    await make(fields).invoke('hi');
    await make(fields).bindTools([]).invoke('hi');
    expect(authorizations()).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
  });

  test('is never taken from OPENAI_API_KEY', () => {
    process.env.OPENAI_API_KEY = 'sk-openai-is-not-meant';
    expect(() => make({})).toThrow(expect.objectContaining({ code: 'missing_api_key' }));
  });

  test.each([undefined, null, '', ' ', 'user_provided'])('is never the key of the server when a function for the user gives %j', async (given) => {
    process.env.OPENROUTER_API_KEY = KEY;
    const model = make({ apiKey: async () => given });
    for (const ask of [() => model.invoke('hi'), () => joined(model.stream('hi'))]) {
      expect(await failureOf(ask)).toMatchObject({ name: 'OpenRouterError', code: 'missing_api_key' });
    }
    expect(emulator.requests).toHaveLength(0);
  });

  test('is never printed, serialised or traced', async () => {
    const traced = [];
    const callbacks = [{ handleChatModelStart: (...all) => { traced.push(all); } }];
    const model = make({ apiKey: KEY, zdr: true, configuration: { apiKey: KEY, defaultHeaders: { Authorization: `Bearer ${KEY}`, 'X-Mine': 'mine' } } });
    for (const one of [model, model.bindTools([{ type: 'function', function: { name: 'f' } }])]) {
      await one.invoke('hi', { callbacks });
      expect(shownOf(one)).not.toContain('0123456789abcdef');
      expect(JSON.stringify(one.identifyingParams())).not.toContain('0123456789abcdef');
    }
    expect(traced).toHaveLength(2);
    expect(JSON.stringify(traced)).not.toContain('0123456789abcdef');
  });
});

describe('the fields of a model apply to each request', () => {
  const messages = [{ role: 'user', content: 'hi' }];
  const table = [
    ['zdr', { zdr: true }, {}, { provider: { zdr: true } }],
    ['zdr, which a call cannot revoke', { zdr: true }, { zdr: false, provider: { zdr: false, sort: 'price' } }, { provider: { zdr: true, sort: 'price' } }],
    ['zdr of a call', {}, { zdr: true }, { provider: { zdr: true } }],
    ['dataCollection', { dataCollection: 'deny' }, { provider: { data_collection: 'allow' } }, { provider: { data_collection: 'deny' } }],
    ['dataCollection of a call', {}, { dataCollection: 'deny' }, { provider: { data_collection: 'deny' } }],
    ['dataCollection, which a call cannot revoke', { dataCollection: 'deny' }, { dataCollection: 'allow' }, { provider: { data_collection: 'deny' } }],
    ['zdr in provider, which a call cannot revoke', { provider: { zdr: true } }, { provider: { zdr: false } }, { provider: { zdr: true } }],
    ['zdr in modelKwargs', { modelKwargs: { provider: { zdr: true } } }, { zdr: false }, { provider: { zdr: true } }],
    ['data_collection in provider of modelKwargs, which a call cannot revoke', { modelKwargs: { provider: { data_collection: 'deny' } } }, { provider: { data_collection: 'allow' } }, { provider: { data_collection: 'deny' } }],
    ['provider, and what a call adds to it', { provider: { order: ['a'], allow_fallbacks: false } }, { provider: { sort: 'price' } }, { provider: { order: ['a'], allow_fallbacks: false, sort: 'price' } }],
    ['the auto router, without fallbacks', { autoRouter: true, models: ['x/y'] }, {}, { model: 'openrouter/auto' }],
    ['the auto router of a call', {}, { autoRouter: true }, { model: 'openrouter/auto' }],
    ['models', { models: ['openai/gpt-5-mini', 'google/gemini-2.5-flash'] }, {}, { models: ['google/gemini-2.5-flash'] }],
    ['models of a call', { models: ['google/gemini-2.5-flash'] }, { models: ['x-ai/grok-4'] }, { models: ['x-ai/grok-4'] }],
    ['plugins', { plugins: [{ id: 'web', max_results: 1 }] }, {}, { plugins: [{ id: 'web', max_results: 1 }] }],
    ['reasoning, for every model', { reasoning: { effort: 'high', exclude: true } }, {}, { reasoning: { effort: 'high', exclude: true } }],
    ['reasoning_effort and include_reasoning, merged into reasoning', { reasoning: { exclude: true }, modelKwargs: { reasoning_effort: 'low', include_reasoning: true } }, {}, { reasoning: { exclude: true, effort: 'low' } }],
    ['reasoning of a call', { reasoning: { effort: 'high' } }, { reasoningEffort: 'low', reasoning: { effort: 'medium' } }, { reasoning: { effort: 'medium' } }],
    ['modelKwargs, unchanged', { modelKwargs: { top_k: 3, 'x-new': { a: [1.5] } } }, {}, { top_k: 3, 'x-new': { a: [1.5] } }],
  ];

  test.each(table)('%s', async (_, fields, options, expected) => {
    const model = make({ apiKey: KEY, ...fields });
    await model.invoke('hi', options).catch(() => {});
    await joined(model.withConfig(options).stream('hi')).catch(() => {});
    await model.bindTools([], options).invoke('hi').catch(() => {});
    const whole = { model: 'openai/gpt-5-mini', messages, ...expected };
    expect(bodiesOf(emulator)).toEqual([{ ...whole, stream: false }, { ...whole, stream: true }, { ...whole, stream: false }]);
  });

  test('a floor of withConfig() cannot be revoked by a call', async () => {
    const model = make({ apiKey: KEY }).withConfig({ zdr: true, provider: { data_collection: 'deny' } });
    await model.invoke('hi', { zdr: false, dataCollection: 'allow', provider: { data_collection: 'allow' } });
    expect(bodiesOf(emulator)[0].provider).toEqual({ zdr: true, data_collection: 'deny' });
    expect(await failureOf(model.invoke('hi', { zdr: 'true' }))).toMatchObject({ code: 'invalid_option' });
  });

  test('siteUrl, siteName and headers, as HTTP headers', async () => {
    await make({ apiKey: KEY, siteUrl: 'https://a.example', siteName: 'A', headers: { 'X-One': '1' }, configuration: { defaultHeaders: { 'X-Two': '2' } } }).invoke('hi', { options: { headers: { 'X-Three': '3' } } });
    expect(emulator.requests[0].headers).toMatchObject({ 'http-referer': 'https://a.example', 'x-title': 'A', 'x-one': '1', 'x-two': '2', 'x-three': '3' });
  });

  test.each(['openai/gpt-5-codex', 'openai/gpt-5.2-pro'])('%s is called through chat completions too', async (model) => {
    await make({ apiKey: KEY, model, reasoning: { summary: 'auto' } }).invoke('hi').catch(() => {});
    expect(emulator.requests[0].path).toMatch(/\/chat\/completions$/);
  });

  test('configuration.baseURL and a model id as the first argument, as LangChain and LibreChat pass them', async () => {
    const model = new ChatOpenRouter('openai/gpt-5-mini', { apiKey: KEY, configuration: { baseURL: `${emulator.baseURL}/` } });
    await model.invoke('hi');
    expect(bodiesOf(emulator)[0].model).toBe('openai/gpt-5-mini');
    expect(model).toBeInstanceOf(ChatOpenAI);
  });

  test('without a model nothing is sent, and the default model of ChatOpenAI is not used', async () => {
    expect(await failureOf(make({ apiKey: KEY, model: undefined }).invoke('hi'))).toMatchObject({ code: 'invalid_request', message: 'No model specified for OpenRouter. Please select a model.' });
    expect(emulator.requests).toHaveLength(0);
  });

  test('an invalid option throws at once, with its name in the message', () => {
    expect(() => make({ apiKey: KEY, zdr: 'yes' })).toThrow(expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining('zdr') }));
  });
});

test('a model can be serialised and loaded, with the key as a secret only', async () => {
  const model = make({ apiKey: KEY, zdr: true, models: ['google/gemini-2.5-flash'], reasoning: { effort: 'low' }, temperature: 0.5, provider: { sort: 'price' }, maxRetries: 1 });
  const text = JSON.stringify(model);
  expect(text).not.toContain(KEY);
  const read = await load(text, {
    secretsMap: { OPENROUTER_API_KEY: 'sk-or-v1-limit-another' },
    optionalImportsMap: { 'langchain/chat_models/openrouter': { ChatOpenRouter } },
    importMap: { chat_models__openrouter: { ChatOpenRouter } },
  });
  expect(read).toBeInstanceOf(ChatOpenRouter);
  await model.invoke('hi');
  await read.invoke('hi');
  const [before, after] = bodiesOf(emulator);
  expect(after).toEqual(before);
  expect(after).toMatchObject({ temperature: 0.5, provider: { sort: 'price', zdr: true }, reasoning: { effort: 'low' } });
  expect(authorizations()[1]).toBe('Bearer sk-or-v1-limit-another');
  expect(JSON.stringify(read)).toBe(text);
});

test('an ES module receives a ChatOpenRouter that extends the ES module classes of LangChain', async () => {
  const script = `
    import { AIMessageChunk } from '@langchain/core/messages';
    import { createAgent, tool } from 'langchain';
    import { ChatOpenAI } from '@langchain/openai';
    import { ChatOpenRouter } from './adapters/langchain/index.mjs';
    const model = new ChatOpenRouter({ model: 'openai/gpt-5-mini', apiKey: 'sk-or-v1-limit-esm', baseURL: '${emulator.baseURL}' });
    const add = tool(() => '3', { name: 'add', description: 'Adds', schema: { type: 'object', properties: {} } });
    const { messages } = await createAgent({ model, tools: [add] }).invoke({ messages: [{ role: 'user', content: 'Add' }] });
    let whole;
    for await (const chunk of await model.stream('hi')) whole = whole?.concat(chunk) ?? chunk;
    console.log(messages.map(({ type }) => type).join(), AIMessageChunk.isInstance(whole), model instanceof ChatOpenAI);`;
  const { code, stdout, stderr } = await runNode(['--input-type=module', '-e', script]);
  expect(stderr).toBe('');
  expect([code, stdout]).toEqual([0, 'human,ai,tool,ai true true\n']);
});

test('the types compile under strict settings in both module systems, and each mistake is reported', () => {
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const options = '--noEmit --strict --exactOptionalPropertyTypes --noUnusedLocals --skipLibCheck --target es2022 --module nodenext --lib es2022,dom,esnext.disposable --types node';
  const files = ['langchain-types.mts', 'langchain-types.cts'].map((file) => path.join('__test__', 'langchain', 'support', file));
  let output = '';
  try {
    execFileSync(process.execPath, [tsc, ...options.split(' '), ...files], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  } catch ({ stdout }) {
    output = stdout;
  }
  expect(output).toBe('');
  const declared = (name) => fs.readFileSync(path.join(ROOT, 'adapters', 'langchain', name), 'utf8');
  expect(declared('index.d.mts')).toBe(declared('index.d.ts'));
});
