'use strict';

const diagnostics = require('node:diagnostics_channel');

const { OpenRouterClient, OpenRouterError } = require('../..');
const { startEmulator } = require('../../emulator');
const { cleanEnvironment, failureOf, shownOf } = require('../support/outcomes.js');
const { closedPort } = require('../support/closed-port.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');
const { until } = require('../support/until.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Hi' }];

let restoreEnvironment;
let emulator;
let elsewhere;
let server;
let keys = 0;
beforeAll(async () => { [emulator, elsewhere] = [await startEmulator({ showKeys: true }), await startEmulator({ showKeys: true })]; });
beforeEach(() => {
  emulator.reset();
  elsewhere.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(async () => {
  restoreEnvironment();
  await server?.close();
  server = undefined;
});
afterAll(() => Promise.all([emulator.close(), elsewhere.close()]));

function clientWith(options) {
  keys += 1;
  const logged = [];
  const log = (message, details) => logged.push(`${message} ${JSON.stringify(details)}`);
  const key = options?.apiKey ?? `sk-or-v1-limit-canary-${keys}`;
  const client = new OpenRouterClient({ baseURL: emulator.baseURL, maxRetries: 0, logger: { debug: log, info: log, warn: log, error: log }, ...options, apiKey: key });
  return Object.assign(client, { logged });
}
const ask = (client, params) => client.chatCompletion({ model: MODEL, messages, ...params });

/** Fails when the key is in the error or in a log line. */
function expectSecret(error, client, key = client.apiKey) {
  expect(error).toBeInstanceOf(OpenRouterError);
  expect(key.length).toBeGreaterThan(8);
  expect(shownOf(error)).not.toContain(key);
  expect(client.logged.join('\n')).not.toContain(key);
}

describe('a key that the server echoes is redacted', () => {
  test.each([400, 401, 402, 403, 404, 429, 500, 502, 503])('in an HTTP error %i', async (status) => {
    const client = clientWith();
    const error = await failureOf(ask(client, { emulator: { status, kind: 'echo-key' } }));
    expect(error.status).toBe(status);
    expect(JSON.stringify(error.data)).toContain('Bearer [REDACTED]');
    expectSecret(error, client);
  });

  test('in log lines and diagnostics channels, as the model, provider and id of a completion', async () => {
    const seen = [];
    const record = (message) => seen.push(JSON.stringify(message));
    const channels = ['openrouter:response', 'openrouter:stream:end'];
    for (const name of channels) diagnostics.subscribe(name, record);
    try {
      const id = 'sk-or-v1-limit-canary-echoed';
      server = await startAnsweringServer(() => answer(200, JSON.stringify({ id, model: id, provider: id, choices: [] }), { 'X-Generation-Id': id }));
      const client = clientWith({ apiKey: id, baseURL: server.baseURL, logger: { debug: record, info: record, warn: record, error: record } });
      expect((await ask(client, { provider: { only: ['x'] } })).model).toBe(id);
      await until(() => seen.some((line) => line.includes('Model used: [REDACTED]')) && seen.some((line) => line.includes('gen_ai.response.model')), 'all is logged');
      expect(seen.join()).not.toContain(id);
    } finally {
      for (const name of channels) diagnostics.unsubscribe(name, record);
    }
  });

  test.each([
    ["a gateway's key with punctuation", 'gateway/key+with=signs.and~more'],
    ['a key with a quote and a backslash', 'gateway"key\\with'],
    ['a short key', 'gatewaykey'],
  ])('also if it is %s', async (_, apiKey) => {
    server = await startAnsweringServer(({ head }) => answer(401, JSON.stringify({ error: { code: 401, message: `Bad ${/^authorization: (.*)$/im.exec(head)[1]}` } })));
    const client = clientWith({ apiKey, baseURL: server.baseURL });
    const error = await failureOf(ask(client));
    expect(error.data.error.message).toBe('Bad Bearer [REDACTED]');
    expectSecret(error, client);
  });

  const escaped = (key) => [...key].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  test.each([
    ['in HTML', (key) => [502, `<html><p>${key}</p></html>`]],
    ['cut off by the end of the snippet', (key) => [502, `${'x'.repeat(190)}${key}`]],
    ['cut off by the limit of 64 KiB', (key) => [500, JSON.stringify({ pad: 'x'.repeat(64 * 1024 - 20), key })]],
    ['in a field name', (key) => [400, JSON.stringify({ error: { message: 'x', metadata: { [key]: 1 } } })]],
    ['twice, in JSON within JSON', (key) => [502, JSON.stringify({ error: { message: key, metadata: { raw: JSON.stringify({ error: { message: `no ${key}` } }) } } })]],
    ['in headers', (key) => [500, '', { 'X-Request-Id': key, 'X-Generation-Id': key }]],
    ['in an error in a 200', (key) => [200, JSON.stringify({ error: { code: 401, message: `Bad ${key}` } })]],
    ['in a 200 that is not JSON', (key) => [200, `Bad ${key}`]],
    ['in an error of a stream', (key) => [200, `data: {"error":{"code":502,"message":"Bad ${key}","metadata":{"raw":"${key}"}}}\n\n`, { 'Content-Type': 'text/event-stream' }]],
    ['in an event that is not JSON', (key) => [200, `data: {"id":${key}}\n\n`, { 'Content-Type': 'text/event-stream' }]],
    ['with its letters escaped', (key) => [400, `{"error":{"code":400,"message":"Bad ${escaped(key)}","metadata":{"raw":"${escaped(key)}"}}}`]],
    ['with its slashes escaped', (key) => [400, `{"error":{"code":400,"message":"Bad ${key.replaceAll('/', '\\/')}"}}`], 'gateway/key/with/slashes'],
  ])('%s', async (_, make, apiKey = 'sk-or-v1-canary-0123456789abcdef') => {
    server = await startAnsweringServer(answer(...make(apiKey)));
    const client = clientWith({ apiKey, baseURL: server.baseURL });
    const stream = make(apiKey)[2]?.['Content-Type'] === 'text/event-stream';
    const error = await failureOf(ask(client, { stream }));
    expect(error.code).not.toBe('aborted');
    expectSecret(error, client);
    if (!stream) expectSecret(await failureOf(client.getModels(true)), client);
  });

  test('also if it is in an Authorization header of the options', async () => {
    const client = clientWith({ headers: { Authorization: 'Bearer sk-or-v1-other-canary' } });
    const error = await failureOf(ask(client, { emulator: { status: 500, kind: 'echo-key' } }));
    expect(emulator.requests[0].headers.authorization).toBe('Bearer sk-or-v1-other-canary');
    expectSecret(error, client, 'sk-or-v1-other-canary');
  });
});

describe('redirects', () => {
  const redirect = (status, location, more) => ({ emulator: { status, location, kind: 'html', ...more } });

  test.each([301, 302, 303, 307, 308])('a %i to another origin is not followed, and the key is not sent there', async (status) => {
    const client = clientWith();
    for (const location of [`${elsewhere.baseURL}/chat/completions`, `//127.0.0.1:${elsewhere.port}/x`, `http://localhost:${emulator.port}/x`, `http://canary@127.0.0.1:${elsewhere.port}/x`]) {
      const error = await failureOf(ask(client, redirect(status, location)));
      expect(error).toMatchObject({ status, message: expect.stringMatching(/redirect.*baseURL/) });
      expectSecret(error, client);
    }
    expect(emulator.requests).toHaveLength(4);
    expect(elsewhere.connections).toBe(0);
  });

  test('a redirect of a GET to another origin is not followed either', async () => {
    const client = clientWith({ headers: { 'X-Emulator': `status=302; location=${encodeURIComponent(`${elsewhere.baseURL}/models`)}` } });
    for (const call of [client.getModels(), client.getCredits(), client.getGeneration('gen-1')]) expectSecret(await failureOf(call), client);
    expect(elsewhere.connections).toBe(0);
  });

  test.each([307, 308])('a %i within the same origin is followed with the same method, body and key', async (status) => {
    const client = clientWith();
    const completion = await ask(client, redirect(status, '/api/v1/chat/completions?again=1', { times: 1, id: `same-${status}`, text: 'there' }));
    expect(completion.choices[0].message.content).toBe('there');
    const [first, second] = emulator.requests;
    expect(emulator.requests).toHaveLength(2);
    expect(second).toMatchObject({ method: 'POST', query: { again: '1' }, rawBody: first.rawBody });
    expect(second.headers.authorization).toBe(first.headers.authorization);
  });

  test('a second redirect to another origin is not followed either', async () => {
    server = await startAnsweringServer(({ lines }) => answer(307, '', { Location: lines[0].includes('/hop') ? `${elsewhere.baseURL}/models` : '/hop' }));
    const client = clientWith({ baseURL: server.baseURL });
    const error = await failureOf(ask(client));
    expect(error.status).toBe(307);
    expect(server.requests.map(({ lines }) => lines[0])).toEqual(['POST /api/v1/chat/completions HTTP/1.1', 'POST /hop HTTP/1.1']);
    expect(elsewhere.connections).toBe(0);
  });

  test('a redirect loop ends with an error', async () => {
    server = await startAnsweringServer(() => answer(307, '', { Location: '/api/v1/chat/completions' }));
    const error = await failureOf(ask(clientWith({ baseURL: server.baseURL })));
    expect(error.message).toMatch(/redirect.*baseURL/);
    // The fetch standard follows 20 redirects.
    expect(server.requests.length).toBeLessThanOrEqual(21);
  });
});

describe('a failure without a response', () => {
  /** Returns the error of a chat that is sent to a server that is not OpenRouter, and checks its stack. */
  async function failingAt(baseURL, options) {
    const client = clientWith({ baseURL, ...options });
    const error = await failureOf(ask(client));
    expectSecret(error, client);
    expect(error.status).toBeUndefined();
    expect(error.stack).toContain(__filename);
    return error;
  }

  test('is connection_failed where the connection is refused', async () => {
    const error = await failingAt(`http://127.0.0.1:${await closedPort()}/api/v1`);
    expect(error).toMatchObject({ code: 'connection_failed', message: expect.stringContaining('127.0.0.1') });
    expect(error.cause.message).toMatch(/^ECONNREFUSED/);
  });

  test('is connection_failed where the host does not exist', async () => {
    const error = await failingAt('https://nothing.invalid/api/v1');
    expect(error).toMatchObject({ code: 'connection_failed', message: expect.stringContaining('nothing.invalid') });
    expect(error.cause.message.length).toBeGreaterThan(0);
  });

  test('is tls_error where the port does not speak TLS', async () => {
    const error = await failingAt(`https://127.0.0.1:${emulator.port}/api/v1`);
    expect(error).toMatchObject({ code: 'tls_error', message: expect.stringMatching(/servers that speak TLS/) });
  });

  test('is proxy_error where the proxy is unreachable, without its password', async () => {
    const error = await failingAt(emulator.baseURL, { proxy: `http://user:hunter2@127.0.0.1:${await closedPort()}` });
    expect(error.code).toBe('proxy_error');
    expect(shownOf(error)).not.toContain('hunter2');
    expect(emulator.requests).toEqual([]);
  });

  test.each(['fin', 'reset'])('is connection_reset where the server closes the connection (%s)', async (drop) => {
    const client = clientWith();
    const error = await failureOf(ask(client, { emulator: { drop } }));
    expect(error.code).toBe('connection_reset');
    expectSecret(error, client);
  });

  test('is malformed_response, not connection_reset, where the server speaks another protocol', async () => {
    server = await startAnsweringServer('SSH-2.0-OpenSSH_9.6\r\n\r\n');
    expect((await failingAt(server.baseURL)).code).toBe('malformed_response');
  });
});
