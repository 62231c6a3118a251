'use strict';

const { once } = require('node:events');

const { ChatOpenRouter } = require('openrouter-native/langchain');
const { createOpenRouterClient } = require('openrouter-native/librechat');
const { OpenRouterClient, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const BaseClient = require('../librechat/app/old/app/clients/BaseClient.js');
const { FOREIGN_SIGNALS, NO_SIGNALS } = require('../support/foreign-signals.js');
const { failureOf } = require('../support/outcomes.js');
const { inChild } = require('../support/streaming.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Tell me about bees' }];
const trouble = [];
const note = (error) => trouble.push(error);

let emulator;
let keys = 0;
beforeAll(async () => {
  process.on('unhandledRejection', note);
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterEach(() => expect(trouble).toEqual([]));
afterAll(async () => {
  process.off('unhandledRejection', note);
  await emulator.close();
});

function key() {
  keys += 1;
  return `sk-or-v1-limit-signals-${keys}`;
}
const clientOf = (directives) => new OpenRouterClient(key(), { baseURL: emulator.baseURL, maxRetries: 0, ...(directives && { headers: { 'X-Emulator': 'stall=0' } }) });
const modelOf = (directives) => new ChatOpenRouter({ model: MODEL, apiKey: key(), baseURL: emulator.baseURL, maxRetries: 0, modelKwargs: { emulator: directives } });
const libreChatOf = () => new (createOpenRouterClient({ BaseClient }))(key(), { baseURL: emulator.baseURL, modelOptions: { model: MODEL } });

/** A request of a chat that `createFetch` sends. */
const chatInit = (signal, directives, body) => ({ method: 'POST', headers: { authorization: `Bearer ${key()}` }, signal, body: body ?? JSON.stringify({ model: MODEL, messages, stream: true, emulator: directives }) });
const streamOf = (init) => new ReadableStream({ start(controller) { controller.enqueue(Buffer.from(init)); controller.close(); } });

/** Every way to give a signal, each of which answers only after `directives` allow it. */
const WAYS = {
  chatCompletion: (signal, directives) => clientOf().chatCompletion({ model: MODEL, messages, signal, emulator: directives }),
  'a stream of chatCompletion': async (signal, directives) => (await clientOf().chatCompletion({ model: MODEL, messages, signal, stream: true, emulator: directives })).finalCompletion(),
  getCredits: (signal, directives) => clientOf(directives).getCredits(true, { signal }),
  getModels: (signal, directives) => clientOf(directives).getModels(true, { signal }),
  createFetch: async (signal, directives) => (await createFetch()(`${emulator.baseURL}/chat/completions`, chatInit(signal, directives))).text(),
  'createFetch with a body that is a stream': async (signal, directives) => {
    const { body, ...init } = chatInit(signal, directives);
    return (await createFetch()(`${emulator.baseURL}/chat/completions`, { ...init, body: streamOf(body), duplex: 'half' })).text();
  },
  "LibreChat's class": (signal, directives) => libreChatOf().sendCompletion({ messages, emulator: directives }, { onProgress: () => {}, abortController: { signal } }),
  'ChatOpenRouter.invoke': (signal, directives) => modelOf(directives).invoke('hi', { signal }),
  'ChatOpenRouter.stream': async (signal, directives) => {
    const chunks = [];
    for await (const chunk of await modelOf(directives).stream('hi', { signal })) chunks.push(chunk);
    return chunks;
  },
  'ChatOpenRouter.batch': (signal, directives) => modelOf(directives).batch(['hi'], { signal }),
};
const everyWay = FOREIGN_SIGNALS.flatMap(([what, make]) => Object.keys(WAYS).map((way) => [what, way, make]));

describe('a signal that is not one of Node', () => {
  /** The ways that give the signal to LangChain or to a `Request`, for which a signal of Node follows it until it is collected. */
  const isFollowed = (way) => way.startsWith('ChatOpenRouter') || way.includes('body that is a stream');

  test.each(everyWay)('%s: %s gets its answer', async (what, way, make) => {
    const { signal, listenerCount } = make();
    expect(await WAYS[way](signal)).toBeTruthy();
    const isRemovable = !what.includes('removeEventListener') && !isFollowed(way);
    if (isRemovable) expect(listenerCount?.() ?? 0).toBe(0);
  });

  test.each(everyWay)('%s: %s is aborted by it, and the request is closed', async (_, way, make) => {
    const { signal, abort } = make();
    const arrived = once(emulator, 'request');
    const failure = failureOf(WAYS[way](signal, { stall: 0 }));
    await arrived;
    abort();
    const error = await failure;
    if (way.startsWith('createFetch') && signal.reason) expect(error).toBe(signal.reason);
    else if (!way.startsWith('ChatOpenRouter')) expect(error).toMatchObject({ name: 'AbortError' });
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test.each(everyWay)('%s: %s sends nothing if it is aborted already', async (_, way, make) => {
    const { signal, abort } = make();
    abort();
    expect((await failureOf(WAYS[way](signal))).name).toMatch(/Error$/);
    expect(emulator.requests).toHaveLength(0);
  });
});

describe.each(NO_SIGNALS)('%s is no signal', (_, signal) => {
  test.each(Object.keys(WAYS))('%s refuses it and sends nothing', async (way) => {
    const error = await failureOf(WAYS[way](signal));
    if (way.startsWith('createFetch')) expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining('AbortSignal') });
    else expect(error).toMatchObject({ name: 'OpenRouterError', code: 'invalid_option', message: 'Invalid option signal: expected an AbortSignal.' });
    expect(emulator.requests).toHaveLength(0);
  });
});

test('the other handler of a signal with onabort only is still called, and stays after the call', async () => {
  const [, make] = FOREIGN_SIGNALS.find(([what]) => what.includes('onabort only'));
  const { signal, abort } = make();
  const calls = [];
  const handler = () => calls.push('mine');
  signal.onabort = handler;
  await clientOf().getModels(true, { signal });
  expect(signal.onabort).toBe(handler);
  const failure = failureOf(clientOf().getModels(true, { signal }));
  abort();
  expect((await failure).name).toBe('AbortError');
  expect(calls).toEqual(['mine']);
});

test('a signal without removeEventListener does not end the process when what it aborts is collected', async () => {
  const { result, trouble: troubleOfChild } = await inChild(async ({ OpenRouterClient: Client }, { baseURL, model }) => {
    const signal = { aborted: false, addEventListener() {} };
    const client = new Client('sk-or-v1-limit-collected', { baseURL });
    for (let round = 0; round < 20; round += 1) {
      await client.chatCompletion({ model, messages: [{ role: 'user', content: 'hi' }], stream: true, signal });
      global.gc();
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    return 'alive';
  }, { baseURL: emulator.baseURL, model: MODEL });
  expect([result, troubleOfChild]).toEqual(['alive', []]);
});
