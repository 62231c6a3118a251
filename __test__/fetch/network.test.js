'use strict';

const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');

const { CA, CA_FILE, IDENTITY } = require('../support/certificates');
const { runNode } = require('../support/process');
const { cleanEnvironment, failureOf } = require('../support/outcomes');
const { answer, startAnsweringServer } = require('../support/servers/byte-server');

const { createFetch } = require('../..');

const secrets = { authorization: 'Bearer sk-or-v1-fetch-network' };

let restore;
beforeEach(() => { restore = cleanEnvironment(); });
afterEach(() => restore());

/** Runs `work(url)` while the server listens. */
async function withServer(server, work) {
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`https://localhost:${server.address().port}`);
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

describe('proxies', () => {
  let proxy;
  beforeEach(async () => {
    proxy = await startAnsweringServer(({ lines }) => (lines[0].startsWith('CONNECT') ? answer(407) : answer(200, 'by proxy')));
  });
  afterEach(() => proxy.close());
  const address = () => `http://127.0.0.1:${proxy.port}`;
  const lines = () => proxy.requests.map((request) => request.lines[0]);

  test('the option proxy sends requests through a proxy', async () => {
    const fetch = createFetch({ proxy: address() });
    expect(await (await fetch('http://gateway.example/x?y=1', { method: 'POST', body: 'b' })).text()).toBe('by proxy');
    expect(lines()).toEqual(['POST http://gateway.example/x?y=1 HTTP/1.1']);
  });

  test.each(['PROXY', 'HTTP_PROXY', 'https_proxy', 'ALL_PROXY'])('the variable %s does so, with a tunnel for https that hides the key from the proxy', async (name) => {
    process.env[name] = address();
    const url = /https/i.test(name) ? 'https://gateway.example/x' : 'http://gateway.example/x';
    const outcome = await createFetch()(url, { headers: secrets }).then((response) => response.status, (error) => error.message);
    expect([outcome, lines()]).toEqual(url.startsWith('https') ? ['fetch failed', ['CONNECT gateway.example:443 HTTP/1.1']] : [200, [`GET ${url} HTTP/1.1`]]);
    if (url.startsWith('https')) expect(proxy.requests[0].head).not.toContain('sk-or-');
  });

  test('hosts in NO_PROXY, and plain http to this machine, are reached without the proxy', async () => {
    process.env.HTTP_PROXY = address();
    const server = await startAnsweringServer(answer(200, 'direct'));
    expect(await (await createFetch()(`http://localhost:${server.port}/`)).text()).toBe('direct');
    await server.close();
    process.env.NO_PROXY = 'gateway.example';
    expect((await failureOf(createFetch()('http://gateway.example/'))).cause.code).toBe('ENOTFOUND');
    expect(lines()).toEqual([]);
    delete process.env.NO_PROXY;
    expect(await (await createFetch()('http://gateway.example/')).text()).toBe('by proxy');
  });
});

describe('HTTP/1', () => {
  const stock = globalThis.fetch;
  const END = 'content-length: 2\r\n\r\nok';
  const manyHeaders = (count) => Array.from({ length: count }, (_, at) => `x-${at}: ${at}\r\n`).join('');
  /** The text of a response, or the code of the error, of each fetch. */
  const outcomesOf = async (bytes) => {
    const server = await startAnsweringServer(Buffer.from(bytes, 'latin1'));
    try {
      const outcomeOf = async (fetch) => {
        try {
          const response = await fetch(`http://127.0.0.1:${server.port}/`);
          return [response.status, await response.text(), response.headers.get('x-a')];
        } catch (error) {
          return error.cause?.code ?? error.message;
        }
      };
      return { ours: await outcomeOf(createFetch()), theirs: await outcomeOf(stock) };
    } finally {
      await server.close();
    }
  };

  test.each([
    ['no reason phrase', `HTTP/1.1 200\r\n${END}`],
    ['no reason phrase but its space', `HTTP/1.1 200 \r\n${END}`],
    ['no space after a colon', `HTTP/1.1 200 OK\r\nx-a:1\r\n${END}`],
    ['an empty header', `HTTP/1.1 200 OK\r\nx-a:\r\n${END}`],
    ['letters outside ASCII', `HTTP/1.1 200 OK\r\nx-a: \xFC\r\n${END}`],
    ['HTTP/1.0', `HTTP/1.0 200 OK\r\n${END}`],
    ['early hints', `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n${END}`],
    ['a non-standard status', `HTTP/1.1 600 Odd\r\n${END}`],
    ['chunks with extensions and zeros', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n002;a=b\r\nok\r\n000\r\n\r\n'],
    ['trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\nx-t: 1\r\n\r\n'],
  ])('a response with %s is read as by the stock fetch', async (_, bytes) => {
    const { ours, theirs } = await outcomesOf(bytes);
    expect(ours).toEqual(theirs);
    expect(ours[1]).toBe('ok');
  });

  test.each([
    ['more than 100 headers', `HTTP/1.1 200 OK\r\n${manyHeaders(500)}x-a: 1\r\n${END}`, '1'],
    ['a header in two lines', `HTTP/1.1 200 OK\r\nx-a: 1\r\n 2\r\n${END}`, '1 2'],
    ['empty lines before it', `\r\n\r\nHTTP/1.1 200 OK\r\n${END}`, null],
    ['a space in the name of a header', `HTTP/1.1 200 OK\r\nx b: 1\r\n${END}`, null],
    ['a header without a name', `HTTP/1.1 200 OK\r\n: 1\r\n${END}`, null],
    ['a space before a colon', `HTTP/1.1 200 OK\r\nx-a : 1\r\n${END}`, '1'],
    ['line ends without CR', `HTTP/1.1 200 OK\nx-a: 1\n${END.replaceAll('\r', '')}`, '1'],
    ['headers of more than 16 KiB', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(250_000)}\r\n${END}`, 'a'.repeat(250_000)],
    ['an informational response before it', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nx-a: 1\r\n${END}`, '1'],
  ])('a response with %s is read, too', async (_, bytes, header) => {
    expect((await outcomesOf(bytes)).ours).toEqual([200, 'ok', header]);
  });

  test.each([
    ['too many headers', `HTTP/1.1 200 OK\r\n${manyHeaders(513)}${END}`, 'UND_ERR_HEADERS_OVERFLOW', /more than 512 headers/],
    ['headers that are too large', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(1_000_000)}\r\n${END}`, 'UND_ERR_HEADERS_OVERFLOW', /more than 256 KiB/],
    ['a wrong status', 'HTTP/1.1 abc\r\n\r\n', 'HPE_INVALID_STATUS', /breaks the rules of HTTP.*status/],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok', 'HPE_INVALID_HEADER_TOKEN', /breaks the rules of HTTP.*content-length/],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'HPE_INVALID_CONSTANT', /not HTTP/],
    ['a wrong chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n', 'HPE_INVALID_CONSTANT', /body.*breaks the rules of HTTP/],
  ])('a response with %s fails with an error that says so', async (_, bytes, code, message) => {
    const server = await startAnsweringServer(bytes);
    const { cause } = await failureOf(createFetch()(`http://127.0.0.1:${server.port}/`).then((response) => response.text()));
    await server.close();
    expect([cause.code, cause.message]).toEqual([code, expect.stringMatching(message)]);
  });
});

