'use strict';

const https = require('node:https');
const net = require('node:net');

const { OpenRouterClient, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { CA, IDENTITY } = require('../support/certificates.js');
const { closedPort } = require('../support/closed-port.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');

const KEY = 'sk-or-v1-limit-proxy';
const params = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] };
const BEHIND = 'http://gateway.example/api/v1';

let restoreEnvironment;
let emulator;
let proxy;
let address;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(async () => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
  proxy = await startAnsweringServer(({ lines }) => (lines[0].startsWith('CONNECT') ? answer(407) : answer(200, '{"model":"openai/gpt-5-mini","choices":[]}')));
  address = `http://127.0.0.1:${proxy.port}`;
});
afterEach(() => {
  restoreEnvironment();
  return proxy.close();
});
afterAll(() => emulator.close());

const ask = (options) => new OpenRouterClient(KEY, { baseURL: BEHIND, allowInsecureHttp: true, maxRetries: 0, ...options }).chatCompletion(params);
const requestLines = () => proxy.requests.map(({ lines }) => lines[0]);
/** Returns the URL of a port without a server: a request through this proxy fails. */
const deadAddress = async () => `http://127.0.0.1:${await closedPort()}`;

test('the option proxy sends requests through the proxy, with host and path unchanged', async () => {
  await ask({ proxy: address });
  expect(requestLines()).toEqual(['POST http://gateway.example/api/v1/chat/completions HTTP/1.1']);
  expect(proxy.requests[0].text).toBe(JSON.stringify(params));
  expect(proxy.requests[0].head).toMatch(/^host: gateway\.example$/im);
});

test('user and password of the proxy URL are sent to the proxy, decoded', async () => {
  await ask({ proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` });
  expect(proxy.requests[0].head).toMatch(new RegExp(`^proxy-authorization: Basic ${Buffer.from('user:p@ss').toString('base64')}$`, 'im'));
});

test.each(['PROXY', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])('the variable %s sends requests through the proxy', async (name) => {
  process.env[name] = address;
  await ask();
  expect(requestLines()).toHaveLength(1);
});

test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'PROXY'])('the proxy in %s is asked for a tunnel to an https API', async (name) => {
  process.env[name] = address;
  const error = await failureOf(ask({ baseURL: 'https://gateway.example/api/v1' }));
  expect(error.code).toBe('proxy_error');
  expect(requestLines()).toEqual(['CONNECT gateway.example:443 HTTP/1.1']);
  expect(proxy.requests[0].head).not.toContain(KEY);
});

test("the option wins over LibreChat's PROXY, PROXY over HTTP_PROXY, and HTTP_PROXY over ALL_PROXY", async () => {
  const dead = await deadAddress();
  for (const [options, env] of [
    [{ proxy: address }, { PROXY: dead, HTTP_PROXY: dead }],
    [{}, { PROXY: address, HTTP_PROXY: dead, HTTPS_PROXY: dead, ALL_PROXY: dead }],
    [{}, { HTTP_PROXY: address, ALL_PROXY: dead }],
    [{}, { PROXY: '', HTTP_PROXY: address }],
  ]) {
    const before = proxy.requests.length;
    restoreEnvironment();
    cleanEnvironment();
    Object.assign(process.env, env);
    await ask(options);
    expect(proxy.requests).toHaveLength(before + 1);
  }
});

test.each(['NO_PROXY', 'no_proxy'])('hosts in %s are reached without the proxy', async (name) => {
  Object.assign(process.env, { PROXY: address, [name]: 'other.example, gateway.example:8080' });
  await ask();
  expect(proxy.requests).toHaveLength(1);
  process.env[name] = '*.other.example gateway.example';
  expect((await failureOf(ask())).code).toBe('connection_failed');
  expect(proxy.requests).toHaveLength(1);
});

test('plain http to this machine goes through the proxy of the option, and through none of the environment', async () => {
  process.env.PROXY = address;
  await ask({ baseURL: emulator.baseURL });
  expect([emulator.requests.length, proxy.requests.length]).toEqual([1, 0]);
  await ask({ baseURL: emulator.baseURL, proxy: address });
  expect([emulator.requests.length, proxy.requests.length]).toEqual([1, 1]);
});

test('a variable that is no proxy URL is invalid_option for the requests that need it, and hides the password', async () => {
  process.env.HTTPS_PROXY = 'ftp://user:canary@127.0.0.1';
  const error = await failureOf(ask({ baseURL: 'https://gateway.example/api/v1' }));
  expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('HTTPS_PROXY') });
  expect(shownOf(error)).not.toContain('canary');
  const failure = await failureOf(createFetch()('https://gateway.example/api/v1'));
  expect(failure).toMatchObject({ message: 'fetch failed', cause: { message: expect.stringContaining('HTTPS_PROXY') } });
  expect(shownOf(failure)).not.toContain('canary');
  await ask({ baseURL: emulator.baseURL });
  expect(emulator.requests).toHaveLength(1);
});

describe('a proxy over TLS', () => {
  let tunnels;
  let secure;
  beforeEach(async () => {
    tunnels = [];
    secure = https.createServer({ key: IDENTITY, cert: IDENTITY });
    secure.on('connect', ({ url, headers }, socket) => {
      tunnels.push([url, headers['proxy-authorization'], headers.authorization]);
      const upstream = net.connect(new URL(emulator.url).port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connected\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      for (const end of [socket, upstream]) end.on('error', () => {});
    });
    secure.on('request', (request, response) => {
      tunnels.push([request.url, request.headers['proxy-authorization'], undefined]);
      response.setHeader('content-type', 'application/json').end('{"model":"openai/gpt-5-mini","choices":[]}');
    });
    await new Promise((resolve) => { secure.listen(0, '127.0.0.1', resolve); });
  });
  afterEach(() => secure.close());

  test('has its certificate checked', async () => {
    const error = await failureOf(ask({ proxy: `https://localhost:${secure.address().port}` }));
    expect(error.code).toMatch(/^(tls_error|proxy_error)$/);
    expect(tunnels).toEqual([]);
  });

  test('forwards requests, and gets user and password', async () => {
    await ask({ proxy: `https://user:secret@localhost:${secure.address().port}`, ca: CA });
    expect(tunnels).toEqual([[`${BEHIND}/chat/completions`, `Basic ${Buffer.from('user:secret').toString('base64')}`, undefined]]);
  });

  test('opens a tunnel for https, and does not get the key', async () => {
    // The server behind the tunnel does not speak TLS, so the request fails there.
    const error = await failureOf(ask({ proxy: `https://localhost:${secure.address().port}`, ca: CA, baseURL: 'https://gateway.example/api/v1' }));
    expect(error.code).toBe('tls_error');
    expect(tunnels).toEqual([['gateway.example:443', undefined, undefined]]);
  });
});
