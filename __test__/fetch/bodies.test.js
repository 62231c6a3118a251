'use strict';

const { createHash, randomBytes } = require('node:crypto');
const zlib = require('node:zlib');

const { startEmulator } = require('../../emulator');
const { FIN, RST, httpChunk, startByteServer } = require('../support/servers/byte-server');
const { HELD_BYTES } = require('../support/limits');
const { failureOf } = require('../support/outcomes');
const { gate } = require('../support/streaming');
const { startRecordingServer } = require('../support/servers/recording-server');
const { until } = require('../support/until');

const { createFetch } = require('../..');

const MiB = 1 << 20;
const native = createFetch();
const sha = (bytes) => createHash('sha256').update(Buffer.from(bytes)).digest('hex');

let server;

beforeAll(async () => { server = await startRecordingServer(); });
afterAll(() => server.close());
beforeEach(() => { server.requests.length = 0; });

/** Answers every request with `bytes`, `piece` bytes at a time. */
function answerWith(bytes, headers = {}, piece = bytes.length) {
  server.answer = async (_, response) => {
    response.writeHead(200, headers);
    for (let at = 0; at < bytes.length; at += piece) response.write(bytes.subarray(at, at + piece));
    response.end();
  };
}

describe('a compressed body', () => {
  const text = Buffer.from('data: {"a":"ü🙂"}\n\n'.repeat(2000));
  const codings = { gzip: zlib.gzipSync(text), br: zlib.brotliCompressSync(text), deflate: zlib.deflateSync(text) };

  test.each(Object.entries(codings))('of %s is decompressed, and its encoding and length headers are removed', async (coding, bytes) => {
    for (const piece of [bytes.length, 7]) {
      answerWith(bytes, { 'Content-Encoding': coding, 'Content-Length': bytes.length, 'X-A': '1' }, piece);
      const response = await native(server.url);
      expect(response.headers.get('content-encoding')).toBeNull();
      expect(response.headers.get('content-length')).toBeNull();
      expect(response.headers.get('x-a')).toBe('1');
      expect(sha(await response.arrayBuffer())).toBe(sha(text));
    }
  });

  test('is requested in every supported coding', async () => {
    await (await native(server.url)).text();
    expect(server.requests[0].headers['accept-encoding'].split(/, */).sort()).toEqual(['br', 'deflate', 'gzip', 'zstd']);
  });

  test('is decompressed also when the caller set Accept-Encoding', async () => {
    answerWith(codings.gzip, { 'Content-Encoding': 'gzip' });
    const response = await native(server.url, { headers: { 'Accept-Encoding': 'gzip' } });
    expect(sha(await response.arrayBuffer())).toBe(sha(text));
  });

  test.each(['gzip', 'br', 'deflate', 'zstd'])('of %s is delivered event by event', async (encoding) => {
    const emulator = await startEmulator();
    try {
      const response = await native(`${emulator.baseURL}/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer sk-or-v1-limit-fetch-encoding', 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }], emulator: { encoding, text: 'one two', chunks: 2, stall: 1 } }),
      });
      expect([response.headers.get('content-encoding'), response.headers.get('content-type')]).toEqual([null, expect.stringContaining('text/event-stream')]);
      let seen = '';
      for await (const part of response.body) {
        seen += Buffer.from(part).toString();
        if (seen.includes('"content":"one')) break;
      }
      expect(seen).toContain('data: {');
      expect((await emulator.requests[0].closed).by).toBe('client');
    } finally {
      await emulator.close();
    }
  });

  test('that is cut or corrupt rejects with terminated', async () => {
    const broken = Buffer.from(codings.gzip);
    broken.fill(0xff, 40, 60);
    for (const bytes of [codings.gzip.subarray(0, -20), broken]) {
      answerWith(bytes, { 'Content-Encoding': 'gzip' });
      const failure = await failureOf((await native(server.url)).text());
      expect([failure.name, failure.message]).toEqual(['TypeError', 'terminated']);
    }
  });

  describe('is the same body as that of the stock fetch', () => {
    const { gzip, br, deflate } = codings;
    const join = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
    const raw = zlib.deflateRawSync(text);
    test.each([
      ['several gzip members', 'gzip', join(gzip, zlib.gzipSync('second'), gzip)],
      ['gzip with padding', 'gzip', join(gzip, Buffer.alloc(10))],
      ['gzip with padding and a member behind it', 'gzip', join(gzip, Buffer.alloc(10), gzip)],
      ['gzip and a line end', 'gzip', join(gzip, '\n')],
      ['gzip and other data', 'gzip', join(gzip, 'garbage garbage')],
      ['gzip with a wrong checksum', 'gzip', join(gzip.subarray(0, -8), Buffer.alloc(8, 1))],
      ['the name x-gzip', 'x-gzip', gzip],
      ['capital letters', 'GZip', gzip],
      ['deflate without a header', 'deflate', raw],
      ['deflate and other data', 'deflate', join(deflate, 'garbage')],
      ['raw deflate and other data', 'deflate', join(raw, 'garbage')],
      ['brotli and other data', 'br', join(br, 'garbage')],
      ['two codings', 'gzip, br', zlib.brotliCompressSync(gzip)],
      ['two codings in two lines', ['br', 'gzip'], zlib.gzipSync(br)],
      ['five codings', 'gzip,gzip,gzip,gzip,gzip', [1, 2, 3, 4].reduce((body) => zlib.gzipSync(body), gzip)],
      ['six codings', 'gzip,gzip,gzip,gzip,gzip,gzip', gzip],
      ['an unknown coding among others', 'gzip, odd', gzip],
      ['identity among others', 'identity, gzip', gzip],
      ['no body', 'gzip', ''],
      ['text under a wrong label', 'gzip', text],
      ['text under a wrong label, brotli', 'br', text],
      ['text under a wrong label, deflate', 'deflate', text],
    ])('for %s', async (_, coding, bytes) => {
      const outcome = async (fetch) => {
        try {
          return sha(await (await fetch(server.url)).arrayBuffer());
        } catch (error) {
          return error.message;
        }
      };
      for (const piece of [bytes.length || 1, 7]) {
        answerWith(Buffer.from(bytes), { 'Content-Encoding': coding }, piece);
        expect(await outcome(native)).toBe(await outcome(globalThis.fetch));
      }
    });
  });

  test('that ends too early never counts as a whole one, as it does with the stock fetch', async () => {
    for (const [coding, bytes] of [...Object.entries(codings), ['deflate', zlib.deflateRawSync(text)], ['gzip', Buffer.concat([codings.gzip, codings.gzip])]]) {
      for (const missing of [1, 9, bytes.length - 5]) {
        answerWith(bytes.subarray(0, -missing), { 'Content-Encoding': coding });
        expect((await failureOf((await native(server.url)).text())).message).toBe('terminated');
      }
    }
  });

  test('that unpacks to gigabytes passes in flat memory, and leaves turns to other requests', async () => {
    const bomb = zlib.brotliCompressSync(Buffer.alloc(1 << 30), { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1, [zlib.constants.BROTLI_PARAM_LGWIN]: 16 } });
    server.answer = ({ path }, response) => {
      if (path === '/small') return response.end('ok');
      response.writeHead(200, { 'Content-Encoding': 'br' });
      return response.end(bomb);
    };
    const before = process.memoryUsage().rss;
    let most = 0;
    let size = 0;
    let others = 0;
    for await (const part of (await native(`${server.url}/bomb`)).body) {
      size += part.length;
      if (size % (128 * MiB) < part.length) {
        most = Math.max(most, process.memoryUsage().rss);
        others += (await (await native(`${server.url}/small`)).text()) === 'ok' ? 1 : 0;
      }
    }
    expect([size, others]).toEqual([1 << 30, 8]);
    expect(most - before).toBeLessThan(256 * MiB);
  });

  test('of the coding identity, or of an unknown coding, stays as it is', async () => {
    answerWith(Buffer.from('plain'), { 'Content-Encoding': 'identity' });
    expect(await (await native(server.url)).text()).toBe('plain');
    answerWith(Buffer.from('odd'), { 'Content-Encoding': 'odd', 'Content-Length': 3 });
    const odd = await native(server.url);
    expect([odd.headers.get('content-encoding'), odd.headers.get('content-length'), await odd.text()]).toEqual(['odd', '3', 'odd']);
  });
});

describe('a large body', () => {
  const large = randomBytes(20 * MiB);

  test.each([['with a length', { 'Content-Length': large.length }], ['in chunks', {}]])('%s arrives byte for byte', async (_, headers) => {
    answerWith(large, headers, 60_000);
    const hash = createHash('sha256');
    let size = 0;
    for await (const part of (await native(server.url)).body) {
      size += part.length;
      hash.update(part);
    }
    expect([size, hash.digest('hex')]).toEqual([large.length, sha(large)]);
    expect(sha(await (await native(server.url)).arrayBuffer())).toBe(sha(large));
  });

  test('stops the server while it is not read, goes on when it is read, and stops again (backpressure)', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    const total = 400 * MiB;
    let written = 0;
    let blocked = null;
    server.answer = async (_, response) => {
      response.writeHead(200);
      for (; written < total && !response.destroyed; written += piece.length) {
        if (response.write(piece)) continue;
        blocked = written;
        await Promise.race([new Promise((resolve) => { response.once('drain', resolve); }), server.requests[0].closed]);
      }
    };
    /** Waits until the server has waited for the same `drain` for a while. Returns how much it has written. */
    const standstill = async () => {
      let last = null;
      let looks = 0;
      await until(() => {
        looks = blocked !== null && blocked === last ? looks + 1 : 0;
        last = blocked;
        return looks > 40;
      }, 'the server stands still');
      return written;
    };
    const response = await native(server.url);
    const unread = await standstill();
    expect(unread).toBeLessThan(HELD_BYTES);

    const reader = response.body.getReader();
    let read = 0;
    while (read < unread + 8 * MiB) read += (await reader.read()).value.length;
    const later = await standstill();
    expect(later).toBeGreaterThan(unread);
    expect(later - read).toBeLessThan(HELD_BYTES);
    await reader.cancel();
    expect((await server.requests[0].closed).by).toBe('client');
  });
});

describe('many concurrent requests', () => {
  test('each get their own response', async () => {
    server.answer = ({ path, body }, response) => response.end(`${path} ${body}`);
    const answers = await Promise.all(Array.from({ length: 300 }, async (_, at) => {
      const response = await native(`${server.url}/${at}`, { method: 'POST', body: `b${at}` });
      return response.text();
    }));
    expect(answers).toEqual(Array.from({ length: 300 }, (_, at) => `/${at} b${at}`));
    expect(server.requests).toHaveLength(300);
  });

  test('are not affected by others that fail or are cancelled', async () => {
    // Each opens once its client has the head, which a reset could discard otherwise.
    const gates = Array.from({ length: 60 }, gate);
    const mixed = await startByteServer(async function* answer({ head }) {
      const at = Number(/\/(\d+) /.exec(head)[1]);
      yield 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      for (let part = 0; part < 5; part += 1) yield httpChunk(`${at}.${part};`);
      await gates[at];
      if (at % 3 === 0) yield RST;
      else if (at % 3 === 1) yield httpChunk();
      else yield FIN;
    });
    try {
      const outcomes = await Promise.all(gates.map(async (headRead, at) => {
        const response = await native(mixed.baseURL.replace('/api/v1', `/${at}`));
        headRead.open();
        if (at % 2 === 0) return response.text().catch((error) => error.message);
        return response.body.cancel().then(() => 'left');
      }));
      outcomes.forEach((outcome, at) => {
        const whole = [0, 1, 2, 3, 4].map((part) => `${at}.${part};`).join('');
        expect(outcome).toBe(at % 2 === 1 ? 'left' : at % 3 === 1 ? whole : 'terminated');
      });
    } finally {
      await mixed.close();
    }
  });
});
