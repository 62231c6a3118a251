'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { OpenRouterClient, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { CLOSE_MS } = require('../support/limits.js');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { CA, CA_FILE } = require('../support/certificates.js');
const { PASSWORD, USER, hasPrograms, startMicrosocks, startNginx, startTinyproxy } = require('../support/programs.js');
const { until } = require('../support/until.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Hi' }];
const TEXT = 'one два 🌍 three';

let restoreEnvironment;
let emulator;
let nginx;
let keys = 0;

// The programs come from Debian packages, which `npm test` installs where it may. Without them the tests are skipped.
const withPrograms = hasPrograms ? describe : describe.skip;

beforeAll(async () => { emulator = await startEmulator({ directives: { text: TEXT, chunks: 4 } }); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(() => restoreEnvironment());
afterAll(() => emulator.close());

function clientOf(server, options) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-limit-programs-${keys}`, { baseURL: `https://localhost:${server.port}/api/v1`, ca: CA, maxRetries: 0, ...options });
}
const ask = (client, params) => client.chatCompletion({ model: MODEL, messages, ...params });
const textOf = async (client, params) => {
  let text = '';
  for await (const piece of (await ask(client, { stream: true, ...params })).text()) text += piece;
  return text;
};
const linesOf = (server, count) => until(() => {
  const lines = server.read('access.log').trim().split('\n').filter(Boolean);
  return lines.length >= count && lines;
}, `${count} requests are in the log`);

withPrograms('behind nginx with TLS', () => {
  beforeEach(async () => { nginx = await startNginx(emulator.port); });
  afterEach(() => nginx.stop());

  test('chats, streams, credits and models go over one HTTP/2 connection, compressed', async () => {
    const client = clientOf(nginx);
    expect(await textOf(client)).toBe(TEXT);
    expect((await ask(client)).choices[0].message.content).toBe(TEXT);
    expect((await client.getModels(true)).length).toBeGreaterThan(10);
    expect((await client.getCredits(true)).balance).toEqual(expect.any(Number));
    const lines = await linesOf(nginx, 4);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(Array(lines.length).fill('HTTP/2.0'));
    expect(new Set(lines.map((line) => line.split(' ').at(-1))).size).toBe(1);
    expect(emulator.requests[0].headers['accept-encoding']).toContain('gzip');
  });

  test('createFetch uses HTTP/2 and decompresses too', async () => {
    const response = await createFetch({ ca: CA })(`https://localhost:${nginx.port}/api/v1/models`, { headers: { authorization: 'Bearer sk-or-v1-limit-x' } });
    expect(response.headers.get('content-encoding')).toBeNull();
    expect((await response.json()).data.length).toBeGreaterThan(10);
    expect((await linesOf(nginx, 1))[0]).toMatch(/^HTTP\/2\.0 GET \/api\/v1\/models 200/);
  });

  test('HTTP/1.1 is used with a server that has no HTTP/2', async () => {
    const old = await startNginx(emulator.port, '');
    try {
      expect(await textOf(clientOf(old))).toBe(TEXT);
      expect((await linesOf(old, 1))[0]).toMatch(/^HTTP\/1\.1 POST/);
    } finally {
      await old.stop();
    }
  });

  test('an abort closes the upstream request, and a stream on the same connection goes on', async () => {
    const client = clientOf(nginx);
    const other = await ask(client, { stream: true, emulator: { chunks: 40, gap: 20 } });
    const stream = await ask(client, { stream: true, emulator: { stall: 2 } });
    const reading = failureOf(stream.finalCompletion());
    const aborted = performance.now();
    stream.abort();
    expect((await reading).name).toBe('AbortError');
    const { by } = await emulator.requests[1].closed;
    expect(by).toBe('client');
    expect(performance.now() - aborted).toBeLessThan(CLOSE_MS);
    expect((await other.finalCompletion()).choices[0].message.content).toBe(TEXT);
  });

  test('the next request works after a reload, which closes every idle connection', async () => {
    // A request that is sent at the moment of the reload is refused without being processed, and is then sent again.
    const client = clientOf(nginx, { maxRetries: 2 });
    expect(await textOf(client)).toBe(TEXT);
    const before = (await linesOf(nginx, 1))[0].split(' ').at(-1);
    nginx.reload();
    // The old worker process serves until the new one has started.
    const lines = await until(async () => {
      expect((await client.getModels(true)).length).toBeGreaterThan(10);
      const all = await linesOf(nginx, 2);
      return all.at(-1).split(' ').at(-1) !== before && all;
    }, 'a new connection serves');
    for (const line of lines) expect(line).toMatch(/ 200 \d+$/);
  });

  test('100 concurrent streams all arrive complete', async () => {
    const client = clientOf(nginx);
    const texts = await Promise.all(Array.from({ length: 100 }, () => textOf(client, { emulator: { gap: 10 } })));
    expect(new Set(texts)).toEqual(new Set([TEXT]));
    expect(emulator.requests).toHaveLength(100);
  });

  describe('its certificate authority is trusted when it is given by', () => {
    test.each([
      ['NODE_EXTRA_CA_CERTS', () => CA_FILE],
      ['SSL_CERT_FILE', () => CA_FILE],
      ['SSL_CERT_DIR', () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'roots-'));
        fs.copyFileSync(CA_FILE, path.join(folder, 'company.pem'));
        return folder;
      }],
    ])('%s', async (name, place) => {
      const saved = process.env[name];
      process.env[name] = place();
      try {
        // Pools are shared by settings. A timeout of its own gives this client a new pool, which reads the authorities anew.
        expect(await textOf(clientOf(nginx, { ca: undefined, timeouts: { connect: 9_000 + keys } }))).toBe(TEXT);
      } finally {
        if (saved === undefined) delete process.env[name];
        else process.env[name] = saved;
      }
    });

    test('none of these: the chat is tls_error, which names the remedies, and no request is sent', async () => {
      const error = await failureOf(textOf(clientOf(nginx, { ca: undefined, timeouts: { connect: 8_999 } })));
      expect(error.code).toBe('tls_error');
      expect(error.message).toMatch(/NODE_EXTRA_CA_CERTS/);
      expect(emulator.requests).toEqual([]);
    });
  });
});

