'use strict';

const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');

const { OpenRouterClient, createFetch, getStats } = require('../..');
const { CA, IDENTITY } = require('../support/certificates.js');
const { closedPort } = require('../support/closed-port.js');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { runScript } = require('../support/process.js');
const { AT_ONCE_MS } = require('../support/limits.js');

const COMPLETION = JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] });
const BODY = JSON.stringify({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] });

let restoreEnvironment;
let pools = 0;
let servers = [];
beforeEach(() => { restoreEnvironment = cleanEnvironment(); });
afterEach(async () => {
  restoreEnvironment();
  for (const server of servers) server.stop();
  await Promise.all(servers.map((server) => once(server, 'close')));
  servers = [];
});

/** Returns the settings of a pool of its own: pools are shared by settings, so the connect timeout is unique. */
function settingsOf(options) {
  pools += 1;
  return { ca: CA, ...options, timeouts: { connect: 21_000 + pools, ...options?.timeouts } };
}

const clientOf = (server, options) => new OpenRouterClient('sk-or-v1-warm', { baseURL: server.baseURL, maxRetries: 0, ...settingsOf(options) });
const chat = (client, options) => client.chatCompletion(JSON.parse(BODY), options);

/** How many TLS connections a server has got, in which order, and how many requests. It awaits a number of connections. */
async function started(server, protocols) {
  const sockets = [];
  const record = Object.assign(server, { sockets, asked: 0, resumed: [] });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    server.resumed.push(socket.isSessionReused());
    sockets.push(socket);
    server.emit('counted');
  });
  server.stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  server.until = async (count) => { while (sockets.length < count) await once(server, 'counted'); };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return Object.assign(record, { protocols, baseURL: `https://localhost:${server.address().port}/api/v1` });
}

function answer(server, request, response) {
  server.asked += 1;
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json');
    for (const [name, value] of Object.entries(server.headers ?? {})) response.setHeader(name, value);
    response.end(COMPLETION);
  });
}

/** Starts servers that speak HTTP/2 or HTTP/1, and keep connections as long as they live. */
const START = {
  'HTTP/2': () => {
    const server = http2.createSecureServer({ key: IDENTITY, cert: IDENTITY }, (request, response) => answer(server, request, response));
    return started(server);
  },
  'HTTP/1': () => {
    const server = https.createServer({ key: IDENTITY, cert: IDENTITY, keepAliveTimeout: 0 }, (request, response) => answer(server, request, response));
    return started(server);
  },
};
const PROTOCOLS = Object.entries(START);

describe.each(PROTOCOLS)('connect() over %s', (_protocol, start) => {
  test('opens a connection, sends no request, and the first chat uses it', async () => {
    const server = await start();
    const client = clientOf(server);
    const before = getStats().connections;
    await client.connect();
    expect([server.sockets.length, server.asked]).toEqual([1, 0]);
    await chat(client);
    expect([server.sockets.length, server.asked]).toEqual([1, 1]);
    const { opened, prewarmed, reused } = getStats().connections;
    expect([opened - before.opened, prewarmed - before.prewarmed, reused - before.reused]).toEqual([1, 1, 1]);
  });

  test('uses the connection that there is', async () => {
    const server = await start();
    const client = clientOf(server);
    await chat(client);
    for (let time = 0; time < 3; time += 1) await client.connect();
    expect([server.sockets.length, server.asked]).toEqual([1, 1]);
  });

  test('of a fetch opens the connection for its requests, wherever the URL points on that host', async () => {
    const server = await start();
    const fetch = createFetch(settingsOf());
    await fetch.connect(new URL(`${server.baseURL}/models?a#b`));
    const response = await fetch(`${server.baseURL}/chat/completions`, { method: 'POST', body: BODY });
    expect(await response.json()).toMatchObject({ id: 'gen-1' });
    expect([server.sockets.length, server.asked]).toEqual([1, 1]);
  });

  test('a chat that finds the prewarmed connection closed is sent once, on another one', async () => {
    const server = await start();
    const client = clientOf(server, { keepWarm: 0, maxRetries: 2 });
    await client.connect();
    server.sockets[0].destroy();
    expect(await chat(client)).toMatchObject({ id: 'gen-1' });
    expect([server.sockets.length, server.asked]).toEqual([2, 1]);
  });
});

