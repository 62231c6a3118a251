'use strict';

const { startEmulator } = require('../../emulator');
const { OpenRouterError } = require('../..');
const { FIN, RST, startByteServer } = require('../support/servers/byte-server');
const { joined, newModel } = require('./support/langchain-models');
const { runNode } = require('../support/process');
const { CLOSE_MS } = require('../support/limits');
const { failureOf, shownOf } = require('../support/outcomes');
const { SSE_HEAD, chunkOf, event, newClient } = require('../support/streaming');
const { until } = require('../support/until');

const PROMPT = 'Tell me about bees';

let emulator;
let raw;
beforeAll(async () => {
  emulator = await startEmulator();
  raw = await startByteServer();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([emulator.close(), raw.close()]));

const ways = [
  ['invoke', (model, options) => model.invoke(PROMPT, options)],
  ['stream', (model, options) => joined(model.stream(PROMPT, options))],
  ['streamEvents', async (model, options) => model.streamEvents(PROMPT, options)],
];

describe('an HTTP error status rejects with its code, after one request', () => {
  const CODES = { 400: 'invalid_request', 401: 'invalid_api_key', 402: 'insufficient_credits', 403: 'forbidden', 404: 'no_endpoints', 408: 'timeout', 413: 'payload_too_large', 429: 'rate_limited', 500: 'server_error', 502: 'provider_error', 503: 'service_unavailable', 529: 'overloaded' };

  test.each(Object.entries(CODES))('%s: %s', async (status, code) => {
    for (const [, ask] of ways) {
      emulator.reset();
      const error = await failureOf(ask(newModel(emulator, { emulator: { status: Number(status) } })));
      expect(error).toBeInstanceOf(OpenRouterError);
      expect(error).toMatchObject({ status: Number(status), code });
      expect(emulator.requests).toHaveLength(1);
    }
  });

  test('LangChain adds no retries to those of the client', async () => {
    const directives = { status: 503, 'retry-after': '0' };
    const request = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: PROMPT }], emulator: directives };
    await failureOf(newClient(emulator, { maxRetries: 1 }).chatCompletion(request));
    const alone = emulator.requests.length;
    for (const [, ask] of ways) {
      emulator.reset();
      await failureOf(ask(newModel(emulator, { maxRetries: 1, emulator: directives })));
      expect(emulator.requests).toHaveLength(alone);
    }
  });

  test('the client retries a 503 by default, and at most maxRetries times', async () => {
    for (const [way, ask] of ways) {
      const busy = (id) => ({ status: 503, times: 1, 'retry-after': '0', id: `${way}-${id}` });
      emulator.reset();
      await ask(newModel(emulator, { maxRetries: undefined, emulator: busy('default') }));
      expect(emulator.requests).toHaveLength(2);
      const refused = newModel(emulator, { maxRetries: 2, emulator: busy('none') });
      expect(await failureOf(ask(refused, { maxRetries: 0 }))).toMatchObject({ status: 503 });
      expect(emulator.requests).toHaveLength(3);
    }
  });

  test('handleLLMError is called once', async () => {
    const reported = [];
    const callbacks = [{ handleLLMError: (error) => { reported.push(error.code); } }];
    for (const [, ask] of ways.slice(0, 2)) await failureOf(ask(newModel(emulator, { emulator: { status: 402 } }), { callbacks }));
    expect(reported).toEqual(['insufficient_credits', 'insufficient_credits']);
  });

  test('a key that the server echoes is in no error', async () => {
    const apiKey = 'sk-or-v1-limit-langchain-secret-0123456789';
    const error = await failureOf(newModel(emulator, { apiKey, emulator: { status: 400, kind: 'echo-key' } }).invoke(PROMPT));
    expect(shownOf(error)).not.toContain('secret-0123456789');
  });
});

