'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const https = require('node:https');

const { OpenRouterClient, OpenRouterError, getStats } = require('../..');
const { CA_FILE, IDENTITY } = require('../support/certificates.js');
const { closedPort } = require('../support/closed-port.js');
const { environmentWith } = require('../support/environment.js');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { ROOT } = require('../support/process.js');
const { FIN, HOLD, RST, answer, startAnsweringServer, startByteServer } = require('../support/servers/byte-server.js');

const REQUESTS = 1000;
const COMPLETION = JSON.stringify({ id: 'gen-1', model: 'a/b', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] });
const MODELS = '{"data":[{"id":"a/b"}]}';

let restoreEnvironment;
let pools = 0;
beforeEach(() => { restoreEnvironment = cleanEnvironment(); });
afterEach(() => restoreEnvironment());

/** Returns a client with a connection pool of its own: pools are shared by settings, so the connect timeout is unique. */
function clientOf(baseURL, options = {}) {
  pools += 1;
  const timeouts = { connect: 11_000 + pools, ...options.timeouts };
  return new OpenRouterClient(`sk-or-v1-connections-${pools}`, { baseURL, ...options, timeouts });
}

const chat = (client, more) => client.chatCompletion({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }], ...more });
const bodyOf = ({ head }) => (head.startsWith('GET') ? MODELS : COMPLETION);
const whole = (text) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

