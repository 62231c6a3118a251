'use strict';

const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes');
const { contentsOf, newClient, openStream } = require('../support/streaming');
const { until } = require('../support/until');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

describe('stop()', () => {
  const directives = { text: 'one two three four five six', gap: 20 };

  test('with drain reads on until the usage arrives, and delivers no more content', async () => {
    const deltas = [];
    const received = [];
    const stream = await openStream(emulator, { emulator: directives, onProgress: (text) => deltas.push(text) });
    stream.on('content', (text) => received.push(text));
    await until(() => deltas.length >= 2, 'two deltas arrived');
    const before = deltas.length;
    const usage = await stream.stop({ drain: true });
    expect(usage.completion_tokens).toBeGreaterThan(0);
    expect([usage, stream.cost]).toEqual([stream.usage, usage.cost]);
    expect(stream.partial.choices[0].message.content).toBe(directives.text);
    expect([deltas.length, received.length]).toEqual([before, before]);
    expect((await emulator.requests[0].closed).by).toBe('server');
  });

  test.each([
    ['a loop', (stream) => stream],
    ['text()', (stream) => stream.text()],
  ])('with drain, called inside %s, ends that reader', async (_how, start) => {
    const stream = await openStream(emulator, { emulator: directives });
    let stopped;
    let after = 0;
    for await (const _ of start(stream)) {
      if (stopped) after += 1;
      stopped ??= stream.stop({ drain: true });
    }
    expect(after).toBe(0);
    expect(await stopped).toEqual(stream.usage);
    expect(stream.usage.completion_tokens).toBeGreaterThan(0);
  });

  test.each([
    ['a loop', (stream) => stream],
    ['text()', (stream) => stream.text()],
    ['a body', (stream) => stream.body],
  ])('with drain, called by a listener while %s waits, ends that reader', async (_how, start) => {
    const stream = await openStream(emulator, { emulator: directives });
    let stopped;
    stream.on('content', (text) => { if (text.startsWith('two')) stopped ??= stream.stop({ drain: true }); });
    for await (const _ of start(stream));
    expect(await stopped).toEqual(stream.usage);
    expect(stream.usage.completion_tokens).toBeGreaterThan(0);
  });

  test('with drain emits usage and end to listeners, even if the whole answer has arrived already', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' } });
    const events = [];
    for (const name of ['model', 'usage', 'end']) stream.on(name, () => events.push(name));
    await (await emulator.waitForRequest()).closed;
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    await stream.stop({ drain: true });
    expect(events).toEqual(['model', 'usage', 'end']);
  });

  test('with drain gives no content to a listener that is added meanwhile', async () => {
    const stream = await openStream(emulator, { emulator: directives });
    const received = [];
    const stopped = stream.stop({ drain: true });
    for (const name of ['content', 'reasoning']) stream.on(name, (text) => received.push(text));
    const ended = new Promise((resolve) => { stream.on('end', resolve); });
    await Promise.all([stopped, ended]);
    expect(received).toEqual([]);
  });

  test('with drain reads on although the loop then breaks', async () => {
    const stream = await openStream(emulator, { emulator: directives });
    let stopped;
    for await (const _ of stream) {
      stopped = stream.stop({ drain: true });
      break;
    }
    expect((await stopped).completion_tokens).toBeGreaterThan(0);
    expect((await emulator.requests[0].closed).by).toBe('server');
  });

  test('with drain resolves a pending next() as done', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', gap: 100 } });
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    const pending = reader.next();
    const stopped = stream.stop({ drain: true });
    expect((await pending).done).toBe(true);
    expect((await reader.next()).done).toBe(true);
    expect((await stopped).completion_tokens).toBeGreaterThan(0);
  });

  test('with drain ends a body that is being read', async () => {
    const stream = await openStream(emulator, { emulator: directives });
    const reader = stream.body.getReader();
    await reader.read();
    const stopped = stream.stop({ drain: true });
    expect((await reader.read()).done).toBe(true);
    expect((await stopped).completion_tokens).toBeGreaterThan(0);
  });

  test('with drain works on an unread stream, and again returns the same usage', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' } });
    const usage = await stream.stop({ drain: true });
    expect(usage.completion_tokens).toBeGreaterThan(0);
    expect(await stream.stop({ drain: true })).toEqual(usage);
    expect(await stream.stop()).toEqual(usage);
  });

  test('with drain can still be aborted', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', stall: 2 } });
    const stopped = failureOf(stream.stop({ drain: true }));
    stream.abort('enough');
    expect(await stopped).toMatchObject({ code: 'aborted', cause: 'enough' });
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('without drain closes the request, whose cost can be asked for by its generationId', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', stall: 2 } });
    for await (const chunk of stream) if (contentsOf([chunk]).length > 0) break;
    expect(await stream.stop()).toBeNull();
    expect((await emulator.requests[0].closed).by).toBe('client');
    const generation = await newClient(emulator).getGeneration(stream.generationId);
    expect(generation).toMatchObject({ id: stream.generationId, cancelled: true });
  });
});