describe('a stream that fails throws after the chunks before the failure', () => {
  const cases = [
    ['an error event', { 'error-at': 3 }, { code: 'provider_error', status: 502 }],
    ['finish_reason error', { 'error-at': 3, 'error-shape': 'finish' }, { code: 'server_error' }],
    ['an error with empty choices', { 'error-at': 3, 'error-shape': 'choices-empty' }, { status: 502 }],
    ['an end without [DONE] and finish_reason', { cut: 3, 'cut-how': 'clean' }, { code: 'stream_truncated' }],
    ['a connection reset', { cut: 3, 'cut-how': 'reset' }, { code: 'connection_reset' }],
    ['an event that is not JSON', { garbage: 3 }, { code: 'malformed_response' }],
  ];

  test.each(cases)('%s', async (_, directives, expected) => {
    const model = () => newModel(emulator, { emulator: { text: 'one two three four five', chunks: 5, ...directives } });
    let text = '';
    const error = await failureOf(async () => { for await (const chunk of await model().stream(PROMPT)) text += chunk.content; });
    let ofEvents = '';
    const failed = await failureOf(async () => {
      for await (const { event, delta } of model().streamEvents(PROMPT)) if (event === 'content-block-delta') ofEvents += delta.text;
    });
    expect(text).toBe('one two three');
    for (const one of [error, failed]) {
      expect(one).toBeInstanceOf(OpenRouterError);
      expect(one).toMatchObject(expected);
      expect(one.partial.choices[0].message.content).toBe(text);
      expect(one.generationId).toMatch(/^gen-/);
    }
    expect(emulator.requests).toHaveLength(2);
  });

  test('an error before the first token rejects the request', async () => {
    for (const [, ask] of ways) {
      const error = await failureOf(ask(newModel(emulator, { emulator: { 'error-in-200': true } })));
      expect(error.status).toBe(502);
    }
  });

  test('a truncated tool call is never reported as complete', async () => {
    const piece = { index: 0, id: 'call_1', type: 'function', function: { name: 'pay', arguments: '{"eur":' } };
    raw.script = () => [SSE_HEAD, event(chunkOf(null, { delta: { tool_calls: [piece] } })), FIN];
    const ended = [];
    const error = await failureOf(joined(newModel(raw).stream('Pay', { callbacks: [{ handleLLMEnd: () => { ended.push(1); } }] })));
    expect(error.code).toBe('stream_truncated');
    expect(ended).toEqual([]);
  });

  test('no rejection is unhandled, and no listener stays on a shared signal', async () => {
    const script = `
      const { getEventListeners } = require('node:events');
      const { ChatOpenRouter } = require('./adapters/langchain');
      const trouble = [];
      for (const name of ['unhandledRejection', 'uncaughtException', 'warning']) process.on(name, (error) => trouble.push(name + ': ' + error));
      const { signal } = new AbortController();
      const model = (emulator) => new ChatOpenRouter({ model: 'openai/gpt-5-mini', apiKey: 'sk-or-v1-limit-quiet', baseURL: '${emulator.baseURL}', maxRetries: 0, modelKwargs: { emulator } });
      const read = async (stream) => { for await (const _ of await stream) { /* all of it */ } };
      (async () => {
        for (const faults of [{}, { 'error-at': 2 }, { cut: 2 }, { status: 500 }]) {
          await model(faults).invoke('hi', { signal }).catch(() => {});
          await read(model(faults).stream('hi', { signal })).catch(() => {});
          await read(model(faults).streamEvents('hi', { signal })).catch(() => {});
          await read(model(faults).streamEvents('hi', { signal, version: 'v2' })).catch(() => {});
          model(faults).streamEvents('hi', { signal });
        }
        for await (const _ of await model({ stall: 1 }).stream('hi', { signal })) break;
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 20);
        await read(model({ stall: 1 }).stream('hi', { signal: stop.signal })).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 50));
        console.log(JSON.stringify([trouble, getEventListeners(signal, 'abort').length]));
      })();`;
    const { stdout, stderr } = await runNode(['-e', script]);
    expect([stderr, stdout]).toEqual(['', '[[],0]\n']);
  });

  test('nothing is retried after the first chunk was delivered', async () => {
    raw.requests.length = 0;
    raw.script = () => [SSE_HEAD, event(chunkOf('a')), RST];
    await failureOf(joined(newModel(raw, { maxRetries: 3 }).stream(PROMPT)));
    expect(raw.requests).toHaveLength(1);
  });
});

describe('leaving closes the request', () => {
  /** Expects that the client closed the last request soon after `since`. */
  async function expectClosed(since) {
    const { by, at } = await emulator.requests.at(-1).closed;
    expect(by).toBe('client');
    expect(at - since).toBeLessThan(CLOSE_MS);
  }
  const endless = { text: 'one two three', chunks: 3, stall: 2 };

  test.each([
    ['break', async (stream) => { for await (const _ of stream) break; }],
    ['return', async (stream) => (async () => { for await (const chunk of stream) return chunk; return null; })()],
    ['throw', (stream) => failureOf(async () => { for await (const _ of stream) throw new Error('mine'); })],
    ['cancel()', (stream) => stream.cancel()],
    ['cancel() of a reader', (stream) => stream.getReader().cancel()],
  ])('by %s', async (_, leave) => {
    const stream = await newModel(emulator, { emulator: endless }).stream(PROMPT);
    const since = Date.now();
    await leave(stream);
    await expectClosed(since);
  });

  test('by break while LangChain awaits the next chunk, without waiting for it', async () => {
    const stream = await newModel(emulator, { coalesce: false, emulator: endless }).stream(PROMPT);
    let since;
    for await (const { content } of stream) {
      if (content !== 'two ') continue;
      // LangChain reads ahead: it is waiting for the third chunk now, which never comes.
      await new Promise((resolve) => { setImmediate(() => setImmediate(resolve)); });
      since = Date.now();
      break;
    }
    await expectClosed(since);
  });

  test.each([
    ['before the request', null],
    ['before the headers', { delay: 60_000 }],
    ['before the first token', { stall: 0 }],
    ['in mid-stream', endless],
  ])('by an abort %s', async (_, directives) => {
    for (const [way, ask] of ways) {
      emulator.reset();
      if (way === 'invoke' && directives === endless) continue;
      const stop = new AbortController();
      const reason = new Error('gone');
      if (directives === null) stop.abort(reason);
      const outcome = failureOf(ask(newModel(emulator, { emulator: directives ?? {} }), { signal: stop.signal }));
      let since = Date.now();
      if (directives !== null) {
        const record = await emulator.waitForRequest();
        if (directives === endless) await until(() => record.deltas === 2, 'two deltas were sent');
        since = Date.now();
        stop.abort(reason);
      }
      const error = await outcome;
      expect([error, error.cause]).toContain(reason);
      if (directives === null) expect(emulator.requests).toHaveLength(0);
      else await expectClosed(since);
    }
  });

  test('by a timeout of the call', async () => {
    await failureOf(newModel(emulator, { emulator: { delay: 60_000 } }).invoke(PROMPT, { timeout: 50 }));
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('the timeout of the model limits the wait for the headers, and the error has that phase', async () => {
    const error = await failureOf(newModel(emulator, { timeout: 50, emulator: { delay: 60_000 } }).invoke(PROMPT));
    expect(error).toMatchObject({ code: 'timeout', phase: 'headers' });
  });
});
