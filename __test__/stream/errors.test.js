'use strict';

const { startEmulator } = require('../../emulator');
const { OpenRouterError } = require('../..');
const { FIN, HOLD, RST, httpChunk, startByteServer } = require('../support/servers/byte-server');
const { failureOf } = require('../support/outcomes');
const { CHUNKED_HEAD, SSE_HEAD, chunkOf, contentOf, contentsOf, event, finishChunk, gate, inChild, openStream, readAll, sse } = require('../support/streaming');

const SHAPES = ['object', 'bare', 'string-code', 'finish', 'choice', 'choices-empty'];
const A = chunkOf('a');
const B = chunkOf('b');

let raw;
let emulator;
beforeAll(async () => {
  raw = await startByteServer();
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([raw.close(), emulator.close()]));

/** Reads a stream whose server plays these steps after the response head. */
async function read(...steps) {
  raw.script = () => [SSE_HEAD, ...steps];
  return readAll(await openStream(raw));
}

const partialContent = (error) => error.partial.choices[0].message.content;

describe('an error inside a 200 response', () => {
  test.each(SHAPES)('as the first event rejects the request (shape %s)', async (errorShape) => {
    const error = await failureOf(openStream(emulator, { emulator: { errorAt: 0, errorShape } }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error.name).toBe('OpenRouterError');
    expect(error.generationId).toBe(emulator.requests[0].generationId);
    expect(error.partial).toBeUndefined();
    if (errorShape !== 'finish' && errorShape !== 'string-code') {
      expect(error).toMatchObject({ code: 'provider_error', status: 502, errorType: 'provider_unavailable' });
      expect(error.message).toContain('upstream connect error');
    }
  });

  test.each([[429, 'rate_limited'], [402, 'insufficient_credits'], [503, 'service_unavailable'], [403, 'forbidden']])(
    'as the first event with code %i rejects like a response of that status: %s',
    async (errorCode, code) => {
      const late = await failureOf(openStream(emulator, { emulator: { errorAt: 0, errorCode } }));
      const early = await failureOf(openStream(emulator, { emulator: { status: errorCode } }));
      expect(late).toMatchObject({ code, status: errorCode, message: early.message });
      expect(early.code).toBe(code);
    },
  );

  test.each(SHAPES.flatMap((shape) => [[shape, false], [shape, true]]))(
    'in mid-stream rejects after everything before it was delivered (shape %s, then [DONE]: %s)',
    async (errorShape, errorDone) => {
      const stream = await openStream(emulator, { emulator: { text: 'one two three four', errorAt: 3, errorShape, errorDone } });
      const reader = stream[Symbol.asyncIterator]();
      const contents = [];
      for (let at = 0; at < 4; at += 1) contents.push((await reader.next()).value.choices[0].delta.content);
      expect(contents).toEqual(['', 'one ', 'two ', 'three ']);

      const error = await failureOf(reader.next());
      expect(error).toBeInstanceOf(OpenRouterError);
      expect(partialContent(error)).toBe('one two three ');
      expect(error.generationId).toBe(emulator.requests[0].generationId);
      expect(await reader.next()).toEqual({ value: undefined, done: true });
      expect(await reader.next()).toEqual({ value: undefined, done: true });
      expect(stream.partial).toEqual(error.partial);
    },
  );

  test('in mid-stream ends text(), finalCompletion(), listeners and the body', async () => {
    const directives = { text: 'one two three four', errorAt: 3 };
    const open = (more) => openStream(emulator, { emulator: directives, ...more });

    const text = await readAll((await open()).text());
    expect([text.items.join(''), text.error.code]).toEqual(['one two three ', 'provider_error']);

    const final = await failureOf((await open()).finalCompletion());
    expect([final.code, partialContent(final)]).toEqual(['provider_error', 'one two three ']);

    const received = [];
    const stream = await open({ onProgress: (piece) => received.push(piece) });
    const ended = await new Promise((resolve) => { stream.on('error', resolve).on('end', resolve); });
    expect([received, ended.code]).toEqual([['one ', 'two ', 'three '], 'provider_error']);

    const body = await readAll((await open()).body);
    const bytes = Buffer.concat(body.items).toString();
    expect(bytes).toContain('"content":"three "');
    expect(bytes).toContain('"code":502');
    expect(body.error.code).toBe('provider_error');
  });

  test('inside a tool call leaves no unfinished call in partial', async () => {
    const stream = await openStream(emulator, { emulator: { calls: 1, errorAt: 2 } });
    const { error } = await readAll(stream);
    expect(error.code).toBe('provider_error');
    expect(error.partial.choices[0].message).not.toHaveProperty('tool_calls');
  });

  test('is recognised in an event named error, which gateways send', async () => {
    const { items, error } = await read(event(A), `event: error\n${event({ message: 'Upstream is gone', code: 503 })}`, HOLD);
    expect([items, error.code, error.status]).toEqual([[A], 'service_unavailable', 503]);
  });

  test('may have a lone surrogate in its message', async () => {
    const { error } = await read(event(A), 'data: {"error":{"code":400,"message":"cut \\ud83d"}}\n\n', FIN);
    expect(error.code).toBe('invalid_request');
    expect(error.message).toMatch(/^cut (\uD83D|\uFFFD)$/);
  });

  test('is not assumed where the error field is null, false or empty', async () => {
    const chunks = [null, false, ''].map((error) => chunkOf('x', { error }));
    expect(await read(sse(...chunks, finishChunk()), FIN)).toEqual({ items: [...chunks, finishChunk()], error: null });
  });
});

describe('a stream that ends early', () => {
  test.each(['clean', 'fin', 'half-chunk'])('EOF without [DONE] and finish_reason rejects with stream_truncated (%s)', async (cutHow) => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', cut: 2, cutHow } });
    const { items, error } = await readAll(stream);
    expect(contentsOf(items)).toEqual(['one ', 'two ']);
    expect([error.code, partialContent(error)]).toEqual(['stream_truncated', 'one two ']);
  });

  test('EOF in the middle of an event rejects with stream_truncated', async () => {
    const { items, error } = await read(event(A), event(B).slice(0, 60), FIN);
    expect([items, error.code, partialContent(error)]).toEqual([[A], 'stream_truncated', 'a']);
  });

  test('EOF before any event rejects the request with stream_truncated', async () => {
    raw.script = () => [SSE_HEAD, ': OPENROUTER PROCESSING\n\n', FIN];
    const error = await failureOf(openStream(raw));
    expect([error.code, error.generationId, error.partial]).toEqual(['stream_truncated', 'gen-head', undefined]);
  });

  test('EOF after a finish_reason is a normal end, even in the middle of the HTTP body', async () => {
    for (const last of [httpChunk(), '']) {
      raw.script = () => [CHUNKED_HEAD, httpChunk(event(A) + event(finishChunk())), last, FIN];
      expect(await readAll(await openStream(raw))).toEqual({ items: [A, finishChunk()], error: null });
    }
  });

  test('EOF after the finish_reason of one of two choices rejects with stream_truncated', async () => {
    const second = chunkOf('b', { choice: { index: 1 } });
    const { error } = await read(event(A), event(second), event(finishChunk()), FIN);
    expect(error.code).toBe('stream_truncated');
  });

  test('an unfinished tool call is not in partial', async () => {
    const stream = await openStream(emulator, { emulator: { calls: 1, cut: 2, cutHow: 'clean' } });
    const { error } = await readAll(stream);
    expect(error.code).toBe('stream_truncated');
    expect(error.partial.choices[0].message).not.toHaveProperty('tool_calls');
  });

  test('a reset connection rejects with connection_reset after everything before it was delivered', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', cut: 2, cutHow: 'reset' } });
    const { items, error } = await readAll(stream);
    expect(contentsOf(items)).toEqual(['one ', 'two ']);
    expect([error.code, partialContent(error)]).toEqual(['connection_reset', 'one two ']);
  });

  test('a connection reset before any event rejects the request with connection_reset', async () => {
    const sent = gate();
    raw.script = () => [SSE_HEAD, sent, RST];
    const opening = failureOf(openStream(raw));
    await raw.request(raw.requests.length);
    sent.open();
    expect((await opening).code).toBe('connection_reset');
  });
});

