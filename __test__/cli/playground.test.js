'use strict';

const http = require('node:http');
const net = require('node:net');

const { Playground } = require('../../cli/playground/server.js');
const { start } = require('../support/command.js');
const { closedPort } = require('../support/closed-port.js');

/** Sends a request with exactly these headers, and resolves to its status, headers and body. */
function send(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = new URL(url);
    const request = http.request({ hostname, port, method, path: pathname + search, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('the server of the playground', () => {
  let playground;
  beforeAll(async () => { playground = await Playground.start({}); });
  afterAll(() => playground?.close());

  const at = (path) => new URL(path, playground.url).href;

  test.each(['', 'page.js', 'page.css', 'index.mjs', 'about.json', 'main/models', 'main/credits', 'low/credits'])('answers GET %s with a strict policy', async (path) => {
    const { status, headers, text } = await send(at(path));
    expect(status).toBe(200);
    expect(text.length).toBeGreaterThan(0);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';.* frame-ancestors 'none'; require-trusted-types-for 'script'/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin', 'cross-origin-opener-policy': 'same-origin' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('is on the loopback interface, with a new token of 192 bits in its address', async () => {
    expect(playground.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
    const other = await Playground.start({});
    expect(new URL(other.url).pathname).not.toBe(new URL(playground.url).pathname);
    await other.close();
  });

  test.each([
    ['no token', '/'], ['a wrong token', `/${'x'.repeat(32)}/main/models`], ['half of the token', (path) => path.slice(0, 20)], ['more than the token', (path) => `${path.slice(0, -1)}x/`],
    ['dots', '/../../etc/passwd'], ['an encoded path', '/%2e%2e/package.json'],
  ])('shows nothing to an address with %s', async (_, path) => {
    const url = new URL(playground.url);
    const { status, text } = await send(new URL(typeof path === 'function' ? path(url.pathname) : path, url).href);
    expect(status).toBe(404);
    expect(text).toMatch(/^There is nothing here/);
  });

  test.each(['//', '///evil.example', '/\\', '*', 'http://', 'http://[', '/%'])('answers the path %s, which is no address, with a 404', async (path) => {
    const { hostname, port, host } = new URL(playground.url);
    const socket = net.connect(port, hostname).setEncoding('utf8');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect((await socket.toArray()).join('')).toMatch(/^HTTP\/1\.1 404 /);
  });

  test.each(['package.json', '../package.json', 'page.js/', 'constructor', '__proto__', 'other/models', 'main'])('has no file %s', async (path) => {
    expect((await send(`${playground.url}${path}`)).status).toBe(404);
  });

  test.each([
    ['the name of another site that points to this machine', { Host: 'evil.example' }],
    ['such a name with the port', (port) => ({ Host: `evil.example:${port}` })],
    ['another port', { Host: '127.0.0.1:1' }],
    ['the origin of another site', (port) => ({ Host: `127.0.0.1:${port}`, Origin: 'https://evil.example' })],
    ['an opaque origin', (port) => ({ Host: `127.0.0.1:${port}`, Origin: 'null' })],
    ['another port of this machine as the origin', (port) => ({ Host: `127.0.0.1:${port}`, Origin: 'http://127.0.0.1:1' })],
    ['a request that another site made the browser send', (port) => ({ Host: `127.0.0.1:${port}`, 'Sec-Fetch-Site': 'cross-site' })],
  ])('refuses %s, even with the token', async (_, headers) => {
    const given = typeof headers === 'function' ? headers(playground.port) : headers;
    for (const [path, method] of [['', 'GET'], ['main/credits', 'GET'], ['main/chat/completions', 'POST']]) {
      const { status, text } = await send(at(path), { method, headers: given });
      expect([status, text.length > 0]).toEqual([403, true]);
    }
  });

  test('takes its own origin, by number and by name', async () => {
    for (const host of [`127.0.0.1:${playground.port}`, `localhost:${playground.port}`]) {
      const headers = { Host: host, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' };
      expect((await send(at('about.json'), { headers })).status).toBe(200);
    }
  });

  test('adds the slash that the page needs, and takes only GET for files', async () => {
    const { status, headers } = await send(playground.url.slice(0, -1));
    expect([status, headers.location]).toEqual([308, new URL(playground.url).pathname]);
    expect((await send(at('page.js'), { method: 'POST' })).status).toBe(405);
    expect((await send(at('page.js'), { method: 'HEAD' })).text).toBe('');
  });

  test('passes a chat to the emulator, with the faults that a scenario asks for', async () => {
    const chat = (extra) => send(at('main/chat/completions'), {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], ...extra }),
    });
    expect((await chat({ emulator: { text: 'Hello' } })).text).toContain('"content":"Hello"');
    expect((await chat({ emulator: { status: 402 } })).status).toBe(402);
  });

  test('has a second account with less than a dollar, from which its own chats pay', async () => {
    const creditsOf = async (name) => JSON.parse((await send(at(`${name}/credits?force=true`))).text);
    const main = await creditsOf('main');
    expect(main).toMatchObject({ level: 'green', low: false });
    expect(await creditsOf('low')).toMatchObject({ balance: 0.4, level: 'red', low: true });
    await send(at('low/chat/completions'), {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    expect((await creditsOf('low')).balance).toBeLessThan(0.4);
    expect((await creditsOf('main')).balance).toBe(main.balance);
  });

  test('rejects a port that is taken', async () => {
    await expect(Playground.start({ port: playground.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('openrouter-native playground', () => {
  let shown;
  afterEach(() => shown.child.kill());

  test('prints an address that works, and that the emulator answers', async () => {
    shown = start(['playground']);
    await shown.says(/Ctrl-C/);
    const [, url] = /^Open (\S+)$/m.exec(shown.stdout + shown.stderr);
    expect(shown.stdout + shown.stderr).toMatch(/There is no key, so the emulator answers/);
    expect(JSON.parse((await send(new URL('about.json', url).href)).text)).toMatchObject({ isEmulator: true, scenarios: expect.arrayContaining([expect.objectContaining({ id: 'fallback' })]) });
  });

  test('with a key talks to the API of the environment, offers no faults, and keeps the key', async () => {
    const key = 'sk-or-v1-secret-of-the-user';
    shown = start(['playground', '--json'], { env: { OPENROUTER_API_KEY: key, OPENROUTER_BASE_URL: `http://127.0.0.1:${await closedPort()}/api/v1` } });
    await shown.says(/\n/);
    const { url, emulator } = JSON.parse(shown.stdout);
    expect(emulator).toBe(false);
    const answers = await Promise.all(['', 'about.json', 'main/credits', 'page.js', 'low/credits'].map((path) => send(new URL(path, url).href)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 502, 200, 404]);
    expect(JSON.parse(answers[1].text)).toMatchObject({ isEmulator: false, scenarios: [] });
    expect(JSON.stringify(answers) + shown.stdout + shown.stderr).not.toContain(key);
  });

  test('talks to the emulator where that is asked for, although there is a key', async () => {
    shown = start(['playground', '--json', '--emulator'], { env: { OPENROUTER_API_KEY: 'sk-or-v1-x' } });
    await shown.says(/\n/);
    expect(JSON.parse(shown.stdout).emulator).toBe(true);
  });
});
