'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

const { ChatOpenRouter } = require('openrouter-native/langchain');
const { configureAgents, createOpenRouterClient } = require('openrouter-native/librechat');
const { createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { closedPort } = require('../support/closed-port.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'hi' }];
const tenant = new AsyncLocalStorage();

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(() => emulator.close());

const chats = () => ({ method: 'POST', headers: { authorization: 'Bearer sk-or-v1-limit-context' }, body: JSON.stringify({ model: MODEL, messages, stream: true, emulator: { text: 'one two', chunks: 2, gap: 20 } }) });
const refused = () => ({ ...chats(), body: JSON.stringify({ model: MODEL, messages, stream: true, emulator: { status: 503, delay: 20 } }) });
const failing = () => ({ ...chats(), body: JSON.stringify({ model: MODEL, messages, stream: true, emulator: { text: 'one two', gap: 20, errorAt: 1 } }) });
const url = () => `${emulator.baseURL}/chat/completions`;

/** One `fetch` for all tenants, as an application has it. */
const shared = {};

/** What a tenant does with callbacks. Each callback calls `note`. */
const WORK = {
  'the callbacks of createFetch': async (note) => {
    shared.fetch ??= createFetch({ onModel: note('onModel'), onUsage: note('onUsage'), onError: note('onError') });
    await (await shared.fetch(url(), chats())).text();
    await (await shared.fetch(url(), failing())).text().catch(() => {});
    // These fail before there is a body whose reader has a context.
    await (await shared.fetch(url(), refused())).text();
    await shared.fetch(`http://127.0.0.1:${await closedPort()}/api/v1/chat/completions`, chats()).catch(() => {});
    return ['onModel', 'onUsage', 'onError'];
  },
  'the callbacks of configureAgents()': async (note) => {
    const config = { baseURL: emulator.baseURL };
    configureAgents(config, { onUsage: note('onUsage') });
    await (await config.fetch(url(), chats())).text();
    return ['onUsage'];
  },
  "the callbacks of LibreChat's class": async (note) => {
    class BaseClient {}
    const Client = createOpenRouterClient({ BaseClient, completionShape: 'object', spendTokens: async () => note('spendTokens')() });
    const client = new Client('sk-or-v1-limit-context', { baseURL: emulator.baseURL, modelOptions: { model: MODEL } });
    await client.sendCompletion({ messages, emulator: { text: 'one two three four five six', chunks: 6, gap: 5 } }, { onProgress: note('onProgress') });
    return ['onProgress', 'spendTokens'];
  },
  'the callbacks of ChatOpenRouter': async (note) => {
    const model = new ChatOpenRouter({ model: MODEL, apiKey: async () => { note('apiKey')(); return 'sk-or-v1-limit-context'; }, baseURL: emulator.baseURL, maxRetries: 0 });
    // Other callbacks are run later by LangChain's own queue, which is one for the process and has the context of none.
    const callbacks = [{ awaitHandlers: true, handleLLMNewToken: note('handleLLMNewToken'), handleLLMEnd: note('handleLLMEnd') }];
    for await (const _ of await model.stream('hi', { callbacks })) note('the loop')();
    await model.invoke('hi', { callbacks });
    return ['apiKey', 'handleLLMNewToken', 'handleLLMEnd', 'the loop'];
  },
};

test.each(Object.entries(WORK))('%s run in the async context of their own call, also with concurrent tenants', async (_, work) => {
  const seen = [];
  const note = (name) => () => { seen.push([name, tenant.getStore()]); };
  // Somebody without a context uses the package first.
  await work(note);
  seen.length = 0;
  const tenants = ['ann', 'bob', 'cem'];
  const [names] = await Promise.all(tenants.map((name) => tenant.run(name, () => work((what) => () => { seen.push([what, tenant.getStore(), name]); }))));
  // The `fetch` that all share has the callbacks of the first caller, which do not know the tenant.
  const strangers = seen.filter(([, found, meant]) => found === undefined || (meant !== undefined && found !== meant));
  expect(strangers).toEqual([]);
  for (const name of names) {
    const of = seen.filter(([what]) => what === name).map(([, found]) => found);
    expect([name, [...new Set(of)].sort()]).toEqual([name, tenants]);
  }
});
