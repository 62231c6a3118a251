'use strict';

const { once } = require('node:events');
const net = require('node:net');

const { startEmulator } = require('../../emulator');
const { FIN, HOLD, RST, httpChunk, startByteServer } = require('../support/servers/byte-server');
const { failureOf, shownOf } = require('../support/outcomes');
const { closedPort } = require('../support/closed-port');
const { runNode } = require('../support/process');
const { gate } = require('../support/streaming');

const { OpenRouterError, createFetch } = require('../..');

const KEY = 'sk-or-v1-limit-fetch-failures';
const CHUNKED = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const native = createFetch();

let emulator;
let server;

beforeAll(async () => {
  emulator = await startEmulator();
  server = await startByteServer(() => [FIN]);
});

beforeEach(() => {
  emulator.reset();
  server.requests.length = 0;
});

afterAll(async () => {
  await Promise.all([emulator.close(), server.close()]);
});

/** Sends a chat to the emulator. */
function chat(directives, init = {}, fetch = native) {
  return fetch(`${emulator.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Hi' }], emulator: directives }),
    ...init,
  });
}

/** Fails unless the error has the form of fetch errors that SDKs expect. Returns its cause. */
function causeOf(failure, message = 'fetch failed') {
  expect(Object.prototype.toString.call(failure)).toBe('[object Error]');
  expect([failure.name, failure.message]).toEqual(['TypeError', message]);
  const { cause } = failure;
  expect(cause).toBeInstanceOf(OpenRouterError);
  expect(cause.name).toBe('OpenRouterError');
  // The codes of Node and undici have this form. SDKs and retry libraries look for them.
  expect(cause.code).toMatch(/^[A-Z][A-Z0-9_]+$/);
  expect(cause.message.length).toBeGreaterThan(20);
  return cause;
}

describe('no response: TypeError fetch failed', () => {
  test('with ECONNREFUSED where no server listens', async () => {
    const cause = causeOf(await failureOf(native(`http://127.0.0.1:${await closedPort()}/`)));
    expect(cause.code).toBe('ECONNREFUSED');
  });

  test('with ENOTFOUND for a host name that does not exist', async () => {
    const cause = causeOf(await failureOf(native('http://no-such-host.invalid/')));
    expect(cause.code).toBe('ENOTFOUND');
    expect(cause.message).toContain('no-such-host.invalid');
  });

  test('with a code where TLS fails', async () => {
    const url = emulator.url.replace('http:', 'https:');
    expect(causeOf(await failureOf(native(url))).code).toMatch(/^E/);
  });

  test.each([['a reset', [RST]], ['a close', [FIN]], ['half a head', ['HTTP/1.1 200 OK\r\nConte', FIN]]])('with ECONNRESET for %s instead of a response', async (_, steps) => {
    server.script = () => steps;
    expect(causeOf(await failureOf(native(server.baseURL))).code).toBe('ECONNRESET');
    expect(server.requests).toHaveLength(1);
  });

  test('with a code where the response is not HTTP', async () => {
    server.script = () => ['SSH-2.0-OpenSSH_9.6\r\n', FIN];
    causeOf(await failureOf(native(server.baseURL)));
  });

  test('with a code where redirects never end', async () => {
    server.script = () => ['HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n'];
    causeOf(await failureOf(native(server.baseURL)));
  });

  test('with the text by which SDKs recognise a timeout where connecting takes too long', async () => {
    // This server accepts the connection and sends nothing, so that the TLS handshake never ends.
    const silent = net.createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sockets = [];
    silent.on('connection', (socket) => sockets.push(socket.on('error', () => {})));
    try {
      const fetch = createFetch({ timeouts: { connect: 60 } });
      const cause = causeOf(await failureOf(fetch(`https://127.0.0.1:${silent.address().port}/`)));
      expect(cause.code).toBe('UND_ERR_CONNECT_TIMEOUT');
      expect(cause.message).toMatch(/^Connect Timeout Error/);
      // The check by which OpenAI's SDK recognises a timeout.
      expect(String(cause)).toMatch(/timed? ?out/i);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });

  test('with UND_ERR_HEADERS_TIMEOUT where the headers do not arrive in time, and the connection closes', async () => {
    const fetch = createFetch({ timeouts: { headers: 60 } });
    const cause = causeOf(await failureOf(chat({ delay: 60_000 }, {}, fetch)));
    expect([cause.code, cause.phase]).toEqual(['UND_ERR_HEADERS_TIMEOUT', 'headers']);
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('with ETIMEDOUT where timeouts.total expires before the headers, and the connection closes', async () => {
    const fetch = createFetch({ timeouts: { total: 60 } });
    const cause = causeOf(await failureOf(chat({ delay: 60_000 }, {}, fetch)));
    expect([cause.code, cause.phase]).toEqual(['ETIMEDOUT', 'total']);
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('where the proxy is unreachable, without its password in the error', async () => {
    const fetch = createFetch({ proxy: `http://user:pass-word@127.0.0.1:${await closedPort()}` });
    const failure = await failureOf(fetch('http://openrouter.invalid/api/v1', { headers: { authorization: `Bearer ${KEY}` } }));
    causeOf(failure);
    expect(shownOf(failure)).not.toMatch(/pass-word|sk-or-/);
  });

  test('with a stack that names the caller', async () => {
    const failure = await failureOf(native(`http://127.0.0.1:${await closedPort()}/`));
    expect(failure.cause.stack).toContain('failures.test.js');
  });

  test('is never retried, and neither is an HTTP error', async () => {
    for (const directives of [{ drop: 'fin' }, { drop: 'reset' }]) await failureOf(chat(directives));
    for (const status of [408, 429, 500, 502, 503, 529]) expect((await chat({ status, 'retry-after': 0 })).status).toBe(status);
    expect(emulator.requests).toHaveLength(8);
  });
});

describe('a body that fails: TypeError terminated', () => {
  test.each([
    // The reset comes once the client has the head, which it would discard otherwise.
    ['a reset', (isRead) => [CHUNKED, httpChunk('data: 1\n\n'), isRead, RST]],
    ['a close before its last chunk', () => [CHUNKED, httpChunk('data: 1\n\n'), FIN]],
    ['a close before its declared length', () => ['HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ndata: 1\n\n', FIN]],
    ['an invalid chunk', () => [CHUNKED, httpChunk('data: 1\n\n'), 'xyz\r\n\r\n', FIN]],
  ])('after %s', async (_, stepsOf) => {
    const reads = [
      (response) => response.text(),
      async (response) => { for await (const part of response.body) expect(Buffer.from(part).toString()).toBe('data: 1\n\n'); },
      (response) => response.body.pipeTo(new WritableStream()),
    ];
    for (const read of reads) {
      const isRead = gate();
      server.script = () => stepsOf(isRead);
      const response = await native(server.baseURL);
      isRead.open();
      causeOf(await failureOf(read(response)), 'terminated');
    }
    expect(server.requests).toHaveLength(3);
  });

  test('after the bytes before the failure were read, and again at each further read', async () => {
    server.script = () => [CHUNKED, httpChunk('data: 1\n\n'), FIN];
    const reader = (await native(server.baseURL)).body.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe('data: 1\n\n');
    const failure = await failureOf(reader.read());
    expect(causeOf(failure, 'terminated').code).toBe('ECONNRESET');
    expect(await failureOf(reader.read())).toBe(failure);
    expect(await failureOf(reader.closed)).toBe(failure);
  });

  test('after the bytes before the failure have passed through pipes', async () => {
    // A stream error discards the chunks that pipes have queued. Bytes that arrived before the error must not be lost by it.
    server.script = () => [CHUNKED, httpChunk('1;2;3;4;'), FIN];
    const newParser = () => new TransformStream({
      transform(text, controller) {
        for (const event of text.split(';')) if (event) controller.enqueue(event);
      },
    });
    const newReader = () => new TransformStream({
      async transform(event, controller) {
        for (let step = 0; step < 10; step += 1) await null;
        controller.enqueue(event);
      },
    });
    const response = await native(server.baseURL);
    const events = [];
    const failure = await failureOf(async () => {
      for await (const event of response.body.pipeThrough(new TextDecoderStream()).pipeThrough(newParser()).pipeThrough(newReader())) events.push(event);
    });
    expect(failure.message).toBe('terminated');
    expect(events).toEqual(['1', '2', '3', '4']);
  });

  test('where no bytes arrive for timeouts.idle, and the connection closes', async () => {
    server.script = () => [CHUNKED, httpChunk('data: 1\n\n'), HOLD];
    const response = await createFetch({ timeouts: { idle: 80 } })(server.baseURL);
    const cause = causeOf(await failureOf(response.text()), 'terminated');
    expect([cause.code, cause.phase]).toEqual(['UND_ERR_BODY_TIMEOUT', 'idle']);
    expect((await server.requests[0].closed).by).toBe('client');
  });

  test('where only comments arrive for timeouts.idle, and the connection closes', async () => {
    server.script = async function* drip() {
      yield CHUNKED;
      yield httpChunk('data: 1\n\n');
      for (;;) {
        yield httpChunk(': OPENROUTER PROCESSING\n\n');
        await new Promise((resolve) => { setTimeout(resolve, 10); });
      }
    };
    const response = await createFetch({ timeouts: { idle: 150 } })(server.baseURL);
    const cause = causeOf(await failureOf(response.text()), 'terminated');
    expect([cause.code, cause.phase]).toEqual(['UND_ERR_BODY_TIMEOUT', 'idle']);
    expect((await server.requests[0].closed).by).toBe('client');
  });

  test('but not where data arrives among the comments, nor because of pauses of the reader', async () => {
    server.script = async function* drip() {
      yield CHUNKED;
      for (let at = 0; at < 12; at += 1) {
        yield httpChunk(`: OPENROUTER PROCESSING\n\ndata: ${at}\n\n`);
        await new Promise((resolve) => { setTimeout(resolve, 120); });
      }
      yield httpChunk();
    };
    const response = await createFetch({ timeouts: { idle: 1000 } })(server.baseURL);
    await new Promise((resolve) => { setTimeout(resolve, 1300); });
    expect((await response.text()).match(/data: \d+/g)).toHaveLength(12);
  });

  test('where timeouts.total expires before anybody reads, and the connection closes', async () => {
    const endless = httpChunk('data: 1\n\n'.repeat(1000));
    server.script = async function* send() {
      yield CHUNKED;
      for (;;) yield endless;
    };
    const fetch = createFetch({ timeouts: { total: 300 } });
    const unread = await fetch(server.baseURL);
    const partlyRead = await fetch(server.baseURL);
    const reader = partlyRead.body.getReader();
    await reader.read();
    for (const request of server.requests) expect((await request.closed).by).toBe('client');
    const failures = [failureOf(unread.text()), failureOf(async () => { while (!(await reader.read()).done); })];
    for (const failure of await Promise.all(failures)) {
      expect(causeOf(failure, 'terminated')).toMatchObject({ code: 'ETIMEDOUT', phase: 'total' });
    }
  });

  test('where timeouts.total expires', async () => {
    server.script = async function* drip() {
      yield CHUNKED;
      for (;;) {
        yield httpChunk(': comment\n\n');
        await new Promise((resolve) => { setTimeout(resolve, 10); });
      }
    };
    const response = await createFetch({ timeouts: { total: 150 } })(server.baseURL);
    causeOf(await failureOf(response.text()), 'terminated');
    expect((await server.requests[0].closed).by).toBe('client');
  });
});

describe('the process', () => {
  const child = (body) => runNode(['-e', `
    const fetch = require(${JSON.stringify(require.resolve('../..'))}).createFetch();
    const url = ${JSON.stringify(server.baseURL)};
    (async () => { ${body} })();`]);

  test.each([
    ['without any request', '', ''],
    ['after a body was read', 'console.log(await (await fetch(url)).text());', 'data: 1\n\n\n'],
    ['with an unread response', 'await fetch(url + "/endless"); console.log("unread");', 'unread\n'],
    ['with a partly read response', 'await (await fetch(url + "/endless")).body.getReader().read(); console.log("left");', 'left\n'],
    ['after an abort', 'const stop = new AbortController(); const asked = fetch(url + "/silent", { signal: stop.signal }).catch((error) => console.log(error.name)); stop.abort(); await asked;', 'AbortError\n'],
    ['after a failure', 'await fetch("http://127.0.0.1:CLOSED/").catch((error) => console.log(error.cause.code));', 'ECONNREFUSED\n'],
  ])('ends by itself %s', async (_, body, stdout) => {
    server.script = ({ head }) => [...(/silent/.test(head) ? [] : [CHUNKED, httpChunk('data: 1\n\n')]), ...(/endless|silent/.test(head) ? [HOLD] : [httpChunk()])];
    const ended = await child(body.replace('CLOSED', await closedPort()));
    expect(ended).toMatchObject({ code: 0, stdout, stderr: '' });
  });

  test('stays alive for a pending request, and for a body that is being read', async () => {
    server.script = async function* slow() {
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      yield CHUNKED;
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      yield httpChunk('late');
      yield httpChunk();
    };
    expect(await child('console.log(await (await fetch(url)).text());')).toMatchObject({ code: 0, stdout: 'late\n' });
  });
});
