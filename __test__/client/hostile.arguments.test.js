'use strict';

const { OpenRouterClient, OpenRouterError, clearCache, createFetch, creditLevel, getStats, modelInfo } = require('../..');
const { startEmulator } = require('../../emulator');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');

const circular = {};
circular.self = circular;
const throwing = new Proxy({}, { get() { throw new Error('trap'); }, ownKeys() { throw new Error('trap'); } });

/** Values that a caller may pass by mistake. */
const ODD = [
  ['undefined', undefined], ['null', null], ['true', true], ['0', 0], ['NaN', NaN], ['-1', -1], ['a bigint', 10n], ['text', 'x'],
  ['empty text', ''], ['a symbol', Symbol('x')], ['a function', () => {}], ['a class', class {}], ['an array', []], ['an array of null', [null]],
  ['a date', new Date(0)], ['a map', new Map([['model', 'x']])], ['bytes', new Uint8Array(3)], ['an object without a prototype', Object.create(null)],
  ['an object that contains itself', circular], ['an object that throws when it is read', throwing], ['an object whose toJSON throws', { toJSON() { throw new Error('trap'); } }],
  ['an object whose toJSON returns undefined', { toJSON: () => undefined }], ['a promise', Promise.resolve({})], ['an error', new Error('x')], ['a revoked proxy', revoked()],
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

/** Fails unless the error is an OpenRouterError with a message of this package, or was thrown by the odd value itself. */
function expectOwnError(error) {
  if (error.message === 'trap' || /revoked/.test(error.message)) return;
  expect(error).toBeInstanceOf(OpenRouterError);
  expect(error.message).not.toMatch(/Cannot read|not a function|destructure|undefined \(|napi|GenericFailure/);
}

/** Returns the result of a call, or undefined. Fails when it throws instead of rejecting, or rejects with another error. */
async function settles(call) {
  const promise = call();
  expect(promise).toBeInstanceOf(Promise);
  try {
    return await promise;
  } catch (error) {
    expectOwnError(error);
    return undefined;
  }
}

describe.each(ODD)('%s', (_, odd) => {
  test('as the key or the options makes a client or throws an OpenRouterError', () => {
    for (const make of [() => new OpenRouterClient(odd), () => new OpenRouterClient('sk-or-v1-x', odd), () => new OpenRouterClient({ apiKey: odd })]) {
      try {
        expect(make()).toBeInstanceOf(OpenRouterClient);
      } catch (error) {
        expectOwnError(error);
      }
    }
  });

  test('as any single option makes a client or throws an OpenRouterError', () => {
    const names = ['baseURL', 'siteUrl', 'siteName', 'modelOptions', 'autoRouter', 'zdr', 'dataCollection', 'headers', 'modelsPerRequest', 'routerMetadata',
      'proxy', 'ca', 'timeouts', 'maxRetries', 'cache', 'maxEventBytes', 'maxResponseBytes', 'rateLimit', 'logger', 'endpointOption', 'req', 'allowInsecureHttp', 'openRouterApiKey'];
    for (const name of names) {
      try {
        expect(new OpenRouterClient('sk-or-v1-x', { [name]: odd }).baseURL).toMatch(/^http/);
      } catch (error) {
        expectOwnError(error);
      }
    }
  });

  test('as an argument of a call resolves or rejects with an OpenRouterError, and the client still works', async () => {
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

  test('as an argument of a method of a stream throws at most an OpenRouterError', async () => {
    const open = () => client.chatCompletion({ ...chat, stream: true });
    const stream = await open();
    for (const listen of [() => stream.on(odd, () => {}), () => stream.on('content', odd), () => stream.once('end', odd), () => stream.off('end', odd), () => stream.off(odd, odd)]) {
      try {
        listen();
      } catch (error) {
        expectOwnError(error);
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

  test('as an argument of the other exported functions throws at most an OpenRouterError', async () => {
    for (const call of [() => createFetch(odd), () => clearCache(odd), () => getStats(odd), () => creditLevel(odd), () => modelInfo(odd)]) {
      try {
        call();
      } catch (error) {
        expectOwnError(error);
      }
    }
  });
});

test('an odd value as a hook of createFetch is refused by its name, and an odd function does not affect the request', async () => {
  for (const [, odd] of ODD) {
    for (const name of ['onUsage', 'onModel', 'onError', 'onFallback']) {
      if (odd === undefined || odd === null || typeof odd === 'function') continue;
      expect(await failureOf(() => createFetch({ [name]: odd }))).toMatchObject({ code: 'invalid_option', message: `Invalid option ${name}: expected a function.` });
    }
  }
  for (const odd of [undefined, null, class {}, () => { throw new Error('mine'); }]) {
    const fetch = createFetch({ onUsage: odd, onModel: odd, onError: odd, onFallback: odd });
    const response = await fetch(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-limit-odd' }, body: JSON.stringify(chat) });
    expect((await response.json()).choices[0].message.content).toBe('fine');
  }
});

test('clearCache clears nothing for a key that is null, because a missing key is not the wish to clear everything', async () => {
  await client.getModels();
  for (const odd of [null, 0, false]) expect(await failureOf(() => clearCache(odd))).toMatchObject({ code: 'invalid_option' });
  await client.getModels();
  expect(emulator.requests).toHaveLength(1);
});
