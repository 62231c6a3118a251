'use strict';

const { constants } = require('node:http2');

const { createFetch } = require('../..');
const { ca, startFrameServer } = require('../support/servers/frame-server.js');
const { failureOf } = require('../support/outcomes.js');
const { chunkOf, event, finishChunk, openStream, readAll } = require('../support/streaming.js');
const { until } = require('../support/until.js');

const { NGHTTP2_CANCEL: CANCEL, NGHTTP2_INTERNAL_ERROR: INTERNAL_ERROR, NGHTTP2_NO_ERROR: NO_ERROR } = constants;
const A = chunkOf('a');

let server;
let pools = 0;
beforeAll(async () => { server = await startFrameServer(); });
afterAll(() => server.close());

/** Settings of a pool of one's own: an odd limit of time. */
function own() {
  pools += 1;
  return { ca, timeouts: { connect: 12_000 + pools } };
}

/** Answers requests with these events; gives what was asked last. */
function answering(...chunks) {
  const asked = {};
  server.onRequest = (exchange) => {
    asked.exchange = exchange;
    exchange.begin({ 'x-generation-id': 'gen-h2' });
    exchange.data(chunks.map(event).join(''));
  };
  return asked;
}

/** What a stream gives whose server sends `chunks`, and does what `end` says once the first of them was read. */
async function outcome(chunks, end) {
  const asked = answering(...chunks);
  const stream = await openStream(server, {}, own());
  const reader = stream[Symbol.asyncIterator]();
  const first = await reader.next();
  end(asked.exchange);
  const { items, error } = await readAll(reader);
  return { items: [first.value, ...items], error };
}

describe('S7: an end that is none, over HTTP/2', () => {
  test.each([
    ['END_STREAM', (exchange) => exchange.end(), 'stream_truncated'],
    ['RST_STREAM NO_ERROR', (exchange) => exchange.reset(NO_ERROR), 'stream_truncated'],
    ['RST_STREAM CANCEL', (exchange) => exchange.reset(CANCEL), 'connection_reset'],
    ['RST_STREAM INTERNAL_ERROR', (exchange) => exchange.reset(INTERNAL_ERROR), 'connection_reset'],
    ['GOAWAY NO_ERROR, and then the connection closes', (exchange) => { exchange.goAway(NO_ERROR); exchange.socket.end(); }, /^(connection_reset|stream_truncated)$/],
    ['GOAWAY INTERNAL_ERROR, and then the connection closes', (exchange) => { exchange.goAway(INTERNAL_ERROR); exchange.socket.end(); }, /^(connection_reset|stream_truncated)$/],
    ['a connection that closes', (exchange) => exchange.socket.end(), /^(connection_reset|stream_truncated)$/],
    ['a connection that is lost', (exchange) => exchange.socket.destroy(), /^(connection_reset|stream_truncated)$/],
  ])('%s fails the stream after all that came, with it', async (_how, end, code) => {
    const { items, error } = await outcome([A], end);
    expect(items).toEqual([A]);
    expect(error.code).toEqual(code instanceof RegExp ? expect.stringMatching(code) : code);
    expect(error.partial.choices[0].message.content).toBe('a');
    expect(error.generationId).toBe('gen-h2');
  });

  test.each([['END_STREAM', (exchange) => exchange.end()], ['RST_STREAM NO_ERROR', (exchange) => exchange.reset(NO_ERROR)]])(
    '%s after a finish_reason is a good end',
    async (_how, end) => {
      expect(await outcome([A, finishChunk()], end)).toEqual({ items: [A, finishChunk()], error: null });
    },
  );

  test('before any event rejects the request', async () => {
    for (const [code, kind] of [[INTERNAL_ERROR, 'connection_reset'], [CANCEL, 'connection_reset'], [NO_ERROR, 'stream_truncated']]) {
      server.onRequest = (exchange) => {
        exchange.begin({ 'x-generation-id': 'gen-h2' });
        exchange.reset(code);
      };
      expect(await failureOf(openStream(server, {}, own()))).toMatchObject({ code: kind, generationId: 'gen-h2' });
    }
  });

  test('a GOAWAY that lets the stream end does not disturb it', async () => {
    const asked = answering(A);
    const stream = await openStream(server, {}, own());
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    asked.exchange.goAway(NO_ERROR);
    asked.exchange.data(event(finishChunk()) + event('[DONE]'));
    asked.exchange.end();
    expect(await readAll(reader)).toEqual({ items: [finishChunk()], error: null });
  });
});

test('S7: a body of createFetch that is reset breaks as with the stock fetch', async () => {
  for (const code of [INTERNAL_ERROR, CANCEL]) {
    const asked = answering(A);
    const response = await createFetch(own())(`${server.baseURL}/chat/completions`, { method: 'POST', body: '{}' });
    const reader = response.body.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe(event(A));
    asked.exchange.reset(code);
    expect(await failureOf(reader.read())).toMatchObject({ name: 'TypeError', message: 'terminated' });
  }
});

test('C2: leaving a stream over HTTP/2 resets it, and nothing else', async () => {
  const asked = answering(A);
  const client = own();
  const [one, other] = [await openStream(server, {}, client), await openStream(server, {}, client)];
  const { exchange } = asked;
  const before = server.resets.length;
  for await (const _ of one) break;
  await until(() => server.resets.length > before, 'the server has seen it');
  expect(server.resets.slice(before)).toEqual([CANCEL]);
  exchange.data(event(finishChunk()) + event('[DONE]'));
  exchange.end();
  expect((await readAll(other)).error).toBeNull();
});
