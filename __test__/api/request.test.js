'use strict';

const { channel } = require('node:diagnostics_channel');

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { failureOf, shownOf } = require('../support/outcomes.js');
const { startRecordingServer } = require('../support/servers/recording-server.js');
const { readAll } = require('../support/streaming.js');

const MODEL = 'openai/gpt-5-mini';

let emulator;
let server;
let clients = 0;
beforeAll(async () => { emulator = await startEmulator(); });
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => emulator.close());

const keyOf = (kind = 'limit') => `sk-or-v1-${kind}-api-request-${(clients += 1)}`;
const clientOf = (baseURL, options) => new OpenRouterClient(keyOf(), { baseURL, maxRetries: 0, ...options });
/** Starts a server with these answers, one after the other (the last one again), and returns a client of it. */
async function clientOfAnswers(answers, options) {
  server = await startRecordingServer((_, response) => {
    const { status = 200, headers = { 'Content-Type': 'application/json' }, body = '{"ok":true}' } = answers[Math.min(server.requests.length, answers.length) - 1] ?? {};
    response.writeHead(status, headers);
    response.end(body);
  });
  return clientOf(`${server.url}/api/v1`, options);
}

describe('client.request', () => {
  test('resolves to the JSON of any endpoint, with its query', async () => {
    const client = await clientOfAnswers([{ body: '[1,{"a":null}]' }]);
    expect(await client.request('GET', '/some/new-endpoint', { query: { list: ['a', 'b'], limit: 2, flag: true, none: null, x: 'ü&' } })).toEqual([1, { a: null }]);
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/api/v1/some/new-endpoint?list=a%2Cb&limit=2&flag=true&x=%C3%BC%26' });
    expect(server.requests[0].body.length).toBe(0);
  });

  test.each([
    ['an object', { a: [1, 'ü'] }, 'application/json', '{"a":[1,"ü"]}'],
    ['text', '{"a":1}', 'application/json', '{"a":1}'],
    ['bytes', new Uint8Array([1, 2, 3]), 'application/octet-stream', '\u0001\u0002\u0003'],
    ['an ArrayBuffer', new Uint8Array([65]).buffer, 'application/octet-stream', 'A'],
    ['a Blob', new Blob(['abc'], { type: 'text/plain' }), 'text/plain', 'abc'],
    ['URLSearchParams', new URLSearchParams({ a: 'b' }), 'application/x-www-form-urlencoded;charset=UTF-8', 'a=b'],
    ['a stream', () => new Blob(['xyz']).stream(), 'application/octet-stream', 'xyz'],
  ])('sends %s as it is', async (_, body, type, sent) => {
    const client = await clientOfAnswers([{}]);
    await client.request('POST', '/x', { body: typeof body === 'function' ? body() : body });
    expect(server.requests[0].headers['content-type']).toBe(type);
    expect(server.requests[0].body.toString()).toBe(sent);
  });

  test('sends FormData as multipart, with its boundary', async () => {
    const client = await clientOfAnswers([{}]);
    const form = new FormData();
    form.set('file', new Blob(['sound']), 'a.mp3');
    await client.request('POST', '/audio/transcriptions', { body: form });
    const { headers, body } = server.requests[0];
    const [, boundary] = /^multipart\/form-data; boundary=(.+)$/.exec(headers['content-type']);
    expect(body.toString()).toContain(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"`);
  });

  test('gives an answer as text, bytes, or a standard response that is read as it arrives', async () => {
    const client = await clientOfAnswers([{ headers: { 'Content-Type': 'audio/mpeg', 'X-Generation-Id': 'gen-9' }, body: Buffer.from([0xc3, 0xbc, 7]) }]);
    expect(await client.request('GET', '/x', { as: 'text' })).toBe('ü\u0007');
    expect(await client.request('GET', '/x', { as: 'bytes' })).toEqual(new Uint8Array([0xc3, 0xbc, 7]));
    const response = await client.request('GET', '/x', { as: 'response' });
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-generation-id')]).toEqual([200, 'audio/mpeg', 'gen-9']);
    expect((await response.arrayBuffer()).byteLength).toBe(3);
  });

  test('holds bytes that are collected to maxResponseBytes, and not those that are read as they arrive', async () => {
    const client = await clientOfAnswers([{ headers: { 'Content-Type': 'video/mp4' }, body: Buffer.alloc(1000) }], { maxResponseBytes: 999 });
    expect(await failureOf(client.request('GET', '/x', { as: 'bytes' }))).toMatchObject({ code: 'response_too_large' });
    expect((await (await client.request('GET', '/x', { as: 'response' })).arrayBuffer()).byteLength).toBe(1000);
  });

  test('gives the events of a stream with their names', async () => {
    const stream = await clientOf(emulator.baseURL).request('POST', '/responses', { body: { model: MODEL, input: 'Hi', stream: true }, stream: true });
    const { items, error } = await readAll(stream);
    expect(error).toBeNull();
    expect(items.every(({ event, data }) => event === data.type)).toBe(true);
    expect(items.length).toBeGreaterThan(5);
    expect(stream.cost).toBeGreaterThan(0);
  });

  test('gives a whole answer where a stream was asked for as its only event, and assembles a stream that nobody asked for', async () => {
    const client = await clientOfAnswers([
      { body: '{"id":"r","object":"response","output":[]}' },
      { headers: { 'Content-Type': 'text/event-stream' }, body: 'data: {"type":"response.completed","response":{"id":"r2"}}\n\n' },
    ]);
    const { items } = await readAll(await client.request('POST', '/responses', { body: { stream: true }, stream: true }));
    expect(items).toEqual([{ event: null, data: { id: 'r', object: 'response', output: [] } }]);
    expect(await client.request('POST', '/responses', { body: {} })).toEqual({ id: 'r2' });
  });

  test.each([204, 202])('resolves to null for a %s without a body', async (status) => {
    const client = await clientOfAnswers([{ status, headers: {}, body: undefined }]);
    server.answer = (_, response) => response.writeHead(status).end();
    expect(await client.request('DELETE', '/keys/x')).toBeNull();
  });

  test.each([
    ['an empty 200', { body: '' }, 'empty_response'],
    ['a page', { headers: { 'Content-Type': 'text/html' }, body: '<html>no</html>' }, 'malformed_response'],
    ['an error inside a 200', { body: '{"error":{"code":502,"message":"down"}}' }, 'provider_error'],
    ['a failed response inside a 200', { body: '{"object":"response","status":"failed","error":{"code":"server_error","message":"down"}}' }, 'server_error'],
    ['a 401', { status: 401, body: '{"error":{"code":401,"message":"User not found."}}' }, 'invalid_api_key'],
  ])('rejects for %s', async (_, answer, code) => {
    const client = await clientOfAnswers([answer]);
    expect(await failureOf(client.request('POST', '/responses', { body: {} }))).toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    '/../x', '/x/..', '/x/%2e%2e/y', '/x/..%2f..%2fy', '//evil.example/x', 'https://evil.example/x', 'x', '', '/x\\..\\y', '/x?y=1', '/x#y', '/x y', '/..;/x', '/\ud800/..',
  ])('refuses the path %j, which could take the key elsewhere, before anything is sent', async (path) => {
    const client = await clientOfAnswers([{}]);
    expect(await failureOf(client.request('GET', path))).toMatchObject({ code: 'invalid_request' });
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    [{ querry: {} }, 'querry'], [{ query: 'a=b' }, 'query'], [{ query: { a: {} } }, 'query.a'], [{ as: 'xml' }, 'as'], [{ as: 'vectors' }, 'as'], [{ stream: 'true' }, 'stream'],
    [{ timeouts: { head: 1 } }, 'timeouts.head'], [{ maxRetries: -1 }, 'maxRetries'], [{ headers: { host: 'x' } }, 'headers.host'], [{ signal: {} }, 'signal'],
    [{ responseCache: { ttl: 0 } }, 'responseCache.ttl'], [{ responseCache: { time: 1 } }, 'responseCache.time'], [{ responseCache: 'yes' }, 'responseCache'],
  ])('refuses the options %j, naming %s', async (options, name) => {
    const client = await clientOfAnswers([{}]);
    const error = await failureOf(client.request('POST', '/x', { body: {}, ...options }));
    expect(error.code).toBe('invalid_option');
    expect(error.message).toMatch(new RegExp(`^(Invalid|Unknown) option ${name.replaceAll('.', '\\.')}[.:]`));
    expect(server.requests).toHaveLength(0);
  });

  test('sends the headers of the client and its own, and hides their secrets in errors', async () => {
    const client = await clientOfAnswers([{ status: 400, body: '{"error":{"message":"bad my-secret-token"}}' }], { siteName: 'Mine' });
    const error = await failureOf(client.request('POST', '/x', { body: {}, headers: { 'X-Auth-Token': 'my-secret-token', 'X-Title': null } }));
    expect(server.requests[0].headers).toMatchObject({ authorization: `Bearer ${client.apiKey}`, 'x-auth-token': 'my-secret-token' });
    expect(server.requests[0].headers).not.toHaveProperty('x-title');
    expect(shownOf(error)).not.toContain('my-secret-token');
  });

  test('an abort before the call sends nothing, and one during it rejects at once and closes the request', async () => {
    const client = await clientOfAnswers([{}]);
    const reason = new Error('no more');
    expect(await failureOf(client.request('GET', '/x', { signal: AbortSignal.abort(reason) }))).toMatchObject({ name: 'AbortError', cause: reason });
    expect(server.requests).toHaveLength(0);
    server.answer = () => {};
    const controller = new AbortController();
    const pending = failureOf(client.request('POST', '/x', { body: {}, signal: controller.signal }));
    const record = await server.request();
    controller.abort(reason);
    expect(await pending).toMatchObject({ code: 'aborted', cause: reason });
    await record.closed;
  });

  test('an abort ends the reading of a body, of the request as well as of the response', async () => {
    const client = await clientOfAnswers([{}]);
    server.answer = (_, response) => { response.writeHead(200, { 'Content-Type': 'audio/mpeg' }); response.write('x'); };
    const endless = new ReadableStream({ pull: () => new Promise(() => {}) });
    const controller = new AbortController();
    const upload = failureOf(client.request('POST', '/x', { body: endless, signal: controller.signal }));
    const response = await client.request('GET', '/x', { as: 'response', signal: controller.signal });
    const download = failureOf(response.text());
    controller.abort();
    expect([(await upload).code, (await download).code]).toEqual(['aborted', 'aborted']);
  });

  test('a time limit ends the wait for the headers and for the body', async () => {
    const client = await clientOfAnswers([{}]);
    server.answer = ({ path }, response) => { if (path.endsWith('body')) { response.writeHead(200, { 'Content-Type': 'audio/mpeg' }); response.write('x'); } };
    expect(await failureOf(client.request('GET', '/x', { timeouts: { headers: 30 } }))).toMatchObject({ code: 'timeout', phase: 'headers' });
    expect(await failureOf(client.request('GET', '/body', { as: 'bytes', timeouts: { idle: 30 } }))).toMatchObject({ code: 'timeout', phase: 'idle' });
    expect(await failureOf(client.request('GET', '/x', { timeouts: { total: 30 } }))).toMatchObject({ code: 'timeout', phase: 'total' });
  });
});

describe('a request is sent again', () => {
  const OK = {};
  test.each([
    ['GET', 503, 2], ['POST', 503, 2], ['GET', 500, 2], ['POST', 500, 1], ['GET', 408, 2], ['POST', 504, 1], ['POST', 524, 1], ['DELETE', 500, 1], ['PATCH', 504, 1], ['POST', 400, 1],
  ])('%s after %i: %i requests', async (method, status, count) => {
    const client = await clientOfAnswers([{ status, body: '{"error":{"message":"m"}}' }, OK], { maxRetries: 1 });
    await client.request(method, '/embeddings', method === 'POST' || method === 'PATCH' ? { body: { model: 'm' } } : {}).catch(() => {});
    expect(server.requests).toHaveLength(count);
  });

  test('never after an answer that reports a cost, which is subtracted from the balance', async () => {
    const client = await clientOfAnswers([{ status: 503, body: '{"error":{"message":"m"},"usage":{"cost":0.25}}' }], { maxRetries: 2 });
    server.answer = ({ path }, response) => {
      const isKey = path.endsWith('/key') || path.endsWith('/credits');
      response.writeHead(path.endsWith('/credits') ? 403 : isKey ? 200 : 503, { 'Content-Type': 'application/json' });
      response.end(isKey ? '{"data":{"limit":10,"limit_remaining":10,"usage":0}}' : '{"error":{"message":"m"},"usage":{"cost":0.25}}');
    };
    expect((await client.getCredits()).balance).toBe(10);
    expect(await failureOf(client.request('POST', '/embeddings', { body: {} }))).toMatchObject({ status: 503 });
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect((await client.getCredits()).balance).toBe(9.75);
  });
});

describe('privacy settings', () => {
  const KEEP = ['/chat/completions', '/responses', '/messages', '/embeddings', '/rerank', '/audio/speech', '/audio/transcriptions'];
  const REFUSE = ['/completions', '/images', '/videos', '/batches', '/presets/x/chat/completions', '/interns/1/chat/completions', '/something-new'];
  const doors = [
    ['the client', { client: { zdr: true, dataCollection: 'deny' } }], ['modelOptions', { client: { modelOptions: { zdr: true, dataCollection: 'deny' } } }],
    ['the call', { call: { zdr: true, dataCollection: 'deny' } }], ['provider in the body', { body: { provider: { zdr: true, data_collection: 'deny' } } }],
    ['the body', { body: { zdr: true, dataCollection: 'deny' } }],
  ];

  test.each(doors)('of %s are sent where the endpoint keeps them, and nothing is sent where it cannot', async (_, { client: options, call, body }) => {
    const client = await clientOfAnswers([{}], options);
    for (const path of KEEP) {
      await client.request('POST', path, { body: { model: 'm', ...body }, ...call });
      const sent = JSON.parse(server.requests.at(-1).body);
      expect(sent).toEqual({ model: 'm', provider: { zdr: true, data_collection: 'deny' } });
    }
    for (const path of REFUSE) {
      const error = await failureOf(client.request('POST', path, { body: { model: 'm', ...body }, ...call }));
      expect(error).toMatchObject({ code: 'privacy_not_possible' });
      expect(error.message).toContain(`POST ${path}`);
    }
    expect(server.requests).toHaveLength(KEEP.length);
  });

  test('refuse a body that is not JSON, and let pass what has no body', async () => {
    const client = await clientOfAnswers([{}], { zdr: true });
    const form = new FormData();
    form.set('file', new Blob(['x']));
    expect(await failureOf(client.request('POST', '/audio/transcriptions', { body: form }))).toMatchObject({ code: 'privacy_not_possible' });
    await client.request('GET', '/videos/job-1');
    await client.request('DELETE', '/keys/x');
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  });
});

test('a client with a budget refuses that of whose cost nothing is known, and still reads', async () => {
  const client = await clientOfAnswers([{ body: '{"data":[]}' }], { maxCost: 1 });
  for (const work of [() => client.embeddings({ model: 'm', input: 'x' }), () => client.request('POST', '/responses', { body: {} }), () => client.speech({ model: 'm', input: 'x' })]) {
    expect(await failureOf(work())).toMatchObject({ code: 'budget_exceeded', message: expect.stringContaining('Nothing was sent') });
  }
  expect(server.requests.filter(({ method }) => method !== 'GET')).toHaveLength(0);
  expect(await client.getProviders()).toEqual([]);
});

describe('responseCache', () => {
  const cacheOf = ({ headers }) => Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-openrouter-cache')));
  const ask = {
    'client.request': (client, options) => client.request('POST', '/responses', { body: { model: 'm' }, ...options }),
    chatCompletion: (client, options) => client.chatCompletion({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...options }),
  };

  test.each(Object.keys(ask))('of %s becomes the headers of OpenRouter, and a call overrides the client', async (name) => {
    const body = '{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}],"model":"m"}';
    const client = await clientOfAnswers([{ body }], { responseCache: true });
    await ask[name](client);
    await ask[name](client, { responseCache: { ttl: 60, clear: true } });
    await ask[name](client, { responseCache: false });
    expect(server.requests.map(cacheOf)).toEqual([
      { 'x-openrouter-cache': 'true' },
      { 'x-openrouter-cache': 'true', 'x-openrouter-cache-ttl': '60', 'x-openrouter-cache-clear': 'true' },
      { 'x-openrouter-cache': 'false' },
    ]);
    expect(server.requests.every(({ body: sent }) => !sent.toString().includes('responseCache'))).toBe(true);
    const before = server.requests.length;
    const error = await failureOf(ask[name](client, { zdr: true }));
    expect(error).toMatchObject({ code: 'privacy_not_possible' });
    expect(error.message).toContain('responseCache');
    expect(server.requests).toHaveLength(before);
  });

  test('is asked for with prompts only', async () => {
    const client = await clientOfAnswers([{ body: '{"data":[]}' }], { responseCache: true });
    await client.getProviders();
    await client.getModels(true);
    expect(server.requests.map(cacheOf)).toEqual([{}, {}]);
  });
});

test('diagnostics channels tell of a request and its answer, without prompt and key', async () => {
  const told = [];
  const names = ['request', 'response', 'stream:end', 'error'].map((name) => `openrouter:${name}`);
  const listener = (data, name) => told.push([name, data]);
  names.forEach((name) => channel(name).subscribe(listener));
  try {
    const client = clientOf(emulator.baseURL);
    await client.embeddings({ model: 'x/y', input: 'a secret prompt' });
    await (await client.responses({ model: MODEL, input: 'a secret prompt', stream: true })).finalResponse();
    await failureOf(client.rerank({ model: 'x/y', query: 'a secret prompt', documents: [] }));
    expect(told.map(([name, { url, stream }]) => [name, url?.replace(/.*\/v1/, ''), Boolean(stream)])).toEqual([
      ['openrouter:request', '/embeddings', false], ['openrouter:response', undefined, false],
      ['openrouter:request', '/responses', true], ['openrouter:response', undefined, true], ['openrouter:stream:end', undefined, true],
      ['openrouter:request', '/rerank', false], ['openrouter:error', undefined, false],
    ]);
    expect(told[0][1].attributes).toMatchObject({ 'gen_ai.operation.name': 'embeddings', 'gen_ai.request.model': 'x/y' });
    expect(told[4][1].attributes).toMatchObject({ 'gen_ai.response.model': MODEL, 'gen_ai.usage.input_tokens': expect.any(Number), 'gen_ai.usage.cost': expect.any(Number) });
    expect(JSON.stringify(told)).not.toMatch(/secret prompt|sk-or-/);
  } finally {
    names.forEach((name) => channel(name).unsubscribe(listener));
  }
});

test('requests that may be paid wait for their turn under rateLimit; readings do not', async () => {
  const client = await clientOfAnswers([{}], { rateLimit: { requestsPerMinute: 1 } });
  await client.request('POST', '/embeddings', { body: {} });
  await client.request('GET', '/providers');
  const controller = new AbortController();
  const waiting = failureOf(client.request('POST', '/embeddings', { body: {}, signal: controller.signal }));
  await client.request('GET', '/providers');
  controller.abort();
  expect(await waiting).toMatchObject({ code: 'aborted' });
  expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
});
