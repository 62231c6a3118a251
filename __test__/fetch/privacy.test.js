'use strict';

const { gzipSync } = require('node:zlib');

const { OpenAI } = require('openai');

const { cleanEnvironment, failureOf } = require('../support/outcomes');
const { startRecordingServer } = require('../support/servers/recording-server');

const { OpenRouterClient, createFetch, explainPrivacy } = require('../..');

const KEY = 'sk-or-v1-limit-fetch-privacy';
const ANSWER = { id: 'g', model: 'a/b', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }], data: [], output: [] };
const chat = { model: 'a/b', messages: [{ role: 'user', content: 'secret' }] };

/** The endpoints, and what a request to them becomes under a privacy setting. */
const ENDPOINTS = [
  ['POST', '/chat/completions', 'merge'],
  ['POST', '/responses', 'merge'],
  ['POST', '/messages', 'merge'],
  ['POST', '/embeddings', 'merge'],
  ['POST', '/rerank', 'merge'],
  ['POST', '/audio/speech', 'merge'],
  ['POST', '/audio/transcriptions', 'merge'],
  ['POST', '/completions', 'refuse'],
  ['POST', '/images', 'refuse'],
  ['POST', '/images/generations', 'refuse'],
  ['POST', '/videos', 'refuse'],
  ['POST', '/batches', 'refuse'],
  ['POST', '/presets/x/chat/completions', 'refuse'],
  ['POST', '/presets/v1/chat/completions', 'refuse'],
  ['POST', '/interns/x/chat/completions', 'refuse'],
  ['POST', '/chat/completions/x', 'refuse'],
  ['POST', '/chat/completions2', 'refuse'],
  ['POST', '/chat%2Fcompletions', 'refuse'],
  ['POST', '/%2563hat/completions', 'refuse'],
  ['POST', '/some/new/endpoint', 'refuse'],
  ['PUT', '/chat/completions', 'refuse'],
  ['PATCH', '/keys/x', 'refuse'],
  ['DELETE', '/keys/x', 'refuse'],
  ['GET', '/models', 'pass'],
  ['HEAD', '/models', 'pass'],
  // Other spellings of an endpoint.
  ['POST', '/Chat//completions;a=b/', 'merge'],
  ['POST', '/x/%2e%2e/%63hat/completions?x=1', 'merge'],
];
const FLOORS = [
  [{ zdr: true }, { zdr: true }],
  [{ dataCollection: 'deny' }, { data_collection: 'deny' }],
  [{ zdr: true, dataCollection: 'deny' }, { zdr: true, data_collection: 'deny' }],
];

let restore;
let server;

beforeAll(async () => {
  restore = cleanEnvironment();
  server = await startRecordingServer();
});

beforeEach(() => {
  server.requests.length = 0;
  server.answer = (_, response) => { response.setHeader('content-type', 'application/json'); response.end(JSON.stringify(ANSWER)); };
});

afterAll(async () => {
  await server.close();
  restore();
});

const hasBody = (method) => !['GET', 'HEAD'].includes(method);
const sent = () => server.requests.map(({ body }) => JSON.parse(body));

