'use strict';

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = require('node:http2').constants;

const { CA } = require('../support/certificates');
const { startFrameServer } = require('../support/servers/frame-server');

const { OpenRouterClient, createFetch } = require('../..');

const EVENT = `data: ${JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, delta: { content: 'answered' }, finish_reason: null }] })}\n\n`;

describe.each([
  ['RST_STREAM with REFUSED_STREAM', (stream) => stream.reset(NGHTTP2_REFUSED_STREAM), true],
  ['GOAWAY that leaves it out', (stream) => stream.goAway(NGHTTP2_NO_ERROR, 0), true],
  ['RST_STREAM with CANCEL', (stream) => stream.reset(NGHTTP2_CANCEL), false],
  ['RST_STREAM with NO_ERROR', (stream) => stream.reset(NGHTTP2_NO_ERROR), false],
])('a request that the server ends by %s', (_, refuse, isUnprocessed) => {
  let frames;
  let requests;
  beforeEach(async () => {
    requests = 0;
    frames = await startFrameServer((stream) => {
      requests += 1;
      if (requests === 1) return refuse(stream);
      stream.begin();
      stream.data(`${EVENT}data: [DONE]\n\n`);
      return stream.end();
    });
  });
  afterEach(() => frames.close());
  const newClient = (maxRetries) => new OpenRouterClient('sk-or-v1-limit-http2', { baseURL: frames.baseURL, ca: CA, maxRetries });

  test('is sent once with maxRetries: 0', async () => {
    await expect(read(newClient(0))).rejects.toMatchObject({ code: 'connection_reset' });
    expect(requests).toBe(1);
  });

  test('is sent once by createFetch', async () => {
    await expect(createFetch({ ca: CA })(`${frames.baseURL}/models`)).rejects.toMatchObject({ message: 'fetch failed' });
    expect(requests).toBe(1);
  });

  test(`is ${isUnprocessed ? '' : 'not '}sent again within maxRetries, going by whether it was processed`, async () => {
    const answer = await read(newClient(1)).catch((error) => error.code);
    expect([answer, requests]).toEqual(isUnprocessed ? ['answered', 2] : ['connection_reset', 1]);
  });
});

async function read(client) {
  let text = '';
  const params = { model: 'a/b', messages: [{ role: 'user', content: 'Hi' }], stream: true };
  for await (const chunk of await client.chatCompletion(params)) text += chunk.choices[0].delta.content;
  return text;
}
