'use strict';

const { startEmulator } = require('../../emulator');
const { OpenRouterError } = require('../..');
const { failureOf } = require('../support/outcomes');
const { FIN, HOLD, startByteServer } = require('../support/servers/byte-server');
const { SSE_HEAD, chunkOf, contentOf, contentsOf, event, finishChunk, gate, newClient, openStream, readAll, sse } = require('../support/streaming');
const { until } = require('../support/until');

const END = finishChunk();

let raw;
let emulator;
beforeAll(async () => {
  raw = await startByteServer();
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([raw.close(), emulator.close()]));

/** Opens a stream whose server sends this body at once. */
function open(body, params) {
  raw.script = () => [SSE_HEAD, body, FIN];
  return openStream(raw, params);
}

const NAMES = ['model', 'content', 'reasoning', 'fallback', 'usage', 'end', 'error'];

/** Records all events of a stream as `[name, value]`. */
function record(stream, names = NAMES) {
  const recorded = [];
  for (const name of names) stream.on(name, (value) => recorded.push([name, value]));
  return recorded;
}

describe('events', () => {
  const emulated = { text: 'one two three', reasoningStyle: 'all', fail: 'openai/gpt-5-mini' };
  const params = { emulator: emulated, models: ['x-ai/grok-4'] };

  /** Expects the events of the answer above, which do not depend on how the stream was read. */
  function expectAllEvents(recorded, stream) {
    const of = (name) => recorded.filter(([one]) => one === name).map(([, value]) => value);
    expect(of('model')).toEqual(['x-ai/grok-4']);
    expect(of('content')).toEqual(['one ', 'two ', 'three']);
    expect(of('reasoning').join('')).toBe(stream.partial.choices[0].message.reasoning);
    expect(of('reasoning').length).toBeGreaterThan(1);
    expect(of('fallback')).toEqual([expect.objectContaining({ from: 'openai/gpt-5-mini', to: 'x-ai/grok-4' })]);
    expect(of('usage')).toEqual([stream.usage]);
    expect(of('error')).toEqual([]);
    expect(recorded[0][0]).toBe('model');
    expect(recorded.at(-1)).toEqual(['end', undefined]);
    // Reasoning is emitted before the content.
    expect(recorded.findLastIndex(([name]) => name === 'reasoning')).toBeLessThan(recorded.findIndex(([name]) => name === 'content'));
  }

  test.each([
    ['a loop', (stream) => readAll(stream)],
    ['text()', (stream) => readAll(stream.text())],
    ['finalCompletion()', (stream) => stream.finalCompletion()],
    ['toReadableStream()', (stream) => readAll(stream.toReadableStream())],
    ['listeners only', (stream) => new Promise((resolve) => { stream.on('end', resolve); })],
  ])('are all emitted when the stream is read by %s', async (_how, read) => {
    const stream = await openStream(emulator, params);
    const recorded = record(stream);
    await read(stream);
    expectAllEvents(recorded, stream);
  });

  test('all reach listeners attached as soon as the promise resolves, with onProgress too', async () => {
    const received = [];
    const stream = await openStream(emulator, { ...params, onProgress: (text) => received.push(text) });
    const recorded = record(stream);
    await stream.finalCompletion();
    expectAllEvents(recorded, stream);
    expect(received).toEqual(['one ', 'two ', 'three']);
  });

  test.each([
    ['a loop over chunks', (stream) => stream[Symbol.asyncIterator]()],
    ['text()', (stream) => stream.text()],
    ['toReadableStream()', (stream) => stream.toReadableStream()],
  ])('all reach listeners attached after the reader, although the answer has arrived: %s', async (_how, start) => {
    const stream = await openStream(emulator, params);
    await until(() => stream.metrics.bytes === emulator.requests.at(-1).bytesWritten && stream.metrics.bytes > 0, 'the whole answer has arrived');
    const reader = start(stream);
    const recorded = record(stream);
    await readAll(reader);
    expectAllEvents(recorded, stream);
  });

  test.each(['reasoning', 'reasoning_content', 'details', 'standard', 'all'])('have the reasoning once, in the style %s', async (reasoningStyle) => {
    const stream = await openStream(emulator, { emulator: { text: 'x', reasoningStyle } });
    const recorded = record(stream, ['reasoning']);
    const final = await stream.finalCompletion();
    const reference = await (await openStream(emulator, { emulator: { text: 'x', reasoningStyle: 'reasoning' } })).finalCompletion();
    expect(recorded.map(([, text]) => text).join('')).toBe(reference.choices[0].message.reasoning);
    expect(final.choices[0].message.reasoning).toBe(reference.choices[0].message.reasoning);
  });

  test('have the model that answered, never a router', async () => {
    const routed = ['openrouter/auto', 'openrouter/auto', 'x-ai/grok-4', 'x-ai/grok-4'].map((model) => chunkOf('x', { model }));
    const stream = await open(sse(...routed, END), { model: 'openrouter/auto' });
    const recorded = record(stream, ['model', 'fallback']);
    await stream.finalCompletion();
    expect(recorded).toEqual([['model', 'x-ai/grok-4']]);
    expect([stream.requestedModel, stream.model]).toEqual(['openrouter/auto', 'x-ai/grok-4']);
  });

  test('once() listens once, off() removes a listener, and on() returns the stream', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three' } });
    const recorded = [];
    const never = () => recorded.push('never');
    expect(stream.on('content', never)).toBe(stream);
    stream.off('content', never).once('content', (text) => recorded.push(text));
    stream.once('content', never).once('end', never).off('content', never).off('end', never);
    await stream.finalCompletion();
    expect(recorded).toEqual(['one ']);
  });

  test('a listener that is not a function throws an error that names the event', async () => {
    const stream = await openStream(emulator);
    expect(() => stream.on('content', 'x')).toThrow(OpenRouterError);
    expect(() => stream.once('content', 'x')).toThrow(OpenRouterError);
    expect(() => stream.on('content', 'x')).toThrow(/content/);
    stream.abort();
  });

  test('listeners and an onProgress that throw or reject do not disturb the stream', async () => {
    const angry = () => { throw new Error('mine'); };
    const late = async () => { throw new Error('mine, later'); };
    const recorded = [];
    const stream = await openStream(emulator, { ...params, onProgress: (text) => { recorded.push(text); angry(); } });
    for (const name of NAMES) stream.on(name, angry).on(name, late).on(name, () => recorded.push(name));
    const { items, error } = await readAll(stream);
    expect([contentOf(items), error]).toEqual(['one two three', null]);
    expect(recorded.filter((name) => name === 'content')).toHaveLength(3);
    expect(recorded).toEqual(expect.arrayContaining(['model', 'reasoning', 'fallback', 'usage', 'end', 'one ', 'two ', 'three']));

    const failing = await openStream(emulator, { emulator: { text: 'one two', errorAt: 1 } });
    failing.on('error', angry);
    expect((await readAll(failing)).error.code).toBe('provider_error');
  });

  test.each([
    ['content', { text: 'one two three', gap: 5 }],
    ['end', { text: 'one two three', gap: 5 }],
    ['error', { text: 'one two three', gap: 5, errorAt: 2 }],
  ])('a listener of %s may call return() of the waiting reader', async (name, directives) => {
    const rejections = [];
    const rejected = (reason) => rejections.push(reason);
    process.on('unhandledRejection', rejected);
    const stream = await openStream(emulator, { emulator: directives });
    const reader = stream[Symbol.asyncIterator]();
    const left = [];
    let received = 0;
    stream.on(name, () => {
      received += 1;
      if (name !== 'content' || received === 2) left.push(reader.return());
    });
    const results = [];
    const outcome = await (async () => {
      for (let result = await reader.next(); !result.done; result = await reader.next()) results.push(result.value);
    })().catch((reason) => reason);
    expect(await Promise.all(left)).toEqual([{ value: undefined, done: true }]);
    expect(await reader.next()).toEqual({ value: undefined, done: true });
    expect(outcome?.code).toBe(name === 'error' ? 'provider_error' : undefined);
    expect('one two three'.startsWith(contentOf(results))).toBe(true);
    await new Promise(setImmediate);
    process.off('unhandledRejection', rejected);
    expect(rejections).toEqual([]);
  });

  test('error is emitted instead of end, and needs no listener', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', errorAt: 1 } });
    const recorded = record(stream, ['end', 'error']);
    const { error } = await readAll(stream);
    expect(recorded).toEqual([['error', error]]);
  });
});

