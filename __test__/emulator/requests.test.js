'use strict';

// The records of the requests that an emulator received.
const { createHash } = require('node:crypto');

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { KEY, ask } = require('./support/ask.js');

let emulator;
afterEach(() => emulator?.close());
const start = async (options) => { emulator = await startEmulator(options); };

test('a record has the request, and what became of it', async () => {
  await start({ directives: { text: 'one two three' } });
  const client = new OpenRouterClient(KEY, { baseURL: emulator.baseURL });
  const messages = [{ role: 'user', content: 'Hi\n/emulate gap=0' }];
  const stream = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages, stream: true });
  await stream.finalCompletion();
  const [request] = emulator.requests;
  await request.closed;
  expect(request).toMatchObject({
    method: 'POST', path: '/api/v1/chat/completions', query: {}, prompt: 'Hi', body: { model: 'openai/gpt-5-mini', messages, stream: true },
    rawBody: JSON.stringify(request.body), directives: { text: 'one two three', gap: 0 }, status: 200, finished: true, closedBy: 'server', deltas: 3,
    generationId: stream.generationId, connectionId: expect.any(Number), bytesWritten: expect.any(Number),
  });
  expect(request.closedAt).toBeGreaterThanOrEqual(request.startedAt);
});

test('keys are redacted, but their digest is there; showKeys shows them', async () => {
  const headers = { 'X-API-Key': 'sk-or-secret', 'Proxy-Authorization': 'Basic c2VjcmV0', Cookie: 'a=secret' };
  const recordOf = async (options, ...given) => {
    await start(options);
    await (await ask(emulator, {}, ...given)).text();
    const [request] = emulator.requests;
    await emulator.close();
    return request;
  };
  const redacted = await recordOf({}, { headers });
  expect(redacted.headers).toMatchObject({ authorization: 'Bearer [REDACTED]', 'x-api-key': '[REDACTED]', 'proxy-authorization': 'Basic [REDACTED]', cookie: '[REDACTED]' });
  expect(redacted.keyDigest).toBe(createHash('sha256').update(KEY).digest('hex'));
  expect(JSON.stringify(redacted)).not.toMatch(new RegExp(`${KEY}|secret|c2VjcmV0`));
  expect((await recordOf({ showKeys: true })).headers.authorization).toBe(`Bearer ${KEY}`);
  const without = await recordOf({}, { key: '' });
  expect([without.keyDigest, without.headers.authorization, without.status]).toEqual([null, undefined, 401]);
});

test('an aborted request is recorded as closed by the client', async () => {
  await start({ directives: { stall: 1 } });
  const abort = new AbortController();
  await ask(emulator, { stream: true }, { signal: abort.signal });
  const request = await emulator.nextRequest();
  abort.abort();
  expect(await request.closed).toMatchObject({ by: 'client' });
  expect(request).toMatchObject({ closedBy: 'client', finished: false, status: 200 });
});

test('a predicate that throws fails its own wait, and no request', async () => {
  await start();
  const waiting = emulator.waitForRequest(({ body }) => body.messages.length > 5).catch((error) => error);
  expect((await fetch(`${emulator.baseURL}/models`)).status).toBe(200);
  expect(await waiting).toBeInstanceOf(TypeError);
  await expect(emulator.waitForRequest(({ body }) => body.messages.length > 5)).rejects.toThrow(TypeError);
});

describe('nextRequest()', () => {
  const get = (name) => fetch(`${emulator.baseURL}/${name}`).then((response) => response.text());

  test('gives each request once, in their order, to the calls in theirs', async () => {
    await start();
    await get('models');
    await get('providers');
    const past = [await emulator.nextRequest(), await emulator.nextRequest()];
    const coming = [emulator.nextRequest(), emulator.nextRequest()];
    await get('endpoints/zdr');
    await get('nowhere');
    const paths = [...past, ...(await Promise.all(coming))].map(({ path }) => path.replace('/api/v1/', ''));
    expect(paths).toEqual(['models', 'providers', 'endpoints/zdr', 'nowhere']);
  });

  test('rejects after its timeout, by its signal, and when the emulator closes', async () => {
    await start();
    await expect(emulator.nextRequest({ timeout: 1 })).rejects.toThrow('No such request within 1 ms; there were 0 others');
    await expect(emulator.nextRequest({ timeout: 'x' })).rejects.toThrow('timeout must be a number of milliseconds.');
    const abort = new AbortController();
    const waiting = [emulator.nextRequest({ signal: abort.signal }), emulator.nextRequest({ timeout: Infinity })].map((one) => one.catch((error) => error.message));
    abort.abort(new Error('stop'));
    expect(await waiting[0]).toBe('stop');
    await expect(emulator.nextRequest({ signal: abort.signal })).rejects.toThrow('stop');
    await get('models');
    expect(await waiting[1]).toMatchObject({ path: '/api/v1/models' });
    const last = emulator.nextRequest().catch((error) => error.message);
    await emulator.close();
    expect(await last).toBe('The emulator was closed while a test waited for a request.');
    await expect(emulator.nextRequest()).rejects.toThrow('The emulator was closed');
  });

  test('starts anew after clear(), which keeps the usage of the account, and after reset(), which does not', async () => {
    await start();
    await (await ask(emulator)).text();
    emulator.clear();
    expect([emulator.requests.length, emulator.account.usage > 0]).toEqual([0, true]);
    await get('models');
    expect((await emulator.nextRequest()).path).toBe('/api/v1/models');
    emulator.reset();
    expect([emulator.requests.length, emulator.account.usage]).toEqual([0, 0]);
  });

  test('and the records that are kept no longer do not disturb each other', async () => {
    await start({ recordLimit: 2 });
    await get('models');
    await emulator.nextRequest();
    for (const name of ['providers', 'endpoints/zdr', 'nowhere']) await get(name);
    expect(emulator.requests.map(({ path }) => path)).toEqual(['/api/v1/endpoints/zdr', '/api/v1/nowhere']);
    expect([(await emulator.nextRequest()).path, (await emulator.nextRequest()).path]).toEqual(['/api/v1/endpoints/zdr', '/api/v1/nowhere']);
  });
});