describe('under privacy settings every request keeps them or is not sent', () => {
  describe.each(FLOORS)('%j', (options, provider) => {
    test.each(ENDPOINTS)('%s %s: %s', async (method, path, action) => {
      const body = hasBody(method) ? JSON.stringify({ ...chat, provider: { only: ['x'], zdr: false, data_collection: 'allow' } }) : undefined;
      const url = `${server.url}/api/v1${path}`;
      const response = await createFetch(options)(url, { method, body });
      const explained = explainPrivacy({ ...options, url, method, body, baseURL: `${server.url}/api/v1` });
      expect(explained.action).toBe(action);
      expect(explained.floors).toEqual({ zdr: Boolean(options.zdr), dataCollection: options.dataCollection ?? null });
      if (action === 'refuse') {
        expect(response.status).toBe(400);
        const { error } = await response.json();
        expect(error).toMatchObject({ code: 400, metadata: { error_type: 'privacy_not_possible' } });
        for (const name of Object.keys(options)) expect(error.message).toContain(name);
        expect(error.message).toBe(explained.reason);
        expect(server.requests).toHaveLength(0);
        return;
      }
      expect(response.status).toBe(200);
      expect(server.requests).toHaveLength(1);
      if (action === 'pass') return;
      expect(sent()[0].provider).toMatchObject({ only: ['x'], ...provider });
      expect(explained.body.provider).toEqual(sent()[0].provider);
    });
  });

  test('/api/alpha/decisions keeps them, /api/alpha/extractions and /api/beta/batches are refused', async () => {
    const fetch = createFetch({ zdr: true });
    const statusOf = async (path) => (await fetch(`${server.url}${path}`, { method: 'POST', body: '{"input":"x"}' })).status;
    expect([await statusOf('/api/alpha/decisions'), await statusOf('/api/alpha/extractions'), await statusOf('/api/beta/batches')]).toEqual([200, 400, 400]);
    expect(sent()).toEqual([{ input: 'x', provider: { zdr: true } }]);
  });

  test.each([
    ['a form', () => { const form = new FormData(); form.set('file', new Blob(['x']), 'x.wav'); return { body: form }; }],
    ['compressed bytes', () => ({ body: gzipSync(JSON.stringify(chat)), headers: { 'content-encoding': 'gzip' } })],
    ['JSON with a Content-Encoding', () => ({ body: JSON.stringify(chat), headers: { 'content-encoding': 'br' } })],
    ['text that is not JSON', () => ({ body: 'model=x' })],
    ['a JSON array', () => ({ body: '[1]' })],
  ])('a body that cannot be read is refused: %s', async (_, init) => {
    for (const path of ['/audio/transcriptions', '/chat/completions', '/responses']) {
      const response = await createFetch({ zdr: true })(`${server.url}${path}`, { method: 'POST', ...init() });
      expect([path, response.status]).toEqual([path, 400]);
    }
    expect(server.requests).toHaveLength(0);
  });

  test('calls of the OpenAI SDK', async () => {
    const openai = new OpenAI({ apiKey: KEY, baseURL: `${server.url}/api/v1`, maxRetries: 2, fetch: createFetch({ zdr: true }) });
    await openai.chat.completions.create(chat);
    await openai.responses.create({ model: 'a/b', input: 'secret' });
    await openai.embeddings.create({ model: 'a/b', input: 'secret', encoding_format: 'float' });
    expect(sent().map(({ provider }) => provider)).toEqual(Array(3).fill({ zdr: true }));
    const calls = [
      () => openai.completions.create({ model: 'a/b', prompt: 'secret' }),
      () => openai.images.generate({ model: 'a/b', prompt: 'secret' }),
      () => openai.videos.create({ model: 'sora-2', prompt: 'secret' }),
    ];
    for (const call of calls) {
      expect(await failureOf(call())).toMatchObject({ status: 400, message: expect.stringMatching(/cannot keep zdr/) });
    }
    expect(server.requests).toHaveLength(3);
  });
});