describe('an event that is not JSON', () => {
  test.each(['text', 'truncated', 'glued'])('rejects with malformed_response after everything before it was delivered (%s)', async (garbageHow) => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', garbage: 2, garbageHow } });
    const { items, error } = await readAll(stream);
    expect(contentsOf(items)).toEqual(['one ', 'two ']);
    expect([error.code, partialContent(error)]).toEqual(['malformed_response', 'one two ']);
    expect(error.message).not.toMatch(/lost|this is not JSON/);
  });

  test('as the first event rejects the request with malformed_response', async () => {
    const error = await failureOf(openStream(emulator, { emulator: { garbage: 0 } }));
    expect([error.code, error.partial]).toEqual(['malformed_response', undefined]);
  });

  test.each([
    ['a word', 'hello'],
    ['a surplus bracket', '{}}'],
    ['a raw tab in a string', '{"choices":[{"delta":{"content":"a\tb"}}]}'],
    ['an unknown escape', '{"a":"\\x"}'],
    ['single quotes', "{'a':1}"],
    ['a trailing comma', '{"a":1,}'],
    ['NaN', '{"a":NaN}'],
  ])('with %s is rejected as JSON.parse rejects it, and the connection closes', async (_name, text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    const { items, error } = await read(event(A), event(text), event(B), HOLD);
    expect([items, error.code]).toEqual([[A], 'malformed_response']);
    expect((await raw.requests.at(-1).closed).by).toBe('client');
  });

  test('that begins like the chunk before it is rejected too', async () => {
    const bad = JSON.stringify(B).replace('"b"', '"b\\"');
    const { items, error } = await read(event(A), event(bad), HOLD);
    expect([items, error.code]).toEqual([[A], 'malformed_response']);
  });
});

