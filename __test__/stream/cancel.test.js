'use strict';

const { startEmulator } = require('../../emulator');
const { OpenRouterError } = require('../..');
const { HOLD, startByteServer } = require('../support/servers/byte-server');
const { CLOSE_MS } = require('../support/limits');
const { failureOf } = require('../support/outcomes');
const { SSE_HEAD, chunkOf, contentOf, event, openStream, readAll } = require('../support/streaming');
const { until } = require('../support/until');

const A = chunkOf('a');
const B = chunkOf('b');

let raw;
let emulator;
beforeAll(async () => {
  raw = await startByteServer(() => [SSE_HEAD, event(A) + event(B), HOLD]);
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([raw.close(), emulator.close()]));

/** Opens a stream that stalls, so that only the client can end it. */
const endless = (params) => openStream(emulator, { emulator: { text: 'one two three', stall: 2 }, ...params });

/** Expects that the client closed the last request soon after `since`. */
async function expectClosed(since) {
  const { by, at } = await emulator.requests.at(-1).closed;
  expect(by).toBe('client');
  expect(at - since).toBeLessThan(CLOSE_MS);
}

describe('leaving a stream closes the request', () => {
  test.each([
    ['break after the first chunk', async (stream) => { for await (const _ of stream) break; }],
    ['break in text()', async (stream) => { for await (const _ of stream.text()) break; }],
    ['return', async (stream) => { await (async () => { for await (const chunk of stream) return chunk; return null; })(); }],
    ['throw', async (stream) => {
      const mine = new Error('mine');
      expect(await failureOf(async () => { for await (const _ of stream) throw mine; })).toBe(mine);
    }],
    ['return() before the first next()', (stream) => stream[Symbol.asyncIterator]().return()],
    ['throw() of the iterator', async (stream) => {
      const mine = new Error('mine');
      expect(await failureOf(stream[Symbol.asyncIterator]().throw(mine))).toBe(mine);
    }],
    ['await using on the stream', (stream) => stream[Symbol.asyncDispose]()],
    ['await using on the iterator', (stream) => stream[Symbol.asyncIterator]()[Symbol.asyncDispose]()],
    ['stop()', (stream) => stream.stop()],
    ['abort()', (stream) => stream.abort()],
  ])('%s', async (_how, leave) => {
    const stream = await endless();
    const since = Date.now();
    await leave(stream);
    await expectClosed(since);
  });

  test('return() with pending next() calls, which are then done', async () => {
    const reader = (await endless())[Symbol.asyncIterator]();
    for (let at = 0; at < 3; at += 1) await reader.next();
    const pending = [reader.next(), reader.next()];
    const since = Date.now();
    expect(await reader.return('mine')).toEqual({ value: 'mine', done: true });
    expect(await Promise.all(pending)).toEqual(Array(2).fill({ value: undefined, done: true }));
    expect(await reader.next()).toEqual({ value: undefined, done: true });
    await expectClosed(since);
  });

  test('return() while the server sends as fast as it can; no further chunk is delivered', async () => {
    const stream = await openStream(emulator, { emulator: { chunks: 300_000 } });
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    await reader.return();
    expect((await emulator.requests[0].closed).by).toBe('client');
    expect(emulator.requests[0].deltas).toBeLessThan(300_000);
    expect((await reader.next()).done).toBe(true);
  });

  test('break emits no error event', async () => {
    const stream = await endless();
    const events = [];
    stream.on('error', () => events.push('error')).on('end', () => events.push('end'));
    for await (const _ of stream) break;
    await emulator.requests[0].closed;
    expect(events).not.toContain('error');
  });
});

describe('a signal aborts in every phase', () => {
  const reason = new Error('the user left');

  test('before the call: no request is sent', async () => {
    const error = await failureOf(endless({ signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', message: 'Request aborted', cause: reason });
    // A request of the aborted call would have reached the emulator before this one.
    await readAll(await openStream(emulator));
    expect(emulator.requests).toHaveLength(1);
  });

  test.each([
    ['while the headers are awaited', { delay: 60_000 }],
    ['while the first event is awaited', { firstDelay: 60_000, comments: 20 }],
  ])('%s', async (_phase, directives) => {
    const controller = new AbortController();
    const opening = failureOf(openStream(emulator, { signal: controller.signal, emulator: directives }));
    await emulator.waitForRequest();
    const since = Date.now();
    controller.abort(reason);
    expect(await opening).toMatchObject({ name: 'AbortError', code: 'aborted', cause: reason });
    await expectClosed(since);
  });

  test('between two chunks, with a next() pending', async () => {
    const controller = new AbortController();
    const reader = (await endless({ signal: controller.signal }))[Symbol.asyncIterator]();
    for (let at = 0; at < 3; at += 1) await reader.next();
    const pending = Promise.allSettled([reader.next(), reader.next()]);
    const since = Date.now();
    controller.abort(reason);
    const [first, second] = await pending;
    expect(first.reason).toMatchObject({ name: 'AbortError', code: 'aborted', cause: reason, partial: { choices: [{ message: { content: 'one two ' } }] } });
    expect(second).toEqual({ status: 'fulfilled', value: { value: undefined, done: true } });
    expect(await reader.next()).toEqual({ value: undefined, done: true });
    await expectClosed(since);
  });

  test('before the stream is read', async () => {
    const controller = new AbortController();
    const stream = await endless({ signal: controller.signal });
    controller.abort(reason);
    expect((await emulator.requests[0].closed).by).toBe('client');
    expect((await readAll(stream)).error).toMatchObject({ code: 'aborted', cause: reason });
  });

  test('after the end an abort changes nothing', async () => {
    const controller = new AbortController();
    const stream = await openStream(emulator, { signal: controller.signal, emulator: { text: 'one two' } });
    await readAll(stream);
    controller.abort(reason);
    stream.abort(reason);
    expect((await stream.finalCompletion()).choices[0].message.content).toBe('one two');
  });

  test('the TimeoutError of AbortSignal.timeout() is the cause', async () => {
    const { error } = await readAll(await endless({ signal: AbortSignal.timeout(100) }));
    expect(error.code).toBe('aborted');
    expect(error.cause.name).toBe('TimeoutError');
  });
});

describe('abort()', () => {
  test('delivers the chunks that have arrived, and then rejects with its reason as the cause', async () => {
    const stream = await openStream(raw);
    const reader = stream[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual(A);
    stream.abort('enough');
    stream.abort('again');
    expect((await reader.next()).value).toEqual(B);
    expect(await failureOf(reader.next())).toMatchObject({ name: 'AbortError', code: 'aborted', cause: 'enough', partial: { choices: [{ message: { content: 'ab' } }] } });
    expect((await raw.requests.at(-1).closed).by).toBe('client');
  });

  test('delivers the chunks that have arrived to a reader that has not started yet', async () => {
    const stream = await openStream(raw);
    await until(() => stream.metrics.bytes === (event(A) + event(B)).length, 'both chunks have arrived');
    const reader = stream[Symbol.asyncIterator]();
    stream.abort('enough');
    expect(await readAll(reader)).toMatchObject({ items: [A, B], error: { code: 'aborted', cause: 'enough' } });
  });

  test('without a reason gives an error without a cause', async () => {
    const stream = await endless();
    stream.abort();
    const { error } = await readAll(stream);
    expect([error.code, error.cause]).toEqual(['aborted', undefined]);
  });

  test('rejects finalCompletion(), emits error and stops onProgress', async () => {
    const deltas = [];
    const stream = await endless({ onProgress: (text) => deltas.push(text) });
    const emitted = new Promise((resolve) => { stream.on('error', resolve); });
    const final = failureOf(stream.finalCompletion());
    await until(() => deltas.length === 2, 'two deltas arrived');
    stream.abort('enough');
    expect(await emitted).toMatchObject({ code: 'aborted', cause: 'enough' });
    expect(await final).toBe(await emitted);
    await emulator.requests[0].closed;
    expect(deltas).toEqual(['one ', 'two ']);
  });

  test('or stop() at any point leaves in partial a prefix of the answer, with every delivered chunk', async () => {
    const text = Array.from({ length: 120 }, (_, at) => `${at}🐝 `).join('');
    const leave = [(stream) => stream.abort(), (stream) => stream.stop()];
    await Promise.all(Array.from({ length: 24 }, async (_, at) => {
      const stream = await openStream(emulator, { emulator: { text, gap: 1 } });
      const reader = stream[Symbol.asyncIterator]();
      const items = [];
      for (let read = 0; read < at * 4; read += 1) items.push((await reader.next()).value);
      await leave[at % 2](stream);
      const content = stream.partial.choices[0]?.message.content ?? '';
      expect(text.startsWith(content)).toBe(true);
      expect(content.startsWith(contentOf(items))).toBe(true);
      expect(stream.generationId).toMatch(/^gen-/);
    }));
  });
});
