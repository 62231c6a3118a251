'use strict';

// `openrouterHandler` as servers call it: with a `Request`, for a `Response`.
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { inspect } = require('node:util');

const { OpenRouterError } = require('../..');
const adapter = require('../../adapters/handler');
const { startEmulator } = require('../../emulator');
const { ROOT, runNode } = require('../support/process');
const { chatBody, eventsOf, newClient, recordingLogger } = require('../express/support/express-app');
const { failureOf } = require('../support/outcomes');
const { contentOf } = require('../support/streaming');
const { App, MOUNT } = require('../express/support/express-app');
const { HOSTS, userOf } = require('./support/doors');

const { nodeListener, openrouterHandler } = adapter;
const trouble = [];
const note = (error) => trouble.push(error);
const log = recordingLogger();
let emulator;
let client;
beforeAll(async () => {
  process.on('unhandledRejection', note);
  emulator = await startEmulator();
  client = newClient(emulator);
});
beforeEach(() => {
  emulator.reset();
  log.lines.length = 0;
});
afterEach(() => expect(trouble).toEqual([]));
afterAll(async () => {
  process.off('unhandledRejection', note);
  await emulator.close();
});

const handlerWith = (options = {}) => openrouterHandler({ ...(options.getClient ? {} : { client }), auth: () => true, logger: log, ...options });
const get = (route, init) => new Request(`http://host.test/api${route}`, init);
const chat = (params, init) => get('/chat/completions', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(chatBody(params)), ...init });
const refused = (code, message, name) => ({ error: { code, message, metadata: { code: name } } });