withPrograms('through a proxy that requires a password', () => {
  const address = (scheme, port, password = PASSWORD) => `${scheme}://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  const PROXIES = [['tinyproxy', 'http', startTinyproxy], ['microsocks', 'socks5', startMicrosocks], ['microsocks, which resolves the host name', 'socks5h', startMicrosocks]];

  describe.each(PROXIES)('%s', (_name, scheme, startProxy) => {
    let proxy;
    beforeAll(async () => {
      nginx = await startNginx(emulator.port);
      proxy = await startProxy();
    });
    afterAll(() => Promise.all([nginx.stop(), proxy.stop()]));

    test.each(['https', 'http'])('chats and streams work over %s', async (kind) => {
      const baseURL = kind === 'https' ? `https://localhost:${nginx.port}/api/v1` : emulator.baseURL;
      // tinyproxy closes the connection after each response, so the next request may need a retry.
      const client = clientOf(nginx, { baseURL, proxy: address(scheme, proxy.port), maxRetries: 1 });
      expect(await textOf(client)).toBe(TEXT);
      expect((await ask(client)).choices[0].message.content).toBe(TEXT);
      expect(emulator.requests).toHaveLength(2);
      for (const { headers } of emulator.requests) expect(headers).not.toHaveProperty('proxy-authorization');
    });

    test('a wrong password is a proxy_error that hides the password, and no request is sent', async () => {
      const error = await failureOf(ask(clientOf(nginx, { proxy: address(scheme, proxy.port, 'wrong-canary') })));
      expect(error.code).toBe('proxy_error');
      expect(shownOf(error)).not.toContain('canary');
      expect(emulator.requests).toEqual([]);
    });

    test('an abort closes the upstream request', async () => {
      const stream = await ask(clientOf(nginx, { proxy: address(scheme, proxy.port) }), { stream: true, emulator: { stall: 2 } });
      stream.abort();
      expect((await emulator.requests[0].closed).by).toBe('client');
    });
  });
});
