'use strict';

const { getEventListeners } = require('node:events');

const { startEmulator } = require('../../emulator');
const { closedPort } = require('../support/closed-port');
const { CLOSE_MS } = require('../support/limits');
const { failureOf } = require('../support/outcomes');
const { inChild } = require('../support/streaming');
const { until } = require('../support/until');

const { createFetch } = require('../..');

const native = createFetch();

let emulator;

beforeAll(async () => { emulator = await startEmulator(); });

beforeEach(() => emulator.reset());

afterAll(() => emulator.close());

/** Sends a chat. By default its stream stalls after two deltas. */
function chat(directives = { stall: 2 }, init = {}) {
  return native(`${emulator.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-or-v1-limit-fetch-abort', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }], emulator: directives }),
    ...init,
  });
}

/** Runs `work`, and fails unless the client closes the only request soon after. */
async function expectClose(work) {
  const start = Date.now();
  const result = await work();
  const { by, at } = await emulator.requests[0].closed;
  expect(by).toBe('client');
  expect(at - start).toBeLessThan(CLOSE_MS);
  return result;
}

/** Reads up to the second delta, the last one before the stream stalls. */
async function readToStall(reader) {
  let text = '';
  while ((text.match(/"content":"[^"]/g) ?? []).length < 2) text += Buffer.from((await reader.read()).value).toString();
}

const listenersOf = (signal) => getEventListeners(signal, 'abort').length;

const REASONS = [
  ['the default reason', undefined],
  ['an Error', new Error('enough')],
  ['text', 'enough'],
  ['null', null],
  ['an object', { why: 'enough' }],
];

describe.each(REASONS)('an abort with %s', (_, given) => {
  /** Returns a signal, and a function that aborts it and returns the reason. */
  function newStop() {
    const controller = new AbortController();
    return { signal: controller.signal, abort: () => { controller.abort(given); return controller.signal.reason; } };
  }

  test('before the call rejects with that reason, and no request is sent', async () => {
    const { signal, abort } = newStop();
    const reason = abort();
    expect(await failureOf(chat({}, { signal }))).toBe(reason);
    expect(await failureOf(native(new Request(emulator.url, { signal })))).toBe(reason);
    expect(emulator.requests).toHaveLength(0);
  });

  test('before the headers rejects with that reason, and closes the request', async () => {
    const { signal, abort } = newStop();
    const asked = chat({ delay: 60_000 }, { signal });
    await emulator.waitForRequest();
    const failure = failureOf(asked);
    const reason = await expectClose(abort);
    expect(await failure).toBe(reason);
    expect(listenersOf(signal)).toBe(0);
  });

  test('during the body rejects pending reads with that reason, and closes the request', async () => {
    const { signal, abort } = newStop();
    const response = await chat(undefined, { signal });
    const reader = response.body.getReader();
    await readToStall(reader);
    const pending = failureOf(reader.read());
    const reason = await expectClose(abort);
    expect(await pending).toBe(reason);
    expect(await failureOf(reader.read())).toBe(reason);
    expect(await failureOf(reader.closed)).toBe(reason);
    expect(listenersOf(signal)).toBe(0);
  });
});

describe('an abort while the request body is being read', () => {
  const reason = new Error('enough');
  /**
   * Returns a body that has one chunk and never ends, and its source. `pulled` of the source resolves when the second
   * chunk is requested, `cancelled` when the body is cancelled.
   */
  function endless() {
    const source = { pulls: 0 };
    source.cancelled = new Promise((resolve) => { source.cancel = resolve; });
    source.pulled = new Promise((resolve) => {
      source.pull = (controller) => {
        source.pulls += 1;
        if (source.pulls === 1) return controller.enqueue(new Uint8Array(3));
        resolve();
        return new Promise(() => {});
      };
    });
    return { source, body: new ReadableStream(source, { highWaterMark: 0 }) };
  }

  const INPUTS = [
    ['of init', (init) => [emulator.url, init]],
    ['of a Request', (init) => [new Request(emulator.url, init)]],
    ['of a Request that is given as init', (init) => [emulator.url, new Request(emulator.url, init)]],
    ['of a Request and of init', ({ signal, ...init }) => [new Request(emulator.url, init), { signal }]],
  ];

  test.each(INPUTS)('rejects with its reason, cancels the body and sends nothing: body and signal %s', async (_name, argumentsFor) => {
    const { source, body } = endless();
    const controller = new AbortController();
    const asked = failureOf(native(...argumentsFor({ method: 'POST', body, duplex: 'half', signal: controller.signal })));
    await source.pulled;
    controller.abort(reason);
    expect(await asked).toBe(reason);
    expect(await source.cancelled).toBe(reason);
    expect(listenersOf(controller.signal)).toBe(0);
    expect(emulator.requests).toHaveLength(0);
  });

  test('before the call rejects with its reason, and the body is cancelled and not read', async () => {
    const { source, body } = endless();
    const init = { method: 'POST', body, duplex: 'half', signal: AbortSignal.abort(reason) };
    expect(await failureOf(native(emulator.url, init))).toBe(reason);
    expect(await source.cancelled).toBe(reason);
    expect(source.pulls).toBe(0);
  });

  test('rejects with its reason also where the abort makes the body fail, and after garbage collection, with nothing unhandled', async () => {
    const { result, trouble } = await inChild(async ({ createFetch: create }, url) => {
      const controller = new AbortController();
      const body = new ReadableStream({
        start: (own) => controller.signal.addEventListener('abort', () => own.error(new Error('broken'))),
        cancel: () => Promise.reject(new Error('no cancel')),
      });
      const stuck = new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => Promise.reject(new Error('no cancel')) });
      const asked = [body, stuck].map((one) => create()(url, { method: 'POST', body: one, duplex: 'half', signal: controller.signal }));
      setImmediate(() => {
        global.gc();
        controller.abort('enough');
      });
      return Promise.all(asked.map((one) => one.catch((failure) => failure)));
    }, emulator.url);
    expect([result, trouble]).toEqual([['enough', 'enough'], []]);
  });
});

describe('an abort', () => {
  test("rejects with a DOMException AbortError when no reason is given, as Node's fetch does", async () => {
    const failure = await failureOf(chat({}, { signal: AbortSignal.abort() }));
    expect(failure).toBeInstanceOf(DOMException);
    expect(failure.name).toBe('AbortError');
  });

  test('by AbortSignal.timeout rejects with TimeoutError', async () => {
    const failure = await failureOf(chat({ delay: 60_000 }, { signal: AbortSignal.timeout(50) }));
    expect(failure.name).toBe('TimeoutError');
    expect((await (await emulator.waitForRequest()).closed).by).toBe('client');
  });

  test('rejects with its reason by the signal of a Request, by AbortSignal.any, and with a Blob as the body', async () => {
    const controller = new AbortController();
    const requests = [
      native(new Request(`${emulator.baseURL}/models`, { headers: { 'x-emulator': 'delay=60000' }, signal: controller.signal })),
      chat({ delay: 60_000 }, { signal: AbortSignal.any([controller.signal, new AbortController().signal]) }),
      chat({ delay: 60_000 }, { signal: controller.signal, body: new Blob([JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { delay: 60_000 } })]) }),
    ].map(failureOf);
    await until(() => emulator.requests.length === 3, 'all are under way');
    controller.abort();
    for (const failure of await Promise.all(requests)) expect(failure).toBe(controller.signal.reason);
    for (const record of emulator.requests) expect((await record.closed).by).toBe('client');
  });

  test('of an unread body rejects text, json, iteration and pipes alike', async () => {
    const reads = [
      (response) => response.text(),
      (response) => response.json(),
      async (response) => { for await (const part of response.body) expect(part.length).toBeGreaterThan(0); },
      (response) => response.body.pipeTo(new WritableStream()),
      (response) => new Response(response.clone().body).arrayBuffer(),
    ];
    for (const [at, read] of reads.entries()) {
      const controller = new AbortController();
      const response = await chat(undefined, { signal: controller.signal });
      if (at % 2 === 0) controller.abort('unread');
      const failure = failureOf(() => read(response));
      controller.abort('unread');
      expect(await failure).toBe('unread');
      expect((await emulator.requests[at].closed).by).toBe('client');
    }
  });

  test('after the end of the body changes nothing: a copy can still be read, and the connection is used again', async () => {
    const controller = new AbortController();
    const response = await chat({}, { signal: controller.signal });
    const copy = response.clone();
    const text = await response.text();
    expect(text).toMatch(/\[DONE\]\n\n$/);
    expect(listenersOf(controller.signal)).toBe(0);
    controller.abort();
    expect(await copy.text()).toBe(text);
    await (await chat({})).text();
    expect(new Set(emulator.requests.map(({ connectionId }) => connectionId)).size).toBe(1);
  });

  test('of fifty requests with one signal closes them all', async () => {
    const controller = new AbortController();
    const responses = await Promise.all(Array.from({ length: 50 }, () => chat(undefined, { signal: controller.signal })));
    const reads = responses.map((response) => failureOf(response.text()));
    controller.abort('all');
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['all']));
    const ends = await Promise.all(emulator.requests.map((record) => record.closed));
    expect(new Set(ends.map(({ by }) => by))).toEqual(new Set(['client']));
    expect(listenersOf(controller.signal)).toBe(0);
  });
});

describe('the request closes', () => {
  test('by reader.cancel(), also while a read is pending', async () => {
    const reader = (await chat()).body.getReader();
    await readToStall(reader);
    const pending = reader.read();
    await expectClose(() => reader.cancel('no more'));
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await reader.read()).toEqual({ done: true, value: undefined });
  });

  test('by body.cancel() of an unread body', async () => {
    const response = await chat();
    await expectClose(() => response.body.cancel());
  });

  test.each(['break', 'return', 'throw'])('by %s out of the iteration', async (how) => {
    const response = await chat();
    const read = async () => {
      for await (const part of response.body) {
        expect(part.length).toBeGreaterThan(0);
        if (how === 'break') break;
        if (how === 'return') return;
        throw new Error('out');
      }
    };
    await expectClose(() => read().catch((error) => expect(error.message).toBe('out')));
  });

  test('by cancelling the end of a pipe, or both branches of a tee', async () => {
    const piped = (await chat()).body.pipeThrough(new TextDecoderStream()).getReader();
    await piped.read();
    await expectClose(() => piped.cancel());
    emulator.reset();
    const [one, two] = (await chat()).body.tee();
    await expectClose(() => Promise.all([one.cancel(), two.cancel()]));
  });

  test('by garbage collection of the response', async () => {
    const { result, trouble } = await inChild(async ({ createFetch: create }) => {
      // The server is in the same process, so that a close which it sees is not caused by the end of the process.
      const server = await require('./emulator').startEmulator();
      const init = { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-limit-fetch-dropped' }, body: JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }], emulator: { stall: 1 } }) };
      const { signal } = new AbortController();
      await (async () => { await create()(`${server.baseURL}/chat/completions`, { ...init, signal }); })();
      const [request] = server.requests;
      const listeners = () => require('node:events').getEventListeners(signal, 'abort').length;
      for (const deadline = Date.now() + 20_000; (request.closedBy === null || listeners() > 0) && Date.now() < deadline;) {
        global.gc();
        await new Promise((resolve) => { setImmediate(resolve); });
      }
      const { closedBy } = request;
      await server.close();
      return { closedBy, listeners: listeners() };
    });
    expect([result, trouble]).toEqual([{ closedBy: 'client', listeners: 0 }, []]);
  });

  test.each([
    ['before the response', { delay: 60_000 }],
    ['in mid-stream', { stall: 2 }],
  ])("by the signal that a Request was made with, which Node's fetch loses to garbage collection: %s", async (_when, directives) => {
    const { result, trouble } = await inChild(async ({ createFetch: create }, { url, emulator: own }) => {
      const init = { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-limit-fetch-request' }, body: JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }], emulator: own }) };
      const collecting = setInterval(() => global.gc(), 5);
      const ask = async () => (await create()(new Request(`${url}/chat/completions`, { ...init, signal: AbortSignal.timeout(300) }))).text();
      const late = new Promise((resolve) => { setTimeout(resolve, 5000, 'never').unref(); });
      const ended = await Promise.race([ask().catch(({ name }) => name), late]);
      clearInterval(collecting);
      return ended;
    }, { url: emulator.baseURL, emulator: directives });
    expect([result, trouble]).toEqual(['TimeoutError', []]);
    expect((await emulator.requests[0].closed).by).toBe('client');
  });
});

describe('nothing is left behind', () => {
  test('on the signal, after any outcome', async () => {
    const { signal } = new AbortController();
    const closed = `http://127.0.0.1:${await closedPort()}/`;
    const ends = [
      async () => (await chat({}, { signal })).text(),
      async () => (await chat({ status: 402 }, { signal })).json(),
      async () => (await chat({ status: 204 }, { signal })).text(),
      async () => (await chat(undefined, { signal })).body.cancel(),
      async () => failureOf(chat({ drop: 'fin' }, { signal })),
      async () => failureOf((await chat({ cut: 2, cutHow: 'reset' }, { signal })).text()),
      async () => failureOf(native(closed, { signal })),
      async () => failureOf(native('nonsense', { signal })),
    ];
    for (const end of ends) {
      await end();
      expect(listenersOf(signal)).toBe(0);
    }
  });

  test('by many concurrent calls with one signal: Node prints no warning of a leak', async () => {
    const { result, trouble } = await inChild(async ({ createFetch: create }, url) => {
      const { signal } = new AbortController();
      const fetch = create();
      const bodies = Array.from({ length: 30 }, async () => (await fetch(`${url}/models`, { signal })).text());
      return (await Promise.all(bodies)).length;
    }, emulator.baseURL);
    expect(result).toBe(30);
    expect(trouble).toEqual([]);
  });

  test('by calls whose results are ignored: no warning and no unhandled rejection', async () => {
    const { result, trouble } = await inChild(async ({ createFetch: create }, url) => {
      const fetch = create();
      const controller = new AbortController();
      const init = (emulator) => ({ method: 'POST', headers: { authorization: 'Bearer sk-or-v1-limit-fetch-quiet' }, signal: controller.signal, body: JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }], emulator }) });
      const ask = (emulator) => fetch(`${url}/chat/completions`, init(emulator));
      // Each of these is aborted, reset or cancelled while no promise of it is awaited.
      const unread = await Promise.all([ask({ stall: 1 }), ask({ stall: 1 }), ask({ cut: 1, cutHow: 'reset' })]);
      unread[1].body.getReader();
      const teed = (await ask({ stall: 1 })).body.tee();
      const pending = ask({ delay: 60_000 }).catch((error) => error.name);
      for (let at = 0; at < 100; at += 1) await (await ask({ text: 'x' })).text();
      const reader = (await ask({ stall: 1 })).body.getReader();
      await reader.read();
      reader.cancel();
      controller.abort();
      const name = await pending;
      return [name, unread.length, teed.length];
    }, emulator.baseURL);
    expect(result).toEqual(['AbortError', 3, 2]);
    expect(trouble).toEqual([]);
  });
});
