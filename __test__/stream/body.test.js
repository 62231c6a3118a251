'use strict';

const { startEmulator } = require('../../emulator');
const { FIN, HOLD, startByteServer } = require('../support/servers/byte-server');
const { HELD_BYTES } = require('../support/limits');
const { SSE_HEAD, chunkOf, contentOf, contentsOf, event, finishChunk, openStream, readAll, sse } = require('../support/streaming');
const { until, untilStalled } = require('../support/until');

const END = finishChunk();
/** More bytes than the sockets, the addon and all buffers between them can hold together. */
const FLOOD_EVENTS = 5120;
const FLOOD_BYTES = 160 * 1024 * 1024;

let raw;
let emulator;
beforeAll(async () => {
  raw = await startByteServer();
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([raw.close(), emulator.close()]));

/** Reads all bytes of a web stream. */
async function bytesOf(body) {
  const parts = [];
  for await (const part of body) {
    expect(part).toBeInstanceOf(Uint8Array);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Opens a stream of large events, which the server writes as fast as the client reads them. */
async function flood(params) {
  const piece = 'x'.repeat(FLOOD_BYTES / FLOOD_EVENTS);
  raw.script = async function* script() {
    yield SSE_HEAD;
    for (let at = 0; at < FLOOD_EVENTS; at += 1) yield event(chunkOf(`${at} ${piece}`));
    yield sse(END);
    yield HOLD;
  };
  const at = raw.requests.length;
  const stream = await openStream(raw, params);
  return { stream, request: await raw.request(at) };
}

describe('the body of a stream', () => {
  const odd = [
    '\uFEFF: OPENROUTER PROCESSING\r\n\r\n',
    `id: 7\ndata:${JSON.stringify(chunkOf('蜂 🐝'))}\r\r`,
    ': comment\n\n',
    event(chunkOf('x', { unknown: [1, 2] })),
    sse(END),
  ].join('');

  test('has exactly the bytes that the server sent', async () => {
    raw.script = () => [SSE_HEAD, odd, FIN];
    expect((await bytesOf((await openStream(raw)).toReadableStream())).toString()).toBe(odd);
    expect((await bytesOf((await openStream(raw)).body)).toString()).toBe(odd);
  });

  test('has the same bytes when they arrive in small pieces', async () => {
    const sent = Buffer.from(odd);
    raw.script = async function* script() {
      yield SSE_HEAD;
      for (let at = 0; at < sent.length; at += 3) {
        yield sent.subarray(at, at + 3);
        await new Promise(setImmediate);
      }
      yield FIN;
    };
    expect((await bytesOf((await openStream(raw)).body)).toString()).toBe(odd);
  });

  test('is complete for 160 MB that are sent as fast as possible', async () => {
    const { stream } = await flood();
    let size = 0;
    let tail = '';
    for await (const part of stream.body) {
      size += part.length;
      tail = (tail + Buffer.from(part).toString('latin1')).slice(-14);
    }
    const piece = FLOOD_BYTES / FLOOD_EVENTS;
    const numbers = Array.from({ length: FLOOD_EVENTS }, (_, at) => `${at} `.length).reduce((sum, length) => sum + length);
    expect(size).toBe(FLOOD_EVENTS * (event(chunkOf('')).length + piece) + numbers + sse(END).length);
    expect(tail).toBe('data: [DONE]\n\n');
  });

  test('is complete for each of 50 concurrent short answers', async () => {
    raw.script = async function* script() {
      yield SSE_HEAD;
      for (let at = 0; at < 40; at += 1) yield event(chunkOf(`${at} `));
      yield sse(END);
      yield FIN;
    };
    const expected = Array.from({ length: 40 }, (_, at) => event(chunkOf(`${at} `))).join('') + sse(END);
    const bodies = await Promise.all(Array.from({ length: 50 }, async () => (await bytesOf((await openStream(raw)).body)).toString()));
    expect(bodies.filter((body) => body !== expected)).toEqual([]);
  });

  test('works in a Response, with pipeThrough() and tee(), and with a BYOB reader', async () => {
    raw.script = () => [SSE_HEAD, odd, FIN];
    const response = new Response((await openStream(raw)).body, { headers: { 'content-type': 'text/event-stream' } });
    expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(odd);

    const [left, right] = (await openStream(raw)).body.pipeThrough(new TransformStream()).tee();
    expect([await bytesOf(left), await bytesOf(right)].map(String)).toEqual([odd, odd]);

    const reader = (await openStream(raw)).body.getReader({ mode: 'byob' });
    const parts = [];
    for (;;) {
      const { value, done } = await reader.read(new Uint8Array(10));
      if (done) break;
      expect(value.length).toBeLessThanOrEqual(10);
      parts.push(value);
    }
    expect(Buffer.concat(parts).toString()).toBe(odd);
  });

  test('is always the same object, which toReadableStream() returns too', async () => {
    const stream = await openStream(emulator);
    expect(stream.body).toBe(stream.body);
    expect(stream.toReadableStream()).toBe(stream.body);
    stream.abort();
  });

  test('is decompressed, and the completion is assembled meanwhile', async () => {
    const stream = await openStream(emulator, { emulator: { encoding: 'br', rawBytes: Buffer.from(odd).toString('base64') } });
    expect((await bytesOf(stream.body)).toString()).toBe(odd);
    expect(stream.partial.choices[0].message.content).toBe('蜂 🐝x');
    expect(stream.finishReason).toBe('stop');
  });

  test('ends at [DONE] while the socket is held open', async () => {
    raw.script = () => [SSE_HEAD, odd, HOLD];
    expect((await bytesOf((await openStream(raw)).body)).toString()).toBe(odd);
    expect(raw.connections.at(-1).isClosed).toBe(false);
  });

  test('has the JSON text of a plain JSON answer', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two', json: true } });
    expect((await bytesOf(stream.body)).toString()).toContain('"content":"one two"');
  });

  test('rejects after all bytes that arrived before a failure', async () => {
    const stream = await openStream(emulator, { emulator: { text: 'one two three', cut: 2, cutHow: 'reset' } });
    const { items, error } = await readAll(stream.body);
    expect(Buffer.concat(items).toString()).toMatch(/"content":"two "[^\n]*\n\n$/);
    expect(error.code).toBe('connection_reset');
  });

  test('rejects a pending read on an abort', async () => {
    const stream = await openStream(emulator, { emulator: { stall: 1 } });
    const reader = stream.body.getReader();
    await reader.read();
    const pending = readAll({ [Symbol.asyncIterator]: () => ({ next: () => reader.read() }) });
    stream.abort();
    expect((await pending).error).toMatchObject({ name: 'AbortError', code: 'aborted' });
  });

  test.each([
    ['cancel()', (body) => body.cancel()],
    ['cancel() of a reader with a read() pending', async (body) => {
      const reader = body.getReader();
      await reader.read();
      const pending = reader.read();
      await reader.cancel();
      expect((await pending).done).toBe(true);
    }],
    ['break', async (body) => { for await (const _ of body) break; }],
  ])('%s closes the request', async (_how, leave) => {
    const stream = await openStream(emulator, { emulator: { stall: 1 } });
    await leave(stream.body);
    expect((await emulator.requests[0].closed).by).toBe('client');
  });
});

describe('backpressure', () => {
  test('a stream that is not read waits, despite listeners for model, usage, fallback, reasoning or error', async () => {
    const { stream, request } = await flood();
    for (const name of ['model', 'usage', 'fallback', 'reasoning', 'error']) stream.on(name, () => {});
    const body = stream.body;
    expect(body.locked).toBe(false);
    await untilStalled(request);
    expect(request.bytesWritten).toBeLessThan(HELD_BYTES);
    // `partial` already has what was read ahead, and that is limited.
    expect(stream.partial.choices[0].message.content.length).toBeLessThan(HELD_BYTES);

    const ended = new Promise((resolve) => { stream.on('end', resolve); });
    await ended;
    expect(request.bytesWritten).toBeGreaterThan(FLOOD_BYTES);
    expect(stream.partial.choices[0].message.content.length).toBeGreaterThan(FLOOD_BYTES);
  });

  test.each([
    ['a loop', (stream) => stream[Symbol.asyncIterator](), (items) => contentsOf(items).length],
    ['text()', (stream) => stream.text(), (items) => items.join('').match(/\d+ /g).length],
    ['body', (stream) => stream.body[Symbol.asyncIterator](), (items) => Buffer.concat(items).toString('latin1').match(/\d+ x/g).length],
  ])('a paused reader of %s pauses the socket, and later receives all the rest', async (_how, start, count) => {
    const { stream, request } = await flood();
    const reader = start(stream);
    const items = [(await reader.next()).value];
    await untilStalled(request);
    const held = request.bytesWritten;
    expect(held).toBeLessThan(HELD_BYTES);

    for (let item = await reader.next(); !item.done; item = await reader.next()) items.push(item.value);
    expect(request.bytesWritten).toBeGreaterThan(FLOOD_BYTES);
    expect(count(items)).toBe(FLOOD_EVENTS);
  });

  test.each([
    ['onProgress', (received) => ({ onProgress: () => received.push(1) }), () => {}],
    ['a content listener', () => ({}), (stream, received) => stream.on('content', () => received.push(1))],
    ['an end listener', () => ({}), (stream, received) => stream.on('end', () => received.push(...Array(4).fill(1)))],
    ['finalCompletion()', () => ({}), (stream, received) => stream.finalCompletion().then(() => received.push(...Array(4).fill(1)))],
  ])('%s starts the stream', async (_how, paramsFor, attach) => {
    const received = [];
    const stream = await openStream(emulator, { emulator: { chunks: 4 }, ...paramsFor(received) });
    attach(stream, received);
    await until(() => received.length === 4, 'the stream has been read');
    expect((await emulator.requests[0].closed).by).toBe('server');
    expect(contentOf([{ choices: [{ delta: stream.partial.choices[0].message }] }])).not.toBe('');
  });
});