describe('timeouts', () => {
  test.each([['nothing', {}], ['comments', { comments: 20 }]])('an idle stream times out (the server sends %s)', async (_name, more) => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', stall: 2, ...more }, timeouts: { idle: 150 } });
    const { items, error } = await readAll(stream);
    expect(contentsOf(items)).toEqual(['one ', 'two ']);
    expect(error).toMatchObject({ code: 'timeout', phase: 'idle' });
    expect(partialContent(error)).toBe('one two ');
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('comments before the first event do not postpone the idle timeout', async () => {
    const error = await failureOf(openStream(emulator, { emulator: { firstDelay: 60_000, comments: 20 } }, { timeouts: { idle: 150 } }));
    expect(error).toMatchObject({ code: 'timeout', phase: 'idle' });
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('each event restarts the idle timeout, so that a stream may last longer', async () => {
    const stream = await openStream(emulator, { emulator: { chunks: 60, gap: 25 }, timeouts: { idle: 1000 } });
    const { items, error } = await readAll(stream);
    expect([error, contentsOf(items).length]).toEqual([null, 60]);
    expect(stream.metrics.durationMs).toBeGreaterThan(1000);
  });

  test('the total timeout ends a stream that is not idle', async () => {
    const stream = await openStream(emulator, { emulator: { chunks: 1000, gap: 20 }, timeouts: { total: 400 } });
    const { items, error } = await readAll(stream);
    expect(error).toMatchObject({ code: 'timeout', phase: 'total' });
    expect(items.length).toBeGreaterThan(0);
    expect(partialContent(error)).toBe(contentOf(items));
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('a slow reader does not trigger the idle timeout', async () => {
    const stream = await openStream(emulator, { emulator: { chunks: 20_000 }, timeouts: { idle: 1500 } });
    const reader = stream[Symbol.asyncIterator]();
    const contents = [(await reader.next()).value];
    await new Promise((resolve) => { setTimeout(resolve, 2500); });
    for (let item = await reader.next(); !item.done; item = await reader.next()) contents.push(item.value);
    expect(contentsOf(contents)).toHaveLength(20_000);
  });

  test('a stream may stay unread for longer than the idle timeout', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' }, timeouts: { idle: 100 } });
    await new Promise((resolve) => { setTimeout(resolve, 400); });
    const { items, error } = await readAll(stream);
    expect([error, contentOf(items)]).toEqual([null, 'one two']);
  });
});

describe('a failure is reported once', () => {
  test('of two pending next() calls the first rejects, the second is done', async () => {
    const late = gate();
    raw.script = () => [SSE_HEAD, event(A), late, HOLD];
    const reader = (await openStream(raw))[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual(A);
    const both = Promise.allSettled([reader.next(), reader.next()]);
    late.open(event({ error: { code: 502, message: 'gone' } }));
    const [first, second] = await both;
    expect([first.status, first.reason?.code]).toEqual(['rejected', 'provider_error']);
    expect(second).toEqual({ status: 'fulfilled', value: { value: undefined, done: true } });
  });

  test('the loop, the error listener and finalCompletion() receive the same error', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', errorAt: 1 } });
    const received = [];
    stream.on('error', (error) => received.push(error)).on('end', () => received.push('end'));
    const final = failureOf(stream.finalCompletion());
    const { error } = await readAll(stream);
    expect(received).toHaveLength(1);
    expect(received[0]).toBe(error);
    expect(await final).toBe(error);
    expect(await failureOf(stream.finalCompletion())).toBe(error);
  });

  test('a stream that nothing awaits causes no unhandled rejection', async () => {
    const { result, trouble } = await inChild(async ({ OpenRouterClient }, baseURL) => {
      const client = new OpenRouterClient('sk-or-v1-limit-stream-unhandled', { baseURL, maxRetries: 0 });
      const open = (emulator, more) => client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'x' }], stream: true, emulator, ...more });
      const fault = { text: 'one two three', errorAt: 2 };
      const done = [];

      // Streams that fail while nothing awaits them.
      const received = await new Promise((resolve) => {
        open(fault, { onProgress() {} }).then((stream) => stream.on('error', resolve));
      });
      done.push(received.code);
      await open(fault, { onProgress() {} });
      (await open(fault)).on('content', () => {});

      // Streams that are aborted unread, aborted while read, left with a pending next(), aborted after the end, or stopped.
      const unread = await open({ text: 'x', stall: 1 });
      unread.abort();
      const controller = new AbortController();
      const reading = await open({ text: 'x y', stall: 1 }, { signal: controller.signal, onProgress() {} });
      controller.abort(new Error('mine'));
      const pending = (await open({ text: 'x y', stall: 1 }))[Symbol.asyncIterator]();
      await pending.next();
      await pending.next();
      const next = pending.next();
      await pending.return();
      done.push((await next).done);
      const whole = await open({ text: 'x' });
      await whole.finalCompletion();
      whole.abort();
      const drained = await open(fault);
      await drained.stop();
      const body = (await open(fault)).body;
      await body.cancel();

      await open({ text: 'x', gap: 50 }, { onProgress() {} }).then((stream) => stream.finalCompletion());
      done.push(reading.partial !== null);
      return done;
    }, emulator.baseURL);
    expect(result).toEqual(['provider_error', true, true]);
    expect(trouble).toEqual([]);
  });
});