describe('TLS', () => {
  const newServer = () => https.createServer({ key: IDENTITY, cert: IDENTITY }, (request, response) => response.end(`hello ${request.headers.authorization}`));

  test('a certificate of an unknown authority is refused before the request is sent', async () => {
    let requests = 0;
    await withServer(newServer().on('request', () => { requests += 1; }), async (url) => {
      const failure = await failureOf(createFetch()(url, { headers: secrets }));
      expect([failure.name, failure.message]).toEqual(['TypeError', 'fetch failed']);
      expect(failure.cause.code).toMatch(/^[A-Z_]+$/);
      expect(failure.cause.message).toMatch(/NODE_EXTRA_CA_CERTS/);
    });
    expect(requests).toBe(0);
  });

  test('the option ca, as text or bytes, adds an authority, and the host name must still match', async () => {
    await withServer(newServer(), async (url) => {
      for (const known of [CA, Buffer.from(CA), [CA]]) {
        expect(await (await createFetch({ ca: known })(url, { headers: secrets })).text()).toBe(`hello ${secrets.authorization}`);
      }
      expect((await failureOf(createFetch({ ca: CA })(url.replace('localhost', '127.0.0.2')))).message).toBe('fetch failed');
    });
  });

  test('NODE_EXTRA_CA_CERTS adds an authority', async () => {
    await withServer(newServer(), async (url) => {
      const script = `require('openrouter-native').createFetch()(${JSON.stringify(url)}).then(async (response) => console.log(await response.text()))`;
      expect(await runNode(['-e', script], { env: { NODE_EXTRA_CA_CERTS: CA_FILE } })).toMatchObject({ code: 0, stdout: 'hello undefined\n' });
    });
  });
});

describe('HTTP/2', () => {
  test('carries all requests of an origin on one connection, and cancelling one does not end the others', async () => {
    let sessions = 0;
    const closed = [];
    const server = http2.createSecureServer({ key: IDENTITY, cert: IDENTITY });
    server.on('session', () => { sessions += 1; });
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200, 'x-path': headers[':path'], 'set-cookie': ['a=1', 'b=2'] });
      if (!headers[':path'].startsWith('/endless')) {
        stream.end(`answer to ${headers[':path']}`);
        return;
      }
      stream.write('first');
      closed.push(once(stream, 'close').then(() => stream.rstCode));
    });
    await withServer(server, async (url) => {
      const fetch = createFetch({ ca: CA });
      const first = await fetch(`${url}/warm`);
      expect([first.status, first.headers.get('x-path'), first.headers.getSetCookie(), first.url]).toEqual([200, '/warm', ['a=1', 'b=2'], `${url}/warm`]);
      await first.text();
      const endless = await Promise.all([fetch(`${url}/endless/1`), fetch(`${url}/endless/2`)]);
      const readers = endless.map((response) => response.body.getReader());
      for (const reader of readers) expect(Buffer.from((await reader.read()).value).toString()).toBe('first');
      await readers[0].cancel();
      expect(await Promise.race(closed)).toBe(http2.constants.NGHTTP2_CANCEL);
      const answers = await Promise.all(Array.from({ length: 20 }, async (_, at) => (await fetch(`${url}/${at}`)).text()));
      expect(answers).toEqual(Array.from({ length: 20 }, (_, at) => `answer to /${at}`));
      expect(sessions).toBe(1);
      await readers[1].cancel();
      await Promise.all(closed);
    });
  });
});
