'use strict';

const zlib = require('node:zlib');

const { OpenRouterClient, OpenRouterError } = require('../..');
const { FIN, HOLD, httpChunk, startByteServer } = require('../support/servers/byte-server.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { CHUNKED_HEAD, chunkOf, event, readAll } = require('../support/streaming.js');

const MiB = 1024 * 1024;
const LIMIT = MiB;
const JSON_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
const plain = (status, body, head = '') => `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${head}\r\n${body}`;

let restoreEnvironment;
let server;
let keys = 0;
beforeEach(async () => {
  restoreEnvironment = cleanEnvironment();
  server = await startByteServer(() => []);
});
afterEach(async () => {
  restoreEnvironment();
  await server.close();
});

function newClient(options) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-limit-hostile-${keys}`, { baseURL: server.baseURL, maxRetries: 0, maxEventBytes: LIMIT, maxResponseBytes: LIMIT, ...options });
}
const chat = (params) => newClient().chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], ...params });

/** Every kind of call. Each must fail with an OpenRouterError. */
const WAYS = {
  chat: () => chat(),
  stream: async () => { for await (const chunk of await chat({ stream: true })) void chunk; },
  credits: () => newClient().getCredits(),
  models: () => newClient().getModels(),
  generation: () => newClient().getGeneration('gen-1'),
};
const ways = Object.keys(WAYS);

/** Returns the error of a call. Fails when it is no OpenRouterError, is large or shows the key, or when memory grew much. */
async function errorOf(way) {
  const before = process.memoryUsage().rss;
  const error = await failureOf(WAYS[way]());
  expect(error).toBeInstanceOf(OpenRouterError);
  expect((process.memoryUsage().rss - before) / MiB).toBeLessThan(200);
  expect(JSON.stringify(error).length).toBeLessThan(200_000);
  expect(shownOf(error)).not.toContain('sk-or-v1');
  return error;
}

function* endless(head, part) {
  yield head;
  const packed = httpChunk(part);
  for (;;) yield packed;
}

describe('a response that never ends is an error, and its connection is closed', () => {
  const part = 'x'.repeat(64 * 1024);
  test.each([
    ['one event', () => endless(CHUNKED_HEAD, part), 'response_too_large'],
    ['one data line', () => endless(CHUNKED_HEAD + httpChunk('data: ').toString(), part), 'response_too_large'],
    ['many data lines of one event', () => endless(CHUNKED_HEAD, `data: ${'x'.repeat(900)}\n`), 'response_too_large'],
    ['one comment', () => endless(CHUNKED_HEAD + httpChunk(': ').toString(), part), 'response_too_large'],
  ])('%s of a stream', async (_, script, code) => {
    server.script = script;
    expect((await errorOf('stream')).code).toBe(code);
    expect((await server.requests[0].closed).by).toBe('client');
  });

  test.each(ways)('the body, for %s', async (way) => {
    server.script = () => endless(JSON_HEAD, `{"x":"${part}`);
    expect((await errorOf(way)).code).toBe('response_too_large');
    expect((await server.requests[0].closed).by).toBe('client');
  });

  test.each(ways)('the body of an HTTP error, whose status is kept, for %s', async (way) => {
    server.script = () => endless(JSON_HEAD.replace('200', '503'), part);
    expect(await errorOf(way)).toMatchObject({ code: 'service_unavailable', status: 503 });
    expect((await server.requests[0].closed).by).toBe('client');
  });

  test('the headers', async () => {
    server.script = function* headers() {
      yield 'HTTP/1.1 200 OK\r\n';
      for (let at = 0; ; at += 1) yield `X-${at}: ${'x'.repeat(1000)}\r\n`;
    };
    expect((await errorOf('chat')).code).toBe('malformed_response');
    expect((await server.requests[0].closed).by).toBe('client');
  });
});

describe('a small body that decompresses to 256 MiB is an error at the size limit', () => {
  const zeros = Buffer.alloc(256 * MiB, 32);
  const BOMBS = {
    gzip: zlib.gzipSync(zeros),
    deflate: zlib.deflateSync(zeros),
    br: zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  };

  test.each(Object.keys(BOMBS).flatMap((encoding) => ['chat', 'stream', 'models'].map((way) => [encoding, way])))('%s: %s', async (encoding, way) => {
    const type = way === 'stream' ? 'text/event-stream' : 'application/json';
    server.script = () => [`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${BOMBS[encoding].length}\r\n\r\n`, BOMBS[encoding]];
    expect((await errorOf(way)).code).toBe('response_too_large');
  });

  test.each(Object.keys(BOMBS))('%s, as the body of an HTTP error', async (encoding) => {
    server.script = () => [`HTTP/1.1 502 X\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${BOMBS[encoding].length}\r\n\r\n`, BOMBS[encoding]];
    expect((await errorOf('chat')).status).toBe(502);
  });
});