describe('properties', () => {
  test('are all set after an answer', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two' } });
    expect(stream.generationId).toBe(emulator.requests[0].generationId);
    expect(stream.requestedModel).toBe('openai/gpt-5-mini');
    const { items } = await readAll(stream);
    const usage = items.find((chunk) => chunk.usage).usage;
    expect(stream).toMatchObject({
      id: items[0].id,
      model: 'openai/gpt-5-mini',
      provider: items[0].provider,
      usage,
      cost: usage.cost,
      totalCost: usage.cost,
      finishReason: 'stop',
      fallback: null,
    });
    expect(stream.partial.choices[0]).toMatchObject({ message: { role: 'assistant', content: 'one two' }, finish_reason: 'stop' });
  });

  test('are readable before reading, while reading and after an abort', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', stall: 2 } });
    const readable = ['id', 'generationId', 'requestedModel', 'model', 'provider', 'usage', 'cost', 'totalCost', 'finishReason', 'partial', 'metrics', 'fallback'];
    for (const name of readable) expect(stream[name]).not.toBe(undefined);
    expect([stream.usage, stream.cost, stream.totalCost, stream.finishReason, stream.fallback]).toEqual([null, null, null, null, null]);

    const reader = stream[Symbol.asyncIterator]();
    for (let at = 0; at < 3; at += 1) await reader.next();
    expect(stream.partial.choices[0].message.content).toBe('one two ');
    expect([stream.model, stream.id]).toEqual(['openai/gpt-5-mini', stream.generationId]);
    expect(stream.provider).toBe('OpenAI');

    stream.abort();
    expect((await failureOf(reader.next())).code).toBe('aborted');
    expect(stream.partial.choices[0].message.content).toBe('one two ');
    for (const name of readable) expect(stream[name]).not.toBe(undefined);
    expect(stream.model).toBe('openai/gpt-5-mini');
  });

  test('are readable after an error', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', usageAt: 'before', cut: 2, cutHow: 'reset' } });
    const { error } = await readAll(stream);
    expect(error.code).toBe('connection_reset');
    expect([stream.model, stream.provider, stream.generationId]).toEqual(['openai/gpt-5-mini', 'OpenAI', emulator.requests[0].generationId]);
    expect(stream.partial.choices[0].message.content).toBe('one two ');
    expect(stream.metrics.events).toBe(3);
  });

  test.each([
    ['without an own provider key', { cost: 0.5, is_byok: false, cost_details: { upstream_inference_cost: 0.5 } }, 0.5, 0.5],
    ['without an own provider key, no details', { cost: 0.5, is_byok: false, cost_details: null }, 0.5, 0.5],
    ['with an own provider key', { cost: 0.025, is_byok: true, cost_details: { upstream_inference_cost: 0.5 } }, 0.025, 0.525],
    ['with an own provider key, no fee', { cost: 0, is_byok: true, cost_details: { upstream_inference_cost: 0.5 } }, 0, 0.5],
    ['with an own provider key, no details', { cost: 0.025, is_byok: true, cost_details: null }, 0.025, 0.025],
    ['with an own provider key, no upstream cost', { cost: 0.025, is_byok: true, cost_details: { upstream_inference_cost: null } }, 0.025, 0.025],
    ['is_byok missing', { cost: 0.5, cost_details: { upstream_inference_cost: 0.4 } }, 0.5, 0.5],
    ['no cost', { total_tokens: 3 }, null, null],
  ])('cost and totalCost %s', async (_name, usage, cost, totalCost) => {
    const stream = await open(sse(chunkOf('x'), END, chunkOf('', { usage })));
    await readAll(stream);
    expect([stream.cost, stream.totalCost, stream.usage]).toEqual([cost, totalCost, usage]);
  });

  test('fallback has the requested model, the one that answered, the reason and the attempts', async () => {
    const stream = await openStream(emulator, { models: ['x-ai/grok-4', 'openai/gpt-4o'], emulator: { fail: 'openai/gpt-5-mini,x-ai/grok-4', failStatus: 429 } });
    await readAll(stream);
    expect(stream.fallback).toMatchObject({ from: 'openai/gpt-5-mini', to: 'openai/gpt-4o', reason: expect.stringContaining('429') });
    expect(stream.fallback.attempts.map(({ model, status }) => [model, status])).toEqual([['openai/gpt-5-mini', 429], ['x-ai/grok-4', 429], ['openai/gpt-4o', 200]]);
  });

  test('metrics count bytes and events exactly, and their times are in order', async () => {
    const body = sse(chunkOf('one '), chunkOf('two'), END, chunkOf('', { usage: { completion_tokens: 40 } }));
    const stream = await open(body);
    await readAll(stream);
    const { headersMs, firstTokenMs, durationMs, tokensPerSecond, bytes, events } = stream.metrics;
    expect([bytes, events]).toEqual([Buffer.byteLength(body), 4]);
    expect(headersMs).toBeGreaterThan(0);
    expect(firstTokenMs).toBeGreaterThanOrEqual(headersMs);
    expect(durationMs).toBeGreaterThanOrEqual(firstTokenMs);
    expect(tokensPerSecond).toBeGreaterThan(0);
    await new Promise(setImmediate);
    expect(stream.metrics.durationMs).toBe(durationMs);
  });

  test('metrics have neither firstTokenMs nor tokensPerSecond where no token arrived', async () => {
    const stream = await open(sse(chunkOf(''), END));
    await readAll(stream);
    expect(stream.metrics).toMatchObject({ firstTokenMs: null, tokensPerSecond: null });
  });

  test('metrics.firstTokenMs does not depend on when the stream is read', async () => {
    const late = gate();
    raw.script = () => [SSE_HEAD, event(chunkOf('one ')), late, HOLD];
    const stream = await openStream(raw);
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    const reading = readAll(stream);
    late.open(sse(END));
    await reading;
    expect(stream.metrics.firstTokenMs).toBeLessThan(1000);
    expect(stream.metrics.durationMs).toBeGreaterThanOrEqual(1000);
  });

  test('usage and actualModelUsed of the client are those of the last stream that succeeded', async () => {
    const client = newClient(emulator);
    const ask = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'x' }], stream: true };
    const stream = await client.chatCompletion(ask);
    expect(client.usage).toBeNull();
    const { items } = await readAll(stream);
    expect(contentsOf(items).length).toBeGreaterThan(1);
    expect([client.usage, client.actualModelUsed]).toEqual([stream.usage, 'openai/gpt-5-mini']);
    // A failed stream leaves them unchanged.
    const failed = await client.chatCompletion({ ...ask, model: 'x-ai/grok-4', emulator: { errorAt: 3 } });
    expect((await readAll(failed)).error).toBeInstanceOf(OpenRouterError);
    expect([client.usage, client.actualModelUsed]).toEqual([stream.usage, 'openai/gpt-5-mini']);
  });
});