describe(`${REQUESTS} requests over connections that the server closes`, () => {
  test.each([['GET', (client) => client.getModels(true)], ['POST', (client, number) => chat(client, { seed: number })]])(
    '%s: a request on a closed connection is sent once more, none fails and none is answered twice',
    async (method, ask) => {
      const answered = [];
      const server = await startByteServer((request) => {
        const { connection } = request;
        connection.requests = (connection.requests ?? 0) + 1;
        // The second request on a connection finds it closed, by an orderly close or by a reset.
        if (connection.requests > 1) return [server.connections.length % 2 === 0 ? FIN : RST];
        answered.push(method === 'POST' ? request.json.seed : answered.length);
        return [whole(bodyOf(request))];
      });
      try {
        const before = getStats().retries;
        const client = clientOf(server.baseURL);
        for (let number = 0; number < REQUESTS; number += 1) await ask(client, number);
        expect(answered).toEqual(Array.from({ length: REQUESTS }, (_, number) => number));
        expect(getStats().retries - before).toBe(REQUESTS - 1);
      } finally {
        await server.close();
      }
    },
  );

  test('after a few idle milliseconds, just when the next request is sent: no GET fails and no POST is executed twice', async () => {
    const executed = new Map();
    const server = http.createServer({ keepAliveTimeout: 4 }, async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const id = request.method === 'POST' ? JSON.parse(body).seed : null;
      if (id !== null) executed.set(id, (executed.get(id) ?? 0) + 1);
      response.setHeader('Content-Type', 'application/json');
      response.end(request.method === 'POST' ? COMPLETION : MODELS);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const failures = { GET: [], POST: [] };
      let number = 0;
      const lane = async (at) => {
        const client = clientOf(`http://127.0.0.1:${server.address().port}/api/v1`);
        while (number < 2 * REQUESTS) {
          number += 1;
          const seed = number;
          const [method, asked] = seed % 2 ? ['GET', client.getModels(true)] : ['POST', chat(client, { seed })];
          await asked.catch((error) => failures[method].push(error));
          // Wait until about the moment at which the server closes the connection.
          await new Promise((resolve) => { setTimeout(resolve, 2 + ((seed + at) % 5)); });
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, at) => lane(at)));
      expect(failures.GET).toEqual([]);
      expect([...executed].filter(([, times]) => times > 1)).toEqual([]);
      // A POST that may have been executed is not sent again. Its only error is that the connection was lost.
      for (const { code } of failures.POST) expect(code).toBe('connection_reset');
      expect(executed.size + failures.POST.length).toBeGreaterThanOrEqual(REQUESTS);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe('a failure of the network', () => {
  /**
   * What happens, how to make it happen, and the `[code, errno, phase]` of the error. The second part returns the options of a
   * client and the `server` to close; without a base URL it is that of the server.
   */
  const FAILURES = [
    ['a refused connection', async () => ({ baseURL: `http://127.0.0.1:${await closedPort()}/api/v1` }), ['connection_failed', 'ECONNREFUSED', undefined]],
    ['a name that does not exist', async () => ({ baseURL: 'https://nothing.invalid/api/v1' }), ['connection_failed', 'ENOTFOUND', undefined]],
    ['a certificate of an unknown authority', async () => {
      const server = https.createServer({ key: IDENTITY, cert: IDENTITY }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { baseURL: `https://localhost:${server.address().port}/api/v1`, server };
    }, ['tls_error', undefined, undefined]],
    ['a reset', async () => ({ server: await startByteServer(() => [RST]) }), ['connection_reset', 'ECONNRESET', undefined]],
    ['a proxy that wants a password', async () => {
      const server = await startAnsweringServer(answer(407));
      return { baseURL: 'https://openrouter.invalid/api/v1', proxy: `http://127.0.0.1:${server.port}`, server };
    }, ['proxy_error', undefined, undefined]],
    ['no answer in time', async () => ({ server: await startByteServer(() => [HOLD]), timeouts: { headers: 80 } }), ['timeout', undefined, 'headers']],
    ['something that is not HTTP', async () => ({ server: await startByteServer(() => ['SSH-2.0-OpenSSH_9.6\r\n\r\n', FIN]) }), ['malformed_response', 'HPE_INVALID_CONSTANT', undefined]],
    ['a stream that is cut', async () => ({
      server: await startByteServer(() => ['HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n', FIN]),
    }), ['stream_truncated', undefined, undefined]],
  ];

  test.each(FAILURES)('%s has its own code and errno, a cause, and a stack that names the caller', async (_what, start, expected) => {
    const { server, baseURL = server.baseURL, ...options } = await start();
    try {
      const error = await failureOf(chat(clientOf(baseURL, { maxRetries: 0, ...options }), { stream: true }));
      expect(error).toBeInstanceOf(OpenRouterError);
      expect(error).toBeInstanceOf(Error);
      expect(error.stack).toContain(__filename);
      expect([error.code, error.errno, error.phase]).toEqual(expected);
      if (!['timeout', 'stream_truncated'].includes(error.code)) expect(error.cause.message.length).toBeGreaterThan(0);
    } finally {
      await server?.close();
    }
  });
});

// Needs root: the child gets a mount namespace of its own, in which the folders of certificate authorities are empty.
const canHide = process.platform === 'linux' && spawnSync('unshare', ['-m', 'true']).status === 0;
(canHide ? test : test.skip)('requests work on a system without certificate authorities, and the option ca is trusted', async () => {
  const server = https.createServer({ key: IDENTITY, cert: IDENTITY }, (_, response) => response.setHeader('Content-Type', 'application/json').end(MODELS));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const script = `
    const fs = require('node:fs');
    const { OpenRouterClient } = require(${JSON.stringify(ROOT)});
    const baseURL = 'https://localhost:${server.address().port}/api/v1';
    const ca = fs.readFileSync(${JSON.stringify(CA_FILE)}, 'utf8');
    (async () => {
      const models = await new OpenRouterClient('sk-or-v1-x', { baseURL, ca }).getModels();
      const refused = await new OpenRouterClient('sk-or-v1-x', { baseURL }).getModels(true).catch(({ code }) => code);
      console.log(JSON.stringify([fs.readdirSync('/etc/ssl'), models, refused]));
    })();`;
  const hide = 'for folder in /etc/ssl /etc/pki /usr/share/ca-certificates; do [ ! -d $folder ] || mount -t tmpfs none $folder; done';
  const child = spawn('unshare', ['-m', 'sh', '-c', `${hide}; exec "$0" -e "$1"`, process.execPath, script], { env: environmentWith(), stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const printed = [];
    child.stdout.on('data', (bytes) => printed.push(bytes));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(JSON.parse(Buffer.concat(printed))).toEqual([[], [{ id: 'a/b' }], 'tls_error']);
  } finally {
    child.kill();
    server.close();
  }
});