describe('a setting holds wherever it is given', () => {
  const client = (options) => new OpenRouterClient(KEY, { baseURL: `${server.url}/api/v1`, ...options });
  const both = { zdr: true, data_collection: 'deny' };

  test.each([
    ['options of the client', { zdr: true, dataCollection: 'deny' }, {}],
    ['modelOptions', { modelOptions: { zdr: true, dataCollection: 'deny' } }, {}],
    ['provider in modelOptions', { modelOptions: { provider: both } }, {}],
    ['the request', {}, { zdr: true, dataCollection: 'deny' }],
    ['provider in the request', {}, { provider: both }],
    ['modelOptions, against the request', { modelOptions: { provider: both } }, { provider: { zdr: false, data_collection: 'allow', only: ['x'] } }],
    ['the client, against the request', { zdr: true, dataCollection: 'deny' }, { zdr: false, dataCollection: 'allow', provider: { zdr: false, data_collection: 'allow' } }],
  ])('%s: also in retries and fallbacks', async (_, options, params) => {
    let count = 0;
    const answer = server.answer;
    server.answer = (request, response) => {
      count += 1;
      if (count > 4) return answer(request, response);
      response.statusCode = 503;
      return response.end('{}');
    };
    const made = client({ ...options, modelsPerRequest: 1, maxRetries: 2 });
    const models = ['c/d', 'e/f', 'g/h', 'i/j'];
    await made.chatCompletion({ ...chat, models, ...params });
    expect(server.requests.length).toBeGreaterThan(3);
    for (const body of sent()) {
      expect(body.provider).toMatchObject(both);
      expect(body).not.toHaveProperty('dataCollection');
    }
  });

  test('the request of createFetch, beside its options', async () => {
    const fetch = createFetch({ onUsage() {}, dataCollection: 'allow' });
    for (const path of ['/chat/completions', '/responses']) {
      await (await fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify({ ...chat, zdr: true, dataCollection: 'deny' }) })).text();
    }
    for (const body of sent()) {
      expect(body.provider).toEqual(both);
      expect(body).not.toHaveProperty('zdr');
      expect(body).not.toHaveProperty('dataCollection');
    }
  });

  test('provider of modelOptions and of a request are merged field by field', async () => {
    await client({ modelOptions: { provider: { only: ['a'], sort: 'price' } } }).chatCompletion({ ...chat, provider: { sort: 'latency' } });
    expect(sent()[0].provider).toEqual({ only: ['a'], sort: 'latency' });
  });

  test.each([{ model: '@preset/x' }, { model: 'a/b@preset/x' }, { preset: 'x' }, { models: ['c/d', '@preset/x'] }])('%j is refused, because a setting would replace those of the preset', async (params) => {
    const error = await failureOf(client({ zdr: true }).chatCompletion({ ...chat, ...params }));
    expect(error).toMatchObject({ code: 'privacy_not_possible', message: expect.stringMatching(/preset/) });
    const response = await createFetch({ zdr: true })(`${server.url}/api/v1/responses`, { method: 'POST', body: JSON.stringify({ ...chat, ...params }) });
    expect(response.status).toBe(400);
    expect(server.requests).toHaveLength(0);
    await client({}).chatCompletion({ ...chat, ...params });
    expect(server.requests).toHaveLength(1);
  });

  test("OpenRouter's response cache is turned off where it was turned on", async () => {
    const headers = { 'X-OpenRouter-Cache': 'true' };
    await client({ zdr: true, headers }).chatCompletion(chat);
    await client({ headers }).chatCompletion({ ...chat, zdr: true });
    await client({ zdr: true }).chatCompletion({ ...chat, headers });
    await createFetch({ zdr: true })(`${server.url}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(chat) });
    await createFetch({ zdr: true })(`${server.url}/responses`, { method: 'POST', headers, body: JSON.stringify(chat) });
    expect(server.requests.map((request) => request.headers['x-openrouter-cache'])).toEqual(Array(5).fill('false'));
    await client({ headers }).chatCompletion(chat);
    await client({ zdr: true }).chatCompletion(chat);
    expect(server.requests.slice(5).map((request) => request.headers['x-openrouter-cache'])).toEqual(['true', undefined]);
  });

  test('a base URL without /v1 is known from the option baseURL or from OPENROUTER_BASE_URL', async () => {
    const base = `${server.url}/gateway/openrouter`;
    const ask = (fetch) => fetch(`${base}/chat/completions`, { method: 'POST', body: JSON.stringify(chat) });
    expect((await ask(createFetch({ zdr: true }))).status).toBe(400);
    expect((await ask(createFetch({ zdr: true, baseURL: `${base}/` }))).status).toBe(200);
    process.env.OPENROUTER_BASE_URL = base;
    try {
      expect((await ask(createFetch({ zdr: true }))).status).toBe(200);
    } finally {
      delete process.env.OPENROUTER_BASE_URL;
    }
    expect(sent().map(({ provider }) => provider)).toEqual(Array(2).fill({ zdr: true }));
  });
});

describe('explainPrivacy', () => {
  test('explains a chat, with what the settings do not cover', () => {
    const explained = explainPrivacy({ body: { ...chat, plugins: [{ id: 'web' }], tools: [{ type: 'openrouter:web_search' }] }, zdr: true });
    expect(explained).toEqual({
      endpoint: 'POST /chat/completions',
      floors: { zdr: true, dataCollection: null },
      action: 'merge',
      reason: expect.stringContaining('zdr'),
      uncovered: ['the plugin web', expect.stringContaining('openrouter:')],
      body: expect.objectContaining({ provider: { zdr: true } }),
    });
  });

  test('counts the settings in the body, and passes a request without any', () => {
    expect(explainPrivacy({ url: '/images', body: { provider: { zdr: true } } }).action).toBe('refuse');
    expect(explainPrivacy({ url: '/images', body: { prompt: 'x' } })).toMatchObject({ action: 'pass', floors: { zdr: false, dataCollection: null } });
    expect(explainPrivacy({ url: '/audio/transcriptions', body: new FormData(), zdr: true }).action).toBe('refuse');
  });

  test('sends nothing, and refuses wrong fields', () => {
    explainPrivacy({ url: `${server.url}/chat/completions`, body: chat, zdr: true });
    expect(server.requests).toHaveLength(0);
    for (const request of [null, { zdr: 'yes' }, { dataCollection: 'no' }]) {
      expect(() => explainPrivacy(request)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    }
  });
});