describe('connect() fails as a request does', () => {
  test('if nothing listens', async () => {
    const baseURL = `https://127.0.0.1:${await closedPort()}/api/v1`;
    expect(await failureOf(clientOf({ baseURL }).connect())).toMatchObject({ code: 'connection_failed', errno: 'ECONNREFUSED' });
    const failure = await failureOf(createFetch(settingsOf()).connect(baseURL));
    expect(failure).toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
  });

  test('if the certificate is of an unknown authority', async () => {
    const server = await START['HTTP/2']();
    expect(await failureOf(clientOf(server, { ca: null }).connect())).toMatchObject({ code: 'tls_error' });
  });

  test('if the handshake takes longer than timeouts.connect, or timeouts.total', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const baseURL = `https://127.0.0.1:${silent.address().port}/api/v1`;
    for (const phase of ['connect', 'total']) {
      const client = clientOf({ baseURL }, { timeouts: { [phase]: 120 } });
      expect(await failureOf(client.connect())).toMatchObject({ code: 'timeout', phase });
      const failure = await failureOf(createFetch(settingsOf({ timeouts: { [phase]: 130 } })).connect(baseURL));
      expect(failure).toMatchObject({ message: 'fetch failed', cause: { code: phase === 'connect' ? 'UND_ERR_CONNECT_TIMEOUT' : 'ETIMEDOUT' } });
    }
    silent.close();
  });

  test('if it is aborted, before or while it waits', async () => {
    const accepted = [];
    const silent = net.createServer((socket) => { accepted.push(socket.on('error', () => {})); silent.emit('counted'); }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const baseURL = `https://127.0.0.1:${silent.address().port}/api/v1`;
    const reason = new Error('enough');
    const aborted = AbortSignal.abort(reason);
    expect(await failureOf(clientOf({ baseURL }).connect({ signal: aborted }))).toMatchObject({ code: 'aborted', cause: reason });
    expect(await failureOf(createFetch(settingsOf()).connect(baseURL, { signal: aborted }))).toBe(reason);
    expect(accepted).toHaveLength(0);
    for (const [work, expected] of [
      [(signal) => clientOf({ baseURL }).connect({ signal }), { code: 'aborted', cause: reason }],
      [(signal) => createFetch(settingsOf()).connect(baseURL, { signal }), reason],
    ]) {
      const controller = new AbortController();
      const failure = failureOf(work(controller.signal));
      await once(silent, 'counted');
      controller.abort(reason);
      expect(await failure).toMatchObject(expected);
      // The connection is given up, too.
      const socket = accepted.at(-1).resume();
      if (!socket.closed) await once(socket, 'close');
    }
    silent.close();
  });

  test('with an option that it does not have, or a URL that is none', async () => {
    const server = await START['HTTP/2']();
    expect(await failureOf(clientOf(server).connect({ signl: AbortSignal.abort() }))).toMatchObject({ code: 'invalid_option' });
    const fetch = createFetch(settingsOf());
    expect(await failureOf(fetch.connect(server.baseURL, { signl: AbortSignal.abort() }))).toMatchObject({ code: 'invalid_option' });
    for (const url of [undefined, '', '/models', 'ftp://h/']) expect((await failureOf(fetch.connect(url))).message).toBe('fetch failed');
    expect(server.sockets).toHaveLength(0);
  });
});

describe.each(PROTOCOLS)('keepWarm over %s', (_protocol, start) => {
  test('opens another connection when the server closes the one of a chat, without a request', async () => {
    const server = await start();
    const client = clientOf(server);
    await chat(client);
    server.sockets[0].destroy();
    await server.until(2);
    await chat(client);
    expect([server.sockets.length, server.asked]).toEqual([2, 2]);
  });

  test('0 opens none, and neither does a request without a body', async () => {
    const server = await start();
    const [off, idle] = [clientOf(server, { keepWarm: 0 }), clientOf(server)];
    await chat(off);
    await idle.request('GET', '/models');
    expect(server.sockets).toHaveLength(2);
    for (const socket of server.sockets) socket.destroy();
    // A client that keeps warm shows that there was time for it.
    await chat(clientOf(server));
    server.sockets[2].destroy();
    await server.until(4);
    server.sockets[3].destroy();
    await server.until(5);
    expect(server.asked).toBe(3);
    expect(server.sockets).toHaveLength(5);
  });
});

test('a server that ends a connection in order (GOAWAY) gets another one, and the next chat uses that', async () => {
  const server = await START['HTTP/2']();
  const sessions = [];
  server.on('session', (session) => sessions.push(session));
  const client = clientOf(server);
  await chat(client);
  sessions[0].close();
  await server.until(2);
  await chat(client);
  expect(server.sockets).toHaveLength(2);
});

test('an HTTP/1 connection is given up before the server closes it, and replaced', async () => {
  const server = await START['HTTP/1']();
  server.headers = { 'keep-alive': 'timeout=2' };
  const client = clientOf(server);
  await chat(client);
  const [first] = server.sockets;
  await server.until(2);
  if (!first.closed) await once(first, 'close');
  await chat(client);
  // The chat may have come when the second one was given up, too.
  expect(server.sockets.length).toBeGreaterThanOrEqual(2);
  expect(server.asked).toBe(2);
});

test('a TLS session is resumed by the next connection', async () => {
  for (const start of Object.values(START)) {
    const server = await start();
    const client = clientOf(server);
    const before = getStats().connections.resumed;
    await chat(client);
    server.sockets[0].destroy();
    await server.until(2);
    await chat(client);
    expect(server.resumed).toEqual([false, true]);
    expect(getStats().connections.resumed - before).toBe(1);
  }
});

test('clients with different authorities share neither connections nor TLS sessions', async () => {
  const server = await START['HTTP/2']();
  await clientOf(server).connect();
  await clientOf(server, { ca: [CA, CA] }).connect();
  expect(server.resumed).toEqual([false, false]);
});

describe('a process with warm connections', () => {
  test('ends at once, after connect() and after a chat', async () => {
    const server = await START['HTTP/2']();
    for (const work of ['await client.connect();', 'await client.chatCompletion(body()); await client.connect();', 'client.connect().catch(() => {});']) {
      const ended = await runScript(`
        const client = new OpenRouterClient('sk-or-v1-warm', { baseURL: ${JSON.stringify(server.baseURL)}, ca: ${JSON.stringify(CA)} });
        ${work}`);
      expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(ended.idleMs).toBeLessThan(AT_ONCE_MS);
    }
  });
});