describe('a body that does not have its declared length', () => {
  test.each(ways)('is an error when it is cut short, for %s', async (way) => {
    server.script = () => ['HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"id":"gen-1",', FIN];
    expect((await errorOf(way)).code).toMatch(/^(connection_reset|malformed_response|stream_truncated)$/);
  });

  test('does not answer the next request with its surplus bytes', async () => {
    const answer = (text) => JSON.stringify({ id: 'gen-1', model: 'openai/gpt-5-mini', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }] });
    const smuggled = plain(200, answer('smuggled'));
    server.script = ({ connection }) => (server.connections.indexOf(connection) === 0 ? [plain(200, answer('first')) + smuggled] : [plain(200, answer('second'))]);
    const client = newClient({ maxRetries: 2 });
    const ask = () => client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] });
    expect((await ask()).choices[0].message.content).toBe('first');
    await server.connections[0].closed;
    expect((await ask()).choices[0].message.content).toBe('second');
  });

  test('is malformed_response when two lengths are declared', async () => {
    server.script = () => ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 20\r\n\r\n{}', HOLD];
    expect((await errorOf('chat')).code).toBe('malformed_response');
  });
});

test.each([
  ['a request line', 'GET / HTTP/1.1\r\n\r\n'],
  ['an unknown HTTP version', 'HTTP/9.9 200 OK\r\n\r\n'],
  ['a status that is not a number', 'HTTP/1.1 abc OK\r\n\r\n'],
  ['a status of five digits', 'HTTP/1.1 20000 OK\r\n\r\n'],
  ['null bytes', '\0'.repeat(64)],
  ['a header with a null byte', 'HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n'],
])('an invalid response head is malformed_response: %s', async (_, bytes) => {
  server.script = () => [bytes, FIN];
  expect((await errorOf('chat')).code).toBe('malformed_response');
});

describe('JSON that is nested 100,000 levels deep', () => {
  const DEEP = 100_000;
  const nested = `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`;

  test('is accepted in a completion, a chunk and a model', async () => {
    server.script = ({ head, body }) => {
      if (/models/.test(head)) return [plain(200, `{"data":[{"id":"a/b","deep":${nested}}]}`)];
      if (!body.includes('"stream":true')) return [plain(200, `{"id":"gen-1","model":"openai/gpt-5-mini","choices":[{"index":0,"finish_reason":"stop","message":{"content":"whole"}}],"deep":${nested}}`)];
      return [CHUNKED_HEAD, httpChunk(`data: {"choices":[{"index":0,"delta":{"content":"whole","deep":${nested}}}],"deep":${nested}}\n\n${event('[DONE]')}`), httpChunk()];
    };
    expect((await chat()).choices[0].message.content).toBe('whole');
    expect((await newClient().getModels())[0].id).toBe('a/b');
    const stream = await chat({ stream: true });
    const { items, error } = await readAll(stream);
    expect([items[0].choices[0].delta.content, error]).toEqual(['whole', null]);
    expect(stream.partial.choices[0].message.content).toBe('whole');
    expect((await stream.finalCompletion()).choices[0].message.content).toBe('whole');
  });

  test('does not hide the status of an error, which can still be logged', async () => {
    const short = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    for (const deep of [nested, short]) {
      server.script = () => [plain(500, `{"error":{"code":500,"message":"own","metadata":{"deep":${deep}}}}`)];
      expect(await errorOf('chat')).toMatchObject({ status: 500, message: 'own' });
    }
  });
});

test('field names such as __proto__ are plain data and change no prototype', async () => {
  const odd = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":2}';
  server.script = () => [CHUNKED_HEAD, httpChunk(`data: {"choices":[{"index":0,"delta":{"content":"a","__proto__":{"polluted":1}}}],"x":${odd}}\n\n`), httpChunk(event(chunkOf('b'))), httpChunk(event({ error: { code: 502, message: 'm', metadata: JSON.parse(odd) } })), httpChunk()];
  const { items, error } = await readAll(await chat({ stream: true }));
  expect(items.map(({ choices }) => choices[0].delta.content)).toEqual(['a', 'b']);
  expect(Object.keys(items[0].x)).toEqual(['__proto__', 'constructor', 'toString', 'hasOwnProperty']);
  expect(error).toMatchObject({ code: 'provider_error' });
  expect(Object.keys(JSON.parse(JSON.stringify(error)).metadata)).toContain('__proto__');
  expect({}.polluted).toBeUndefined();
});
