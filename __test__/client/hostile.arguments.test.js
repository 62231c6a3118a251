'use strict';

const { OpenRouterClient, OpenRouterError, clearCache, createFetch, creditLevel, getStats, modelInfo } = require('../..');
const { startEmulator } = require('../../emulator');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');

const circular = {};
circular.self = circular;
const throwing = new Proxy({}, { get() { throw new Error('trap'); }, ownKeys() { throw new Error('trap'); } });

/** What people, and bugs, hand over. */
const ODD = [
  ['undefined', undefined], ['null', null], ['true', true], ['0', 0], ['NaN', NaN], ['-1', -1], ['a bigint', 10n], ['text', 'x'],
  ['empty text', ''], ['a symbol', Symbol('x')], ['a function', () => {}], ['a class', class {}], ['an array', []], ['an array of null', [null]],
  ['a date', new Date(0)], ['a map', new Map([['model', 'x']])], ['bytes', new Uint8Array(3)], ['an object without a prototype', Object.create(null)],
  ['an object that holds itself', circular], ['one that throws when it is read', throwing], ['one whose toJSON throws', { toJSON() { throw new Error('trap'); } }],
  ['one whose toJSON gives nothing', { toJSON: () => undefined }], ['a promise', Promise.resolve({})], ['an error', new Error('x')], ['a revoked proxy', revoked()],
];
function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

let restoreEnvironment;
let emulator;
let client;
beforeAll(async () => { emulator = await startEmulator({ directives: { text: 'fine' } }); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
  client = new OpenRouterClient('sk-or-v1-limit-odd', { baseURL: emulator.baseURL, maxRetries: 0 });
});
afterEach(() => {
  restoreEnvironment();
  clearCache();
});
afterAll(() => emulator.close());

const chat = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] };

/** An error of ours, or the one that the odd thing itself threw; never the words of an engine that was handed it. */
function expectOurs(error) {
  if (error.message === 'trap' || /revoked/.test(error.message)) return;
  expect(error).toBeInstanceOf(OpenRouterError);
  expect(error.message).not.toMatch(/Cannot read|not a function|destructure|undefined \(|napi|GenericFailure/);
}

/** Whatever comes of it, it is an answer or an error of ours, and never an exception at the call. */
async function settles(call) {
  const promise = call();
  expect(promise).toBeInstanceOf(Promise);
  try {
    return await promise;
  } catch (error) {
    expectOurs(error);
    return undefined;
  }
}

describe.each(ODD)('%s', (_, odd) => {
  test('as a key or as options gives a client or an error of ours', () => {
    for (const make of [() => new OpenRouterClient(odd), () => new OpenRouterClient('sk-or-v1-x', odd), () => new OpenRouterClient({ apiKey: odd })]) {
      try {
        expect(make()).toBeInstanceOf(OpenRouterClient);
      } catch (error) {
        expectOurs(error);
      }
    }
  });

  test('as any one option gives a client or an error of ours', () => {
    const names = ['baseURL', 'siteUrl', 'siteName', 'modelOptions', 'autoRouter', 'zdr', 'dataCollection', 'headers', 'modelsPerRequest', 'routerMetadata',
      'proxy', 'ca', 'timeouts', 'maxRetries', 'cache', 'maxEventBytes', 'maxResponseBytes', 'rateLimit', 'logger', 'endpointOption', 'req', 'allowInsecureHttp', 'openRouterApiKey'];
    for (const name of names) {
      try {
        expect(new OpenRouterClient('sk-or-v1-x', { [name]: odd }).baseURL).toMatch(/^http/);
      } catch (error) {
        expectOurs(error);
      }
    }
  });

  test('as a request, a part of one, or an option of a call', async () => {
    await settles(() => client.chatCompletion(odd));
    for (const name of ['model', 'messages', 'models', 'provider', 'stream', 'signal', 'onProgress', 'timeouts', 'maxRetries', 'headers', 'autoRouter', 'zdr', 'temperature']) {
      const answer = await settles(() => client.chatCompletion({ ...chat, [name]: odd }));
      answer?.abort?.();
    }
    const { id } = await client.chatCompletion(chat);
    if (typeof odd !== 'string') await settles(() => client.getGeneration(odd));
    await settles(() => client.getGeneration(id, odd));
    await settles(() => client.getGeneration(id, { signal: odd }));
    for (const method of ['getCredits', 'getModels']) {
      await settles(() => client[method](odd));
      await settles(() => client[method](false, odd));
      await settles(() => client[method](false, { signal: odd }));
    }
    expect((await client.chatCompletion(chat)).choices[0].message.content).toBe('fine');
  });

  test('on a stream', async () => {
    const open = () => client.chatCompletion({ ...chat, stream: true });
    const stream = await open();
    for (const listen of [() => stream.on(odd, () => {}), () => stream.on('content', odd), () => stream.once('end', odd), () => stream.off('end', odd), () => stream.off(odd, odd)]) {
      try {
        listen();
      } catch (error) {
        expectOurs(error);
      }
    }
    expect((await stream.finalCompletion()).choices[0].message.content).toBe('fine');
    const opened = await open();
    await settles(() => opened.stop(odd));
    const aborted = await client.chatCompletion({ ...chat, stream: true, emulator: { stall: 1 } });
    aborted.abort(odd);
    const error = await failureOf(aborted.finalCompletion());
    expect(error.name).toBe('AbortError');
    expect(Object.is(error.cause, odd)).toBe(true);
    expect((await (await open())[Symbol.asyncIterator]().return(odd)).done).toBe(true);
  });

  test('to the functions beside the client', async () => {
    for (const call of [() => createFetch(odd), () => clearCache(odd), () => getStats(odd), () => creditLevel(odd), () => modelInfo(odd)]) {
      try {
        call();
      } catch (error) {
        expectOurs(error);
      }
    }
  });
});

test('a hook that is odd disturbs nothing', async () => {
  for (const [, odd] of ODD) {
    const fetch = createFetch({ onUsage: odd, onModel: odd, onError: odd, onFallback: odd });
    const response = await fetch(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-limit-odd' }, body: JSON.stringify(chat) });
    expect((await response.json()).choices[0].message.content).toBe('fine');
  }
});
