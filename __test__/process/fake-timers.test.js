'use strict';

const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { ROOT } = require('../support/process.js');
const { inChild } = require('../support/streaming.js');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(() => emulator.close());

const WHAT = {
  lookups: async ({ client }) => (await client.getModels(true)).length > 0,
  'a chat': async ({ client, chat }) => (await client.chatCompletion(chat)).choices[0].message.content,
  'finalCompletion()': async ({ client, chat }) => (await (await client.chatCompletion({ ...chat, stream: true })).finalCompletion()).choices[0].message.content,
  'the loop over a stream': async ({ client, chat }) => {
    let text = '';
    for await (const piece of (await client.chatCompletion({ ...chat, stream: true })).text()) text += piece;
    return text;
  },
  onProgress: async ({ client, chat }) => {
    let text = '';
    const stream = await client.chatCompletion({ ...chat, stream: true, onProgress: (piece) => { text += piece; } });
    await stream.finalCompletion();
    return text;
  },
  listeners: async ({ client, chat }) => {
    let text = '';
    const stream = await client.chatCompletion({ ...chat, stream: true });
    stream.on('content', (piece) => { text += piece; });
    await new Promise((resolve) => { stream.on('end', resolve); });
    return text;
  },
  createFetch: async ({ library, chat, key, baseURL }) => {
    const response = await library.createFetch()(`${baseURL}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: JSON.stringify({ ...chat, stream: true }) });
    return (await response.text()).includes('[DONE]');
  },
  'a failed body of createFetch': async ({ library, chat, key, baseURL }) => {
    const body = JSON.stringify({ ...chat, stream: true, emulator: { text: 'one two three', cut: 1, cutHow: 'reset' } });
    const response = await library.createFetch()(`${baseURL}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body });
    return response.text().then(() => 'whole', ({ message }) => message);
  },
  "LibreChat's class": async ({ librechat, chat, key, baseURL }) => {
    class BaseClient {}
    const client = new (librechat.createOpenRouterClient({ BaseClient, completionShape: 'string' }))(key, { baseURL, modelOptions: { model: chat.model } });
    return client.sendCompletion(chat, { onProgress: () => {} });
  },
  'ChatOpenRouter.invoke()': async ({ model }) => (await model.invoke('hi')).content,
  'ChatOpenRouter.stream()': async ({ model }) => {
    let text = '';
    for await (const chunk of await model.stream('hi')) text += chunk.content;
    return text;
  },
};

/** Runs in a child: installs fake timers before the first call, and never moves their clock. */
async function work(library, { root, baseURL, fakeTimers, source }) {
  const { join } = process.getBuiltinModule?.('path') ?? require('node:path');
  const librechat = require(join(root, 'adapters/librechat'));
  const { ChatOpenRouter } = require(join(root, 'adapters/langchain'));
  const clock = require(fakeTimers).install();
  try {
    const key = 'sk-or-v1-limit-fake-timers';
    const client = new library.OpenRouterClient(key, { baseURL });
    const chat = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'hi' }], emulator: { text: 'one two' } };
    const model = new ChatOpenRouter({ model: chat.model, apiKey: key, baseURL, maxRetries: 0, modelKwargs: { emulator: chat.emulator } });
    // eslint-disable-next-line no-eval
    return await eval(source)({ library, librechat, model, client, chat, key, baseURL });
  } finally {
    clock.uninstall();
  }
}

const EXPECTED = { lookups: true, createFetch: true, 'a failed body of createFetch': 'terminated' };

describe('while all timers are fake and their clock stands still', () => {
  test.each(Object.entries(WHAT))('%s ends as usual', async (what, run) => {
    const fakeTimers = path.dirname(require.resolve('@sinonjs/fake-timers/package.json'));
    const { result, trouble } = await inChild(work, { root: ROOT, baseURL: emulator.baseURL, fakeTimers, source: `(${run})` });
    expect([result, trouble]).toEqual([EXPECTED[what] ?? 'one two', []]);
  });
});
