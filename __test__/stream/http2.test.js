'use strict';

const { constants } = require('node:http2');

const { createFetch } = require('../..');
const { CA } = require('../support/certificates.js');
const { startFrameServer } = require('../support/servers/frame-server.js');
const { failureOf } = require('../support/outcomes.js');
const { chunkOf, event, finishChunk, openStream, readAll } = require('../support/streaming.js');
const { until } = require('../support/until.js');

const { NGHTTP2_CANCEL: CANCEL, NGHTTP2_INTERNAL_ERROR: INTERNAL_ERROR, NGHTTP2_NO_ERROR: NO_ERROR } = constants;
const A = chunkOf('a');

let server;
let pools = 0;
beforeAll(async () => { server = await startFrameServer(); });
afterAll(() => server.close());

/** Options that give a client its own connection pool: clients with different timeouts share none. */
function ownPool() {
  pools += 1;
  return { ca: CA, timeouts: { connect: 12_000 + pools } };
}

/** Makes the server answer each request with these events; the result holds the HTTP/2 stream of the last request. */
function answering(...chunks) {
  const latest = {};
  server.onRequest = (http2Stream) => {
    latest.http2Stream = http2Stream;
    http2Stream.begin({ 'x-generation-id': 'gen-h2' });
    http2Stream.data(chunks.map(event).join(''));
  };
  return latest;
}

/** Reads a stream whose server sends `chunks`, and calls `end` once the first chunk was read. */
async function outcome(chunks, end) {
  const latest = answering(...chunks);
  const stream = await openStream(server, {}, ownPool());
  const reader = stream[Symbol.asyncIterator]();
  const first = await reader.next();
  end(latest.http2Stream);
  const { items, error } = await readAll(reader);
  return { items: [first.value, ...items], error };
}

describe('a stream over HTTP/2 that ends early', () => {
  test.each([
    ['END_STREAM', (http2Stream) => http2Stream.end(), 'stream_truncated'],
    ['RST_STREAM NO_ERROR', (http2Stream) => http2Stream.reset(NO_ERROR), 'stream_truncated'],
    ['RST_STREAM CANCEL', (http2Stream) => http2Stream.reset(CANCEL), 'connection_reset'],
    ['RST_STREAM INTERNAL_ERROR', (http2Stream) => http2Stream.reset(INTERNAL_ERROR), 'connection_reset'],
    ['GOAWAY NO_ERROR, and then the connection closes', (http2Stream) => { http2Stream.goAway(NO_ERROR); http2Stream.socket.end(); }, /^(connection_reset|stream_truncated)$/],
    ['GOAWAY INTERNAL_ERROR, and then the connection closes', (http2Stream) => { http2Stream.goAway(INTERNAL_ERROR); http2Stream.socket.end(); }, /^(connection_reset|stream_truncated)$/],
    ['a connection that closes', (http2Stream) => http2Stream.socket.end(), /^(connection_reset|stream_truncated)$/],
    ['a connection that is lost', (http2Stream) => http2Stream.socket.destroy(), /^(connection_reset|stream_truncated)$/],
  ])('%s rejects with the partial answer after everything before it was delivered', async (_how, end, code) => {
    const { items, error } = await outcome([A], end);
    expect(items).toEqual([A]);
    expect(error.code).toEqual(code instanceof RegExp ? expect.stringMatching(code) : code);
    expect(error.partial.choices[0].message.content).toBe('a');
    expect(error.generationId).toBe('gen-h2');
  });

  test.each([['END_STREAM', (http2Stream) => http2Stream.end()], ['RST_STREAM NO_ERROR', (http2Stream) => http2Stream.reset(NO_ERROR)]])(
    '%s after a finish_reason is a normal end',
    async (_how, end) => {
      expect(await outcome([A, finishChunk()], end)).toEqual({ items: [A, finishChunk()], error: null });
    },
  );

  test('RST_STREAM before any event rejects the request', async () => {
    for (const [code, kind] of [[INTERNAL_ERROR, 'connection_reset'], [CANCEL, 'connection_reset'], [NO_ERROR, 'stream_truncated']]) {
      server.onRequest = (http2Stream) => {
        http2Stream.begin({ 'x-generation-id': 'gen-h2' });
        http2Stream.reset(code);
      };
      expect(await failureOf(openStream(server, {}, ownPool()))).toMatchObject({ code: kind, generationId: 'gen-h2' });
    }
  });

  test('GOAWAY does not disturb a stream that the server then finishes', async () => {
    const latest = answering(A);
    const stream = await openStream(server, {}, ownPool());
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    latest.http2Stream.goAway(NO_ERROR);
    latest.http2Stream.data(event(finishChunk()) + event('[DONE]'));
    latest.http2Stream.end();
    expect(await readAll(reader)).toEqual({ items: [finishChunk()], error: null });
  });
});

test('a body of createFetch whose HTTP/2 stream is reset rejects as with the built-in fetch', async () => {
  for (const code of [INTERNAL_ERROR, CANCEL]) {
    const latest = answering(A);
    const response = await createFetch(ownPool())(`${server.baseURL}/chat/completions`, { method: 'POST', body: '{}' });
    const reader = response.body.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe(event(A));
    latest.http2Stream.reset(code);
    expect(await failureOf(reader.read())).toMatchObject({ name: 'TypeError', message: 'terminated' });
  }
});

test('leaving a stream over HTTP/2 resets that stream only', async () => {
  const latest = answering(A);
  const client = ownPool();
  const [one, other] = [await openStream(server, {}, client), await openStream(server, {}, client)];
  const { http2Stream } = latest;
  const before = server.resets.length;
  for await (const _ of one) break;
  await until(() => server.resets.length > before, 'the server has received the reset');
  expect(server.resets.slice(before)).toEqual([CANCEL]);
  http2Stream.data(event(finishChunk()) + event('[DONE]'));
  http2Stream.end();
  expect((await readAll(other)).error).toBeNull();
});
