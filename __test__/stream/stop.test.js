'use strict';

const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes');
const { contentsOf, newClient, openStream } = require('../support/streaming');
const { until } = require('../support/until');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

describe('C5 stop()', () => {
  const asked = { text: 'one two three four five six', gap: 20 };

  test('with drain reads on to the usage, and delivers no more', async () => {
    const heard = [];
    const told = [];
    const stream = await openStream(emulator, { emulator: asked, onProgress: (text) => heard.push(text) });
    stream.on('content', (text) => told.push(text));
    await until(() => heard.length >= 2, 'two deltas were told');
    const before = heard.length;
    const usage = await stream.stop({ drain: true });
    expect(usage.completion_tokens).toBeGreaterThan(0);
    expect([usage, stream.cost]).toEqual([stream.usage, usage.cost]);
    expect(stream.partial.choices[0].message.content).toBe(asked.text);
    expect([heard.length, told.length]).toEqual([before, before]);
    expect((await emulator.requests[0].closed).by).toBe('server');
  });

  test.each([
    ['a loop', (stream) => stream],
    ['text()', (stream) => stream.text()],
  ])('with drain, called within %s, ends it', async (_how, start) => {
    const stream = await openStream(emulator, { emulator: asked });
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
  ])('with drain, called by a listener while %s waits, ends it', async (_how, start) => {
    const stream = await openStream(emulator, { emulator: asked });
    let stopped;
    stream.on('content', (text) => { if (text.startsWith('two')) stopped ??= stream.stop({ drain: true }); });
    for await (const _ of start(stream));
    expect(await stopped).toEqual(stream.usage);
    expect(stream.usage.completion_tokens).toBeGreaterThan(0);
  });

  test('with drain tells listeners of the usage, also where it has come already', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' } });
    const told = [];
    for (const name of ['model', 'usage', 'end']) stream.on(name, () => told.push(name));
    await (await emulator.waitForRequest()).closed;
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    await stream.stop({ drain: true });
    expect(told).toEqual(['model', 'usage', 'end']);
  });

  test('with drain, and then break: the drain goes on', async () => {
    const stream = await openStream(emulator, { emulator: asked });
    let stopped;
    for await (const _ of stream) {
      stopped = stream.stop({ drain: true });
      break;
    }
    expect((await stopped).completion_tokens).toBeGreaterThan(0);
    expect((await emulator.requests[0].closed).by).toBe('server');
  });

  test('with drain answers a pending next() with done', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', gap: 100 } });
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    const pending = reader.next();
    const stopped = stream.stop({ drain: true });
    expect((await pending).done).toBe(true);
    expect((await reader.next()).done).toBe(true);
    expect((await stopped).completion_tokens).toBeGreaterThan(0);
  });

  test('with drain ends a body that is read', async () => {
    const stream = await openStream(emulator, { emulator: asked });
    const reader = stream.body.getReader();
    await reader.read();
    const stopped = stream.stop({ drain: true });
    expect((await reader.read()).done).toBe(true);
    expect((await stopped).completion_tokens).toBeGreaterThan(0);
  });

  test('with drain, of a stream that nobody has read yet, and once more', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' } });
    const usage = await stream.stop({ drain: true });
    expect(usage.completion_tokens).toBeGreaterThan(0);
    expect(await stream.stop({ drain: true })).toEqual(usage);
    expect(await stream.stop()).toEqual(usage);
  });

  test('a stream that is drained can still be aborted', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', stall: 2 } });
    const stopped = failureOf(stream.stop({ drain: true }));
    stream.abort('enough');
    expect(await stopped).toMatchObject({ code: 'aborted', cause: 'enough' });
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('without drain closes the request; the id is known, to ask for the cost later', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', stall: 2 } });
    for await (const chunk of stream) if (contentsOf([chunk]).length > 0) break;
    expect(await stream.stop()).toBeNull();
    expect((await emulator.requests[0].closed).by).toBe('client');
    const generation = await newClient(emulator).getGeneration(stream.generationId);
    expect(generation).toMatchObject({ id: stream.generationId, cancelled: true });
  });
});
