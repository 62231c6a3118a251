'use strict';

const { once } = require('node:events');
const http2 = require('node:http2');
const net = require('node:net');

const { CA, IDENTITY } = require('../support/certificates');

const { OpenRouterClient, createFetch } = require('../..');

const messages = [{ role: 'user', content: 'Tell me about bees' }];

const event = (text) => `data: ${JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`;

let server;

afterEach(async () => {
  for (const session of server.sessions) session.destroy();
  await new Promise((resolve) => { server.close(resolve); });
});

/** Starts a server that ends no stream before `count` streams are open at the same time. Returns a client of it. */
async function startServer(count) {
  server = http2.createSecureServer({ key: IDENTITY, cert: IDENTITY, settings: { maxConcurrentStreams: 100 } });
  server.sessions = new Set();
  server.most = 0;
  server.on('session', (session) => { server.sessions.add(session); });
  const open = new Set();
  let isReleased = false;
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write(event('first'));
    open.add(stream);
    server.most = Math.max(server.most, open.size);
    isReleased ||= open.size === count;
    if (!isReleased) return;
    for (const one of open) one.end(`${event(' last')}data: [DONE]\n\n`);
    open.clear();
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return new OpenRouterClient('sk-or-v1-limit-http2', { baseURL: `https://127.0.0.1:${server.address().port}/api/v1`, ca: CA, maxRetries: 0 });
}

test('a request that the server resets is sent again only after REFUSED_STREAM, since otherwise it may have been billed', async () => {
  const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } = http2.constants;
  const client = await startServer(1);
  expect(await read(client)).toBe('first last');
  const whole = JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [] });
  const codes = [NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM];
  let requests = 0;
  server.removeAllListeners('stream');
  server.on('stream', (stream) => {
    requests += 1;
    stream.on('error', () => {});
    const code = codes.shift();
    // The reset comes after the request was read, when a model may already be generating.
    stream.resume().on('end', () => {
      if (code !== undefined) return stream.close(code);
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      return stream.end(whole);
    });
  });
  const ask = () => client.chatCompletion({ model: 'a/b', messages, maxRetries: 2 });
  await expect(ask()).rejects.toMatchObject({ code: 'connection_reset' });
  expect(requests).toBe(1);
  // By REFUSED_STREAM the server says that it has not processed the request.
  expect(await ask()).toMatchObject({ id: 'gen-1' });
  expect(requests).toBe(3);
  expect(server.sessions.size).toBe(1);
});

test('chats that share a new connection are not sent again when it is lost', async () => {
  const client = await startServer(1);
  const seeds = [];
  server.removeAllListeners('stream');
  server.on('stream', async (stream) => {
    stream.on('error', () => {});
    seeds.push(JSON.parse(Buffer.concat(await stream.toArray()).toString()).seed);
    // The connection is lost after all requests were read, when models may already be generating.
    if (seeds.length === 10) for (const session of server.sessions) session.destroy();
  });
  const chats = Array.from({ length: 10 }, (_, seed) => client.chatCompletion({ model: 'a/b', messages, seed, maxRetries: 2 }));
  const results = await Promise.allSettled(chats);
  expect(results.map(({ reason }) => reason?.code)).toEqual(Array(10).fill('connection_reset'));
  expect(seeds.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a body that is reset with NO_ERROR before its declared length is an error', async () => {
  const client = await startServer(1);
  server.removeAllListeners('stream');
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/json', 'content-length': 100 });
    stream.write('{"data":', () => stream.close(http2.constants.NGHTTP2_NO_ERROR));
  });
  await expect(client.getModels(true)).rejects.toMatchObject({ code: 'connection_reset' });
  const response = await createFetch({ ca: CA })(`${client.baseURL}/models`);
  await expect(response.text()).rejects.toMatchObject({ name: 'TypeError', message: 'terminated' });
  const head = await createFetch({ ca: CA })(`${client.baseURL}/models`, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe('100');
});

test('a stalled TLS handshake does not delay requests, even without a connect timeout', async () => {
  const client = await startServer(1);
  const stalled = [];
  const front = net.createServer((socket) => {
    socket.on('error', () => {});
    if (stalled.length === 0) return stalled.push(socket);
    const back = net.connect(server.address().port, '127.0.0.1').on('error', () => {});
    return socket.pipe(back).pipe(socket);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  try {
    const baseURL = `https://127.0.0.1:${front.address().port}/api/v1`;
    const through = new OpenRouterClient('sk-or-v1-limit-http2', { ...client.options, baseURL, timeouts: { connect: 0 } });
    // The first request is sent on a connection that was opened for another one.
    expect(await Promise.all([read(through), read(through), read(through)])).toEqual(Array(3).fill('first last'));
    expect(stalled).toHaveLength(1);
  } finally {
    for (const socket of stalled) socket.destroy();
    front.close();
  }
});

async function read(client) {
  let text = '';
  for await (const chunk of await client.chatCompletion({ model: 'a/b', messages, stream: true })) text += chunk.choices[0].delta.content;
  return text;
}

test('400 concurrent streams over HTTP/2 do not wait for each other, although a connection carries 100', async () => {
  const client = await startServer(400);
  const texts = await Promise.all(Array.from({ length: 400 }, () => read(client)));
  expect(new Set(texts)).toEqual(new Set(['first last']));
  expect(server.most).toBe(400);
});

test('concurrent requests open one connection, not one each', async () => {
  const client = await startServer(60);
  const texts = await Promise.all(Array.from({ length: 60 }, () => read(client)));
  expect(new Set(texts)).toEqual(new Set(['first last']));
  expect(server.sessions.size).toBe(1);
});
