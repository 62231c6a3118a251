'use strict';

const { OpenRouterClient } = require('../..');
const { CHUNKED_HEAD, chunkOf, event, finishChunk, gate, openStream, sse } = require('../support/streaming');
const { httpChunk, startByteServer } = require('../support/servers/byte-server');

/** Blocks this thread, while the thread of the network goes on. */
const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);

let server;
// Also after a failure, because an open server would keep Jest running.
afterEach(() => server.close());

test('a listener that makes a client takes nothing from the other streams, and does not change their order', async () => {
  const sockets = [];
  const bothOpen = gate();
  server = await startByteServer(async function* (request) {
    sockets.push(request.connection.socket);
    yield CHUNKED_HEAD + httpChunk(event(chunkOf('0 ')));
    if (sockets.length === 2) bothOpen.open();
    await request.closed;
  });
  const send = (at, text) => sockets[at].write(httpChunk(text));
  const streams = [];
  const received = ['', ''];
  const hasMadeClient = gate();
  let isFirst = true;
  for (const at of [0, 1]) {
    const stream = await openStream(server);
    streams.push(stream);
    const started = gate();
    stream.on('content', (text) => {
      received[at] += text;
      if (text === '1 ') started.open();
      if (text !== '2 ' || !isFirst) return;
      isFirst = false;
      // The other stream has `2` in this delivery too. `3` arrives before it is delivered.
      send(1 - at, event(chunkOf('3 ')));
      block();
      new OpenRouterClient('sk-or-v1-limit-delivery', { logger: {}, baseURL: server.baseURL });
      hasMadeClient.open();
    });
    await new Promise((resolve) => { setImmediate(resolve); });
    send(at, event(chunkOf('1 ')));
    await started;
  }
  await bothOpen;
  // The wake-up of both batches waits until this thread is free.
  for (const at of [0, 1]) send(at, event(chunkOf('2 ')));
  block();
  await hasMadeClient;
  for (const at of [0, 1]) send(at, sse(finishChunk()));
  await Promise.all(streams.map((stream) => stream.finalCompletion()));
  expect([...received].sort()).toEqual(['0 1 2 ', '0 1 2 3 ']);
});