describe('a Request becomes a Response', () => {
  test('as a route handler of Next.js, which passes more arguments', async () => {
    const handler = handlerWith();
    const [GET, POST] = [handler, handler];
    const parameters = { params: Promise.resolve({ path: ['chat', 'completions'] }) };
    const answer = await POST(chat({ stream: true, emulator: { text: 'Bees are busy', chunks: 3 } }), parameters);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(contentOf(eventsOf(await answer.text()).slice(0, -1))).toBe('Bees are busy');
    expect((await (await GET(get('/credits'), parameters)).json()).currency).toBe('USD');
  });

  test('whose body is handed on while it arrives, and no faster than it is read', async () => {
    const { body } = await handlerWith()(chat({ stream: true, emulator: { text: 'first second', chunks: 2, stall: 1 } }));
    const reader = body.getReader();
    let text = '';
    while (!text.includes('first')) text += Buffer.from((await reader.read()).value).toString();
    await reader.cancel();
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('an aborted request.signal ends the request to the API, and fails a body that is being read', async () => {
    const controller = new AbortController();
    const { body } = await handlerWith()(chat({ stream: true, emulator: { text: 'first second', chunks: 2, stall: 1 } }, { signal: controller.signal }));
    const reader = body.getReader();
    await reader.read();
    const rest = (async () => { while (!(await reader.read()).done); })();
    controller.abort();
    expect((await failureOf(() => rest)).name).toBe('AbortError');
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test('an aborted request.signal before the answer settles the promise, and ends the request to the API', async () => {
    const controller = new AbortController();
    const answered = handlerWith()(chat({ emulator: { delay: 60_000 } }, { signal: controller.signal }));
    const record = await emulator.waitForRequest();
    controller.abort();
    expect((await answered).status).toBe(499);
    expect((await record.closed).by).toBe('client');
    expect(log.lines).toEqual([['debug', '[OpenRouter] POST /chat/completions: the browser has left', expect.anything()]]);
  });

  test('an already aborted request causes no API request', async () => {
    expect((await handlerWith()(chat({}, { signal: AbortSignal.abort() }))).status).toBe(499);
    expect(emulator.requests).toHaveLength(0);
  });

  test('leaves no listener on the signal of the request', async () => {
    const { signal } = new AbortController();
    const request = chat({ stream: true });
    Object.defineProperty(request, 'signal', { value: signal });
    const counts = { addEventListener: 0, removeEventListener: 0 };
    for (const name of Object.keys(counts)) {
      const original = signal[name].bind(signal);
      signal[name] = (...args) => { counts[name] += 1; original(...args); };
    }
    const answer = await handlerWith()(request);
    await answer.text();
    await null;
    expect(counts).toEqual({ addEventListener: 1, removeEventListener: 1 });
  });
});

describe('auth', () => {
  test.each([undefined, null, false, '', 0])('that returns %p admits nobody, whatever the path and the method', async (user) => {
    const handler = handlerWith({ auth: async () => user });
    for (const request of [get('/credits'), get('/models'), get('/models/endpoints?model=a/b'), get('/providers'), get('/generation?id=x'), get('/models', { method: 'PUT' }), chat()]) {
      const answer = await handler(request);
      expect([answer.status, await answer.json()]).toEqual([401, refused(401, 'You are not signed in, or may not use this.', 'unauthorized')]);
    }
    expect(emulator.requests).toHaveLength(0);
  });

  test.each([
    ['throws', () => { throw new Error('sk-or-v1-canary-of-bob'); }],
    ['rejects', async () => { throw new Error('sk-or-v1-canary-of-bob'); }],
    ['rejects with undefined', () => Promise.reject(undefined)],
  ])('that %s admits nobody, and its error is in no answer', async (_how, auth) => {
    const answer = await handlerWith({ auth })(chat());
    expect([answer.status, await answer.json()]).toEqual([500, refused(500, 'Internal Server Error', 'internal_error')]);
    expect(inspect(log.lines, { depth: 9 })).not.toContain('canary');
    expect(emulator.requests).toHaveLength(0);
  });

  test('that throws an error with a status is answered with it', async () => {
    const auth = () => { throw Object.assign(new Error('no session'), { status: 403 }); };
    expect((await handlerWith({ auth })(chat())).status).toBe(403);
  });

  test('gets the request before its body is read, and may read that of a clone', async () => {
    const auth = async (request) => JSON.parse(await request.clone().text()).user;
    expect((await handlerWith({ auth })(chat({ user: 'ann' }))).status).toBe(200);
    const greedy = await handlerWith({ auth: async (request) => { await request.text(); return true; } })(chat());
    expect([greedy.status, (await greedy.json()).error.metadata.code]).toEqual([500, 'invalid_option']);
    expect(log.lines.at(-1)[1]).toMatch(/auth must read that of request\.clone\(\)/);
  });

  test.each(HOSTS)('under %s: a Response that it returns is sent as it is, and nothing else happens', async (_name, start) => {
    const auth = () => new Response('Sign in', { status: 302, headers: [['Location', '/login'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']] });
    const server = await start({ client, auth });
    const { status, headers, text } = await server.chat();
    expect([status, headers.location, headers['set-cookie'], text]).toEqual([302, '/login', ['a=1', 'b=2'], 'Sign in']);
    expect(emulator.requests).toHaveLength(0);
    await server.close();
  });

  test('is not asked for OPTIONS, nor for a path that is not there', async () => {
    const handler = handlerWith({ auth: () => { throw new Error('asked'); } });
    expect((await handler(get('/models', { method: 'OPTIONS' }))).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect((await handler(get('/other'))).status).toBe(404);
  });
});

test('getClient gets the request, the user and the parameters', async () => {
  const seen = [];
  const getClient = (request, { user, params }) => {
    seen.push([request.method, user.id, params?.model]);
    return client;
  };
  const handler = handlerWith({ getClient, auth: () => ({ id: 7 }) });
  expect([(await handler(chat())).status, (await handler(get('/models'))).status]).toEqual([200, 200]);
  expect(seen).toEqual([['POST', 7, 'openai/gpt-5-mini'], ['GET', 7, undefined]]);
});

test('the ids of the last 10,000 answers are kept', async () => {
  const { Generations, userOf: nameOf } = require('../../adapters/handler/generations.js');
  const kept = new Generations();
  for (let at = 0; at <= 10_000; at += 1) kept.add('ann', `gen-${at}`);
  kept.add('bob', 'gen-10000');
  expect([kept.has('ann', 'gen-0'), kept.has('ann', 'gen-1'), kept.has('ann', 'gen-2')]).toEqual([false, false, true]);
  expect([kept.has('ann', 'gen-10000'), kept.has('bob', 'gen-10000'), kept.has('bob', 'gen-2')]).toEqual([true, true, false]);
  expect(['ann', 7, { id: 'ann' }, { id: 7 }, { id: {} }, {}, true, null, ''].map(nameOf)).toEqual(['ann', '7', 'ann', '7', undefined, undefined, undefined, undefined, undefined]);
});

describe('the base path', () => {
  test.each([
    [undefined, '/api/openrouter/credits', 200],
    [undefined, '/credits', 200],
    [undefined, '/credits/', 200],
    [undefined, '//credits', 200],
    [undefined, '/a/models/endpoints?model=openai/gpt-5-mini', 200],
    [undefined, '/xcredits', 404],
    [undefined, '/credits/x', 404],
    ['/api', '/api/credits', 200],
    ['/api/', '/api/credits', 200],
    ['/', '/credits', 200],
    ['/api', '/credits', 404],
    ['/api', '/api/x/credits', 404],
    ['/api', '/apix/credits', 404],
    ['/api', '/api', 404],
  ])('basePath %p: %s is answered %i', async (basePath, route, status) => {
    const answer = await handlerWith({ basePath })(new Request(`http://host.test${route}`));
    expect(answer.status).toBe(status);
    if (status === 404) expect(await answer.json()).toEqual(refused(404, 'There is nothing at this path.', 'not_found'));
  });
});

describe('openrouterHandler() throws', () => {
  test.each([undefined, null, true, 'x', [() => true]])('when auth is %p', async (auth) => {
    const error = await failureOf(() => openrouterHandler({ client, auth }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect([error.code, error.message]).toEqual([
      'invalid_option',
      'Invalid option auth of openrouterHandler: expected a function of the request that returns the user, or true, for those who may spend your credits.',
    ]);
  });

  test.each([
    ['client', {}],
    ['client', { client: 'sk-or-v1-canary' }],
    ['getClient', { client: null, getClient: 'sk-or-v1-canary' }],
    ['limit', () => ({ client, limit: -1 })],
    ['basePath', () => ({ client, basePath: 'api' })],
    ['basePath', () => ({ client, basePath: '/api?x' })],
    ['mayReadGeneration', () => ({ client, mayReadGeneration: true })],
    ['allow.models', () => ({ client, allow: { models: 'openai/*' } })],
    ['limits.max_price.prompt', () => ({ client, limits: { max_price: { prompt: '1' } } })],
  ])('when %s is invalid, and the message does not show the value', async (name, options) => {
    const error = await failureOf(() => openrouterHandler({ auth: () => true, ...(typeof options === 'function' ? options() : options) }));
    expect([error.code, error.message.startsWith(`Invalid option ${name} of openrouterHandler: expected `)]).toEqual(['invalid_option', true]);
    expect(error.message).not.toMatch(/canary/);
  });

  test('when an option is unknown', async () => {
    const error = await failureOf(() => openrouterHandler({ client, auth: () => true, basepath: '/x' }));
    expect([error.code, /basePath/.test(error.message)]).toEqual(['invalid_option', true]);
  });
});

describe('nodeListener', () => {
  test.each([undefined, null, () => {}, {}])('refuses %p, which is no handler', async (given) => {
    expect((await failureOf(() => nodeListener(given))).message).toBe('Invalid option handler of nodeListener: expected what openrouterHandler returns.');
  });

  test.each(['GET //elsewhere.test/credits', 'GET http://elsewhere.test/credits', 'GET /credits'])('answers the request line "%s", whatever host it names', async (line) => {
    const server = http.createServer(nodeListener(handlerWith())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.end(`${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect((await socket.setEncoding('utf8').toArray()).join('')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"currency":"USD"/);
    server.close();
  });

  test.each(['TRACE /credits HTTP/1.1\r\nHost: x', 'GET /credits HTTP/1.1\r\nHost: a b'])('answers 400 to what no Request can be: %j', async (head) => {
    const server = http.createServer(nodeListener(handlerWith())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.end(`${head}\r\nConnection: close\r\n\r\n`);
    const text = (await socket.setEncoding('utf8').toArray()).join('');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.split('\r\n\r\n')[1])).toEqual(refused(400, 'The address, a header or the method of the request cannot be used.', 'invalid_request'));
    server.close();
  });

  test('keeps the connection for the next request, also after a refused body', async () => {
    const server = await App.listen(nodeListener(handlerWith({ auth: userOf, limit: 1000, basePath: MOUNT })));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const statuses = [];
    const ports = new Set();
    for (const size of [10_000_000, 10, 5000]) {
      const request = http.request({ port: server.port, host: '127.0.0.1', agent, method: 'POST', path: `${MOUNT}/chat/completions`, headers: { 'Content-Type': 'application/json' } });
      request.end(JSON.stringify({ messages: 'x'.repeat(size) }));
      const [response] = await once(request, 'response');
      ports.add(response.socket.localPort);
      await response.toArray();
      statuses.push(response.statusCode);
    }
    agent.destroy();
    await server.close();
    expect([statuses, ports.size]).toEqual([[413, 400, 413], 1]);
  });
});

test('both import and require find the entry, and it loads no server', async () => {
  expect(Object.keys(adapter)).toEqual(['nodeListener', 'openrouterHandler']);
  const program = "import * as all from 'openrouter-native/handler'; import { createRequire } from 'node:module'; console.log(typeof all.openrouterHandler, typeof all.nodeListener, Object.keys(createRequire(import.meta.url).cache).filter((name) => /node_modules.(express|hono)/.test(name)).length)";
  expect((await runNode(['--input-type=module', '-e', program])).stdout).toBe('function function 0\n');
});

test('handler-user.ts compiles under strict settings, and the compiler reports each mistake in it', () => {
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const user = path.join(__dirname, 'support', 'handler-user.ts');
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUnusedLocals', '--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'];
  expect(execFileSync(process.execPath, [tsc, ...options, user], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' })).toBe('');
});
