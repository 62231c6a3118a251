'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { ROOT, runNode } = require('../support/process.js');
const { run } = require('../support/command.js');
const { CA_FILE, IDENTITY } = require('../support/certificates.js');
const { hasPrograms, startNginx } = require('../support/programs.js');
const { closedPort } = require('../support/closed-port.js');
const { startAnsweringServer } = require('../support/servers/byte-server.js');
const { startRecordingServer } = require('../support/servers/recording-server.js');

const KEY = 'sk-or-v1-limit-canary-0123456789';
const NAMES = ['addon', 'key', 'environment', 'network', 'proxy', 'tls', 'models', 'clock', 'credits', 'zdr'];
const HOUR = 3_600_000;

let emulator;
let env;
const servers = [];
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: emulator.baseURL };
});
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
afterAll(() => emulator.close());

/** Runs `doctor --json`; returns its checks by name. No output may show the key, or advise to run the doctor. */
async function examine(more = {}) {
  const { code, stdout, stderr } = await run(['doctor', '--json'], { env: { ...env, ...more } });
  expect(`${stdout}${stderr}`).not.toMatch(/canary|openrouter-native doctor/);
  const { ok, checks } = JSON.parse(stdout);
  expect(checks.map(({ name }) => name)).toEqual(NAMES);
  expect({ ok, stderr }).toEqual({ ok: code === 0, stderr: '' });
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

const statusesOf = (checks) => Object.fromEntries(Object.values(checks).map(({ name, status }) => [name, status]));
const all = (status) => Object.fromEntries(NAMES.map((name) => [name, status]));

/** Starts a server in front of the emulator; returns the environment that makes the command use it. */
async function startInFront(answer) {
  const server = await startRecordingServer(answer);
  servers.push(server);
  return { OPENROUTER_BASE_URL: `${server.url}/api/v1` };
}

/** Forwards a request to the emulator; adds `headers` to its answer, and lets `change` replace the body. */
const forward = (headers, change = (_path, body) => body) => async (request, response) => {
  const answer = await fetch(`${emulator.url}${request.path}`, { headers: { authorization: request.headers.authorization ?? '' } });
  response.writeHead(answer.status, { 'content-type': 'application/json', ...headers });
  response.end(change(request.path, await answer.text()));
};

describe('without a problem', () => {
  test('each line is OK, and the exit status is 0', async () => {
    const { code, stdout, stderr } = await run(['doctor'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n').map((line) => line.split(/ +/, 2))).toEqual(NAMES.map((name) => ['OK', name]));
    expect(stdout).not.toContain('canary');
    expect(stdout).toContain(`sk-or-v1-… (${KEY.length} characters)`);
  });

  test('--json has the same checks and the base URL', async () => {
    const { stdout } = await run(['doctor', '--json'], { env });
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      baseURL: emulator.baseURL,
      checks: NAMES.map((name) => ({ name, status: 'ok', message: expect.stringMatching(/\S/), advice: null })),
    });
  });

  test('the requests cost nothing, and only those for the credits have the key', async () => {
    await examine();
    expect(emulator.requests.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`)).toEqual([
      'GET /models', 'GET /key', 'GET /credits', 'GET /key', 'GET /endpoints/zdr',
    ]);
    const signed = emulator.requests.filter(({ headers }) => headers.authorization).map(({ path }) => path);
    expect(signed).toEqual(['/api/v1/credits', '/api/v1/key']);
  });

  test('--emulator needs neither key nor network', async () => {
    const { code, stdout } = await run(['doctor', '--emulator', '--json'], { env: { HTTP_PROXY: 'http://127.0.0.1:9' } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).ok).toBe(true);
  });
});

test('without a binary for this machine the addon check fails, and the checks that need the addon are skipped', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-bare-'));
  for (const name of ['cli', 'emulator', 'lib', 'native', 'index.js', 'package.json']) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true, filter: (file) => !file.endsWith('.node') });
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const { code, stdout } = await runNode([path.join(folder, 'cli', 'index.js'), 'doctor', '--json'], { env });
  expect(code).toBe(1);
  const { checks } = JSON.parse(stdout);
  expect(Object.fromEntries(checks.map(({ name, status }) => [name, status]))).toEqual({ ...all('skipped'), addon: 'failed', key: 'ok' });
  expect(checks[0].message).toMatch(/native binding|its binary/);
  fs.rmSync(folder, { recursive: true });
});

describe('the key', () => {
  test.each([
    ['', /is not set/, /export OPENROUTER_API_KEY=/],
    ['user_provided', /LibreChat's placeholder/, /Set a key of your own/],
    ['"sk-or-v1-canary"', /is in quotes/, /Remove the quotes/],
    ['Bearer sk-or-v1-canary', /begins with "Bearer"/, /Remove that word/],
    ['sk-or-v1-ca nary', /holds spaces/, /Copy it again/],
  ])('%j is reported, and the credits check is skipped', async (OPENROUTER_API_KEY, message, advice) => {
    const checks = await examine({ OPENROUTER_API_KEY });
    expect(checks.key).toMatchObject({ status: 'failed', message: expect.stringMatching(message), advice: expect.stringMatching(advice) });
    expect(statusesOf(checks)).toEqual({ ...all('ok'), key: 'failed', credits: 'skipped' });
  });

  test('under its old name is reported', async () => {
    const { key } = await examine({ OPENROUTER_API_KEY: '', OPENROUTER_KEY: 'sk-or-v1-canary' });
    expect(key.advice).toMatch(/OPENROUTER_KEY is set, but the name is OPENROUTER_API_KEY/);
  });

  test.each([
    ['sk-ant-canary', 'failed', /sk-ant-… \(13 characters\), which is not an OpenRouter key/],
    ['canary', 'failed', /^OPENROUTER_API_KEY is … \(6 characters\), which is not an OpenRouter key/],
    ['sk-or-v1-canary', 'warning', /shorter than the usual 73/],
  ])('%s is reported as unusual for OpenRouter', async (OPENROUTER_API_KEY, status, message) => {
    // No request leaves this machine, because the proxy is unreachable.
    const port = await closedPort();
    const { key } = await examine({ OPENROUTER_API_KEY, OPENROUTER_BASE_URL: '', HTTPS_PROXY: `http://127.0.0.1:${port}` });
    expect(key).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  test('that the API rejects fails the credits check', async () => {
    const checks = await examine({ OPENROUTER_API_KEY: 'another-canary' });
    expect(statusesOf(checks)).toEqual({ ...all('ok'), credits: 'failed' });
    expect(checks.credits).toMatchObject({ message: expect.stringMatching(/^Invalid OpenRouter API key/), advice: expect.stringMatching(/settings\/keys/) });
  });
});

describe('the environment', () => {
  test('lists the variables that are set, without their values', async () => {
    const { environment } = await examine({ OPENROUTER_SITE_NAME: 'canary' });
    expect(environment).toMatchObject({ status: 'ok', message: 'also set: OPENROUTER_BASE_URL, OPENROUTER_SITE_NAME' });
  });

  test.each([
    [{ OPENROUTER_BASE_URL: 'canary' }, /^Invalid OPENROUTER_BASE_URL: expected a URL/],
    [{ OPENROUTER_BASE_URL: 'https://user:canary@openrouter.ai/api/v1?key=canary' }, /without user, query or fragment/],
    [{ OPENROUTER_BASE_URL: 'http://example.com/api/v1' }, /^Invalid OPENROUTER_BASE_URL: expected https/],
    [{ OPENROUTER_BASE_URL: 'https://openrouter.ai' }, /which is not the API/],
    [{ OPENROUTER_BASE_URL: 'https://example.com/api/v1', PROXY: 'ftp://user:canary@example.com' }, /Invalid option PROXY/],
  ])('%j cannot work, so no request is sent', async (more, message) => {
    const checks = await examine(more);
    expect(checks.environment).toMatchObject({ status: 'failed', message: expect.stringMatching(message) });
    expect(statusesOf(checks)).toMatchObject({ network: 'skipped', proxy: 'skipped', tls: 'skipped', models: 'skipped', clock: 'skipped', credits: 'skipped', zdr: 'skipped' });
    expect(emulator.requests).toEqual([]);
  });

  test.each([
    [{ SSL_CERT_FILE: '/nowhere/roots.pem' }, /cannot be read \(ENOENT\)/],
    [{ OPENROUTER_CACHE_TTL_MODELS: 'an hour' }, /OPENROUTER_CACHE_TTL_MODELS is not a number/],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }, /has no effect here/],
  ])('%j is a warning, and the exit status stays 0', async (more, message) => {
    const checks = await examine(more);
    expect(checks.environment).toMatchObject({ status: 'warning', message: expect.stringMatching(message), advice: expect.stringMatching(/\S/) });
    expect(statusesOf(checks)).toEqual({ ...all('ok'), environment: 'warning' });
  });

  test('SSL_CERT_DIR may be a list of folders', async () => {
    const folders = [os.tmpdir(), __dirname];
    const { environment } = await examine({ SSL_CERT_DIR: folders.join(path.delimiter) });
    expect(environment).toMatchObject({ status: 'ok', message: expect.stringContaining('SSL_CERT_DIR') });
    const { environment: wrong } = await examine({ SSL_CERT_DIR: [...folders, '/nowhere'].join(path.delimiter) });
    expect(wrong).toMatchObject({ status: 'warning', message: 'SSL_CERT_DIR names /nowhere, which cannot be read (ENOENT)' });
  });
});

describe('the connection fails for', () => {
  test('a host name that does not exist', async () => {
    const checks = await examine({ OPENROUTER_BASE_URL: 'https://nobody.invalid/api/v1' });
    expect(checks.network).toMatchObject({ status: 'failed', message: expect.stringMatching(/nobody\.invalid cannot be looked up \(E\w+\)/), advice: expect.stringMatching(/DNS/) });
    expect(statusesOf(checks)).toMatchObject({ proxy: 'skipped', models: 'skipped', credits: 'skipped' });
  });

  test('a closed port', async () => {
    const { network } = await examine({ OPENROUTER_BASE_URL: `http://127.0.0.1:${await closedPort()}/api/v1` });
    expect(network).toMatchObject({ status: 'failed', message: expect.stringMatching(/does not answer \(ECONNREFUSED\)/), advice: expect.stringMatching(/OPENROUTER_BASE_URL/) });
  });

  test('a server that closes the connection', async () => {
    const server = net.createServer((socket) => socket.on('error', () => {}).once('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const checks = await examine({ OPENROUTER_BASE_URL: `http://127.0.0.1:${server.address().port}/api/v1` });
    server.close();
    expect(statusesOf(checks)).toMatchObject({ network: 'ok', models: 'failed', clock: 'skipped', credits: 'skipped', zdr: 'skipped' });
    expect(checks.models.message).toMatch(/was closed before it answered/);
  });

  test('a server that does not speak HTTP', async () => {
    const server = await startAnsweringServer('SSH-2.0-OpenSSH_9.2\r\n');
    servers.push(server);
    const { models } = await examine({ OPENROUTER_BASE_URL: server.baseURL });
    expect(models).toMatchObject({ status: 'failed', message: expect.stringMatching(/not HTTP/) });
  });

  test('the web page of a captive portal', async () => {
    const portal = await startInFront((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please sign in</html>'));
    const { models } = await examine(portal);
    expect(models).toMatchObject({ status: 'failed' });
  });

  test.each([
    ['', '/api/v1'],
    ['/api', '/api/v1'],
    ['/v1', '/api/v1'],
    ['/api/v1/models', '/api/v1'],
  ])('a base URL with the path "%s", and the advice names the address of the API', async (wrong, right) => {
    const { models } = await examine({ OPENROUTER_BASE_URL: `${emulator.url}${wrong}` });
    expect(models).toEqual({
      name: 'models',
      status: 'failed',
      message: `${emulator.url}${wrong} is not the API`,
      advice: `Set OPENROUTER_BASE_URL to ${emulator.url}${right}, where the API answers.`,
    });
    expect(emulator.requests.filter(({ headers }) => headers.authorization)).toEqual([]);
  });

  test('a server that answers 500', async () => {
    const { models } = await examine(await startInFront((_, response) => response.writeHead(500).end('{"error":{"message":"canteen closed"}}')));
    expect(models).toMatchObject({ status: 'failed', message: expect.stringMatching(/canteen closed/) });
  });
});

describe('the proxy', () => {
  /** Starts a proxy that answers each CONNECT with `status`, and closes the connection unless that is 200. */
  async function startProxy(status) {
    const server = http.createServer((_, response) => response.writeHead(status).end());
    server.on('connect', (request, socket) => {
      socket.on('error', () => socket.destroy());
      socket.write(`HTTP/1.1 ${status} Whatever\r\n\r\n`);
      if (status !== 200) socket.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({ close: () => { server.closeAllConnections(); server.close(); } });
    return server.address().port;
  }

  test('that is unreachable', async () => {
    const checks = await examine({ OPENROUTER_BASE_URL: 'https://nobody.invalid/api/v1', HTTPS_PROXY: `http://user:canary@127.0.0.1:${await closedPort()}` });
    expect(checks.network).toMatchObject({ status: 'failed', message: expect.stringMatching(/^the proxy 127\.0\.0\.1 port \d+ does not answer/), advice: expect.stringMatching(/Check that the proxy runs/) });
  });

  test('that rejects the password', async () => {
    const port = await startProxy(407);
    const checks = await examine({ OPENROUTER_BASE_URL: 'https://nobody.invalid/api/v1', HTTPS_PROXY: `http://user:canary@127.0.0.1:${port}` });
    expect(statusesOf(checks)).toMatchObject({ network: 'ok', proxy: 'failed', tls: 'skipped', models: 'skipped' });
    expect(checks.proxy.message).toMatch(/The proxy did not connect to nobody\.invalid.*user and password/);
  });

  test('that plain http to this machine does not use', async () => {
    const { proxy } = await examine({ HTTP_PROXY: 'http://127.0.0.1:9' });
    expect(proxy).toMatchObject({ status: 'ok', message: 'none is used for 127.0.0.1, although HTTP_PROXY is set' });
  });

  test('that works', async () => {
    const answer = forward({});
    const api = https.createServer({ key: IDENTITY, cert: IDENTITY }, (request, response) => {
      answer({ path: request.url, headers: request.headers }, response);
    }).listen(0, '127.0.0.1');
    const tunnels = [];
    const server = http.createServer().on('connect', ({ url }, socket) => {
      tunnels.push(url);
      const upstream = net.connect(api.address().port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connected\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      for (const end of [socket, upstream]) end.on('error', () => {}).on('close', () => { socket.destroy(); upstream.destroy(); });
    }).listen(0, '127.0.0.1');
    await Promise.all([api, server].filter((one) => !one.listening).map((one) => once(one, 'listening')));
    for (const one of [api, server]) servers.push({ close: () => { one.closeAllConnections(); one.close(); } });
    const { port } = server.address();
    // The variable for http names no proxy of an https service, although it is set.
    const checks = await examine({
      OPENROUTER_BASE_URL: `https://localhost:${api.address().port}/api/v1`,
      NODE_EXTRA_CA_CERTS: CA_FILE,
      HTTPS_PROXY: `http://user:canary@127.0.0.1:${port}`,
      HTTP_PROXY: 'http://127.0.0.1:9',
    });
    expect(checks.proxy).toMatchObject({ status: 'ok', message: `http://127.0.0.1:${port} works (from HTTPS_PROXY)` });
    expect(statusesOf(checks)).toEqual(all('ok'));
    expect(tunnels).toContain(`localhost:${api.address().port}`);
  });
});

// nginx is a Debian package, which `npm test` installs if it may.
(hasPrograms ? describe : describe.skip)('TLS', () => {
  let nginx;
  beforeAll(async () => { nginx = await startNginx(emulator.port); });
  afterAll(() => nginx.stop());

  test('with a certificate of an unknown authority', async () => {
    const checks = await examine({ OPENROUTER_BASE_URL: `https://localhost:${nginx.port}/api/v1` });
    expect(statusesOf(checks)).toMatchObject({ network: 'ok', tls: 'failed', models: 'skipped', credits: 'skipped' });
    expect(checks.tls.message).toMatch(/No secure connection to localhost.*NODE_EXTRA_CA_CERTS.*\(.*UnknownIssuer\)/);
  });

  test('with a certificate whose authority is in NODE_EXTRA_CA_CERTS', async () => {
    const checks = await examine({ OPENROUTER_BASE_URL: `https://localhost:${nginx.port}/api/v1`, NODE_EXTRA_CA_CERTS: CA_FILE });
    expect(statusesOf(checks)).toEqual(all('ok'));
    expect(checks.tls.message).toBe('the certificate of localhost is valid');
  });
});

describe('the clock', () => {
  test.each([
    [HOUR, /^this machine is 3[56]\d\d s behind the API$/],
    [-HOUR, /^this machine is 3[56]\d\d s ahead of the API$/],
  ])('that is off by %d ms fails', async (offset, message) => {
    const checks = await examine(await startInFront((...args) => forward({ date: new Date(Date.now() + offset).toUTCString() })(...args)));
    expect(statusesOf(checks)).toEqual({ ...all('ok'), clock: 'failed' });
    expect(checks.clock).toMatchObject({ message: expect.stringMatching(message), advice: expect.stringMatching(/timedatectl/) });
  });

  test('that is off by some seconds is OK', async () => {
    const { clock } = await examine(await startInFront((...args) => forward({ date: new Date(Date.now() - 20_000).toUTCString() })(...args)));
    expect(clock).toMatchObject({ status: 'ok', message: expect.stringMatching(/^\d+ s ahead, which is tolerated$/) });
  });

  test('is skipped where no answer has a Date header', async () => {
    const withoutDate = (request, response) => {
      response.sendDate = false;
      return forward({})(request, response);
    };
    expect((await examine(await startInFront(withoutDate))).clock.status).toBe('skipped');
  });
});

describe('the account', () => {
  test.each([
    [0.5, 'warning', /red/],
    [0, 'failed', /red/],
  ])('with %d USD', async (credits, status, message) => {
    const poor = await startEmulator({ credits });
    servers.push(poor);
    const { credits: found } = await examine({ OPENROUTER_BASE_URL: poor.baseURL, OPENROUTER_API_KEY: 'sk-or-v1-management-canary' });
    expect(found).toMatchObject({ status, message: expect.stringMatching(message), advice: expect.stringMatching(/\S/) });
  });

  test('of a management key is a warning, because that key cannot chat', async () => {
    const { credits } = await examine({ OPENROUTER_API_KEY: 'sk-or-v1-management-canary' });
    expect(credits).toMatchObject({ status: 'warning', message: expect.stringMatching(/management key, which cannot chat/) });
  });

  test('of a key without a limit has an unknown balance, which is OK', async () => {
    const { credits } = await examine({ OPENROUTER_API_KEY: 'sk-or-v1-canary' });
    expect(credits).toMatchObject({ status: 'ok', message: expect.stringMatching(/this key has no limit/) });
  });

  test('without an endpoint that supports ZDR fails', async () => {
    const none = await startInFront(forward({}, (path, body) => (path.endsWith('/zdr') ? '{"data":[]}' : body)));
    const { zdr } = await examine(none);
    expect(zdr).toMatchObject({ status: 'failed', message: expect.stringMatching(/no endpoint that retains no data/) });
  });

  test.each([
    [404, 'Not found', 'skipped'],
    [403, 'No', 'warning'],
    [200, '<html>Hello</html>', 'warning'],
  ])('whose service answers %d in place of the ZDR endpoints passes, because chats work without that list', async (status, body, outcome) => {
    const other = await startInFront((request, response) => {
      if (request.path.endsWith('/zdr')) response.writeHead(status).end(body);
      else forward({})(request, response);
    });
    expect(statusesOf(await examine(other))).toEqual({ ...all('ok'), zdr: outcome });
  });

  test('without models fails', async () => {
    const none = await startInFront(forward({}, (path, body) => (path.endsWith('/models') ? '{"data":[]}' : body)));
    expect((await examine(none)).models).toMatchObject({ status: 'failed', message: 'the API returned an empty list' });
  });
});
