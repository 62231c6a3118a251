'use strict';

const { gzipSync } = require('node:zlib');

const { startEmulator } = require('../../emulator');
const { CHUNKED_HEAD, chunkOf, finishChunk, gate, sse } = require('../support/streaming');
const { FIN, RST, httpChunk, startByteServer } = require('../support/servers/byte-server');
const { failureOf } = require('../support/outcomes');
const { startRecordingServer } = require('../support/servers/recording-server');

const { OpenRouterClient, OpenRouterError, createFetch } = require('../..');

const stock = globalThis.fetch;
const KEY = 'sk-or-v1-limit-fetch-chat';
const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, cost: 0.0012 };

let emulator;
let bytes;
let recorder;

beforeAll(async () => {
  emulator = await startEmulator();
  bytes = await startByteServer(() => [FIN]);
  recorder = await startRecordingServer();
});

beforeEach(() => {
  emulator.reset();
  recorder.requests.length = 0;
});

afterAll(async () => {
  await Promise.all([emulator.close(), bytes.close(), recorder.close()]);
});

/** Returns a fetch whose hooks record their calls: `[name, value]`. */
function recordingFetch(options = {}) {
  const calls = [];
  const hooks = Object.fromEntries(['onModel', 'onUsage', 'onFallback', 'onError'].map((name) => [name, (...values) => { calls.push([name, ...values]); }]));
  return { fetch: createFetch({ ...hooks, ...options }), calls, names: () => calls.map(([name]) => name) };
}

const bodyOf = (params = {}) => ({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about bees' }], stream: true, ...params });

function post(fetch, baseURL, body, { path = '/chat/completions', headers } = {}) {
  return fetch(`${baseURL}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const ask = (fetch, params) => post(fetch, emulator.baseURL, bodyOf(params));

describe('changes to the request body', () => {
  /** Returns the body that arrives at the server when `body` is sent with `options`. */
  async function arrived(options, body, path) {
    await (await post(createFetch(options), recorder.url, body, { path })).text();
    return recorder.requests.at(-1).body.toString();
  }
  const odd = '{ "model":"a/b",  "models":["a/b","c/d","c/d"], "zdr": false, "big":1e400, "n": 1.0, "messages":[{"role":"user","content":"\\u00fc"}] }';

  test('are not made without an option that needs one: the bytes stay the same', async () => {
    for (const options of [undefined, {}, { zdr: false, autoRouter: false, dataCollection: null }]) {
      expect(await arrived(options, odd, '/chat/completions')).toBe(odd);
      expect(await arrived(options, 'not json', '/chat/completions')).toBe('not json');
    }
  });

  test.each(['/completions', '/responses', '/embeddings', '/chat/completions/x', '/presets/x/chat/completions', '/interns/x/chat/completions', '/chat', '/models?x=/chat/completions', '/chat/completions2'])('are not made for %s, unless a privacy setting is on', async (path) => {
    expect(await arrived({ autoRouter: true, onModel: () => {} }, odd, path)).toBe(odd);
  });

  test.each(['/chat/completions', '/chat/completions/', '/api/v1/chat/completions', '/v1/chat/completions?x=1'])('are made for %s', async (path) => {
    expect(JSON.parse(await arrived({ zdr: true }, bodyOf(), path)).provider).toEqual({ zdr: true });
  });

  test('are made in a body with a byte order mark', async () => {
    expect(JSON.parse(await arrived({ zdr: true }, `\uFEFF${JSON.stringify(bodyOf())}`)).provider).toEqual({ zdr: true });
  });

  test('give a 400 where privacy options cannot be merged into the body, and leave it alone without such options', async () => {
    const chat = JSON.stringify(bodyOf());
    const before = recorder.requests.length;
    for (const body of [Buffer.from(chat.replace('bees', 'caf\u00e9'), 'latin1'), gzipSync(chat), 'not json', '[1]']) {
      for (const options of [{ zdr: true }, { dataCollection: 'deny' }]) {
        const response = await createFetch(options)(`${recorder.url}/chat/completions`, { method: 'POST', body });
        expect(response.status).toBe(400);
        expect((await response.json()).error.message).toMatch(/cannot keep (zdr|dataCollection)/);
      }
    }
    expect(recorder.requests).toHaveLength(before);
    expect(await arrived({ onModel: () => {} }, 'not json')).toBe('not json');
  });

  test('merge zdr and dataCollection into provider, against the values of the body', async () => {
    const options = { zdr: true, dataCollection: 'deny' };
    const provider = { order: ['groq'], zdr: false, data_collection: 'allow' };
    const sent = JSON.parse(await arrived(options, bodyOf({ provider }), '/chat/completions'));
    expect(sent.provider).toEqual({ order: ['groq'], zdr: true, data_collection: 'deny' });
    expect(sent.messages).toEqual(bodyOf().messages);
  });

  test('set the model openrouter/auto and remove models for autoRouter', async () => {
    const sent = JSON.parse(await arrived({ autoRouter: true }, bodyOf({ models: ['a/b'] }), '/chat/completions'));
    expect(sent.model).toBe('openrouter/auto');
    expect(sent).not.toHaveProperty('models');
  });

  test('keep the whole list of models, of which modelsPerRequest keeps the first', async () => {
    const models = ['f/1', 'f/2', 'f/3', 'f/4', 'f/5'];
    for (const [options, sent] of [[{ onUsage: () => {} }, models], [{ zdr: true, modelsPerRequest: 2 }, models.slice(0, 2)]]) {
      expect(JSON.parse(await arrived(options, bodyOf({ models }), '/chat/completions')).models).toEqual(sent);
    }
  });

  test('are made in a chat without a model, which the default of the account answers', async () => {
    const { model, ...chat } = bodyOf();
    const sent = JSON.parse(await arrived({ zdr: true, onModel: () => {} }, chat));
    expect(sent).toEqual({ ...chat, provider: { zdr: true } });
    const { calls, fetch } = recordingFetch();
    await (await ask(fetch, { model: undefined })).text();
    expect(calls.filter(([name]) => name === 'onFallback' || name === 'onError')).toEqual([]);
    expect(calls.some(([name]) => name === 'onModel')).toBe(true);
  });

  test('include the header that asks for an explanation of fallbacks, if there is a callback', async () => {
    const header = async (options, headers, path) => {
      await (await post(createFetch(options), recorder.url, bodyOf(), { headers, path })).text();
      return recorder.requests.at(-1).headers['x-openrouter-metadata'];
    };
    expect(await header({ onFallback() {} })).toBe('enabled');
    expect(await header({ onFallback() {} }, { 'X-OpenRouter-Metadata': 'disabled' })).toBe('disabled');
    expect(await header({ onFallback() {} }, {}, '/responses')).toBe('enabled');
    expect(await header({ onFallback() {} }, {}, '/embeddings')).toBe(undefined);
    expect(await header({ zdr: true })).toBe(undefined);
  });

  test('keep unknown fields byte for byte, and remove fields that are not for the API', async () => {
    const sent = await arrived({ zdr: true }, `{"model":"a/b","messages":[{"role":"user","content":"\\u00fc\\ud83d"}],"x":{"n":1.0,"b":1e400,"k":[12345678901234567890]},"zdr":true,"autoRouter":false}`, '/chat/completions');
    expect(sent).toContain('"content":"\\u00fc\\ud83d"');
    expect(sent).toContain('"x":{"n":1.0,"b":1e400,"k":[12345678901234567890]}');
    expect(JSON.parse(sent)).not.toHaveProperty('zdr');
    expect(JSON.parse(sent)).not.toHaveProperty('autoRouter');
  });

  test('are made in a body of bytes, of a Request and of a stream', async () => {
    const fetch = createFetch({ zdr: true });
    const text = JSON.stringify(bodyOf());
    const url = `${recorder.url}/chat/completions`;
    await fetch(url, { method: 'POST', body: Buffer.from(text) });
    await fetch(new Request(url, { method: 'POST', body: text }));
    await fetch(url, { method: 'POST', body: new Blob([text]).stream(), duplex: 'half' });
    expect(recorder.requests.map(({ body }) => JSON.parse(body).provider)).toEqual(Array(3).fill({ zdr: true }));
  });

  test('give a 400 without a request where privacy options cannot be merged into provider', async () => {
    const fetch = createFetch({ zdr: true });
    const response = await post(fetch, recorder.url, bodyOf({ provider: 'groq' }));
    // Like an error of the API, so that an SDK shows the message and does not retry.
    expect([response.status, response.ok, response.url]).toEqual([400, false, `${recorder.url}/chat/completions`]);
    expect(await response.json()).toEqual({
      error: { code: 400, message: expect.stringMatching(/^provider must be an object/) },
    });
    expect(recorder.requests).toHaveLength(0);
  });
});

describe('the bytes of a response are passed on unchanged', () => {
  const odd = `\ufeff: OPENROUTER PROCESSING\r\n\r\nevent: x\rdata: ${JSON.stringify(chunkOf('ü🙂'))}\r\rid: 7\n:\n\n${sse(chunkOf('two'), finishChunk(), chunkOf('', { choices: [], usage: USAGE }))}: after\n\n`;
  test.each([
    ['an event stream with every kind of line', { raw: odd, split: 5 }],
    ['an event stream in single bytes', { raw: odd, split: 1 }],
    ['events that are not JSON', { raw: 'data: {"choices\n\ndata: nonsense\n\ndata: [DONE]\n\n' }],
    ['an event stream that ends in mid-event', { raw: 'data: {"id":"x","cho' }],
    ['an error of the API', { status: 402 }],
    ['an HTML page with a status of 502', { status: 502, kind: 'html' }],
    ['an empty body', { raw: '' }],
  ])('%s', async (_, directives) => {
    const { fetch } = recordingFetch({ zdr: true, failOnTruncation: false });
    const [ours, theirs] = await Promise.all([fetch, stock].map(async (one) => {
      const response = await ask(one, { emulator: directives });
      return [response.status, response.headers.get('content-type'), Buffer.from(await response.arrayBuffer()).toString('latin1')];
    }));
    expect(ours).toEqual(theirs);
  });
});

describe('createFetch reports', () => {
  test('a stream: model and usage, once each, before the body ends', async () => {
    const { fetch, calls, names } = recordingFetch();
    const text = await (await ask(fetch)).text();
    expect(names()).toEqual(['onModel', 'onUsage']);
    expect(calls[0]).toEqual(['onModel', 'openai/gpt-5-mini']);
    const usage = text.split('\n\n').filter((line) => line.includes('"usage"')).map((line) => JSON.parse(line.slice(6)).usage).at(-1);
    expect(calls[1]).toEqual(['onUsage', usage]);
  });

  test('a stream that is compressed, or sent in single bytes', async () => {
    for (const directives of [{ encoding: 'gzip' }, { encoding: 'br' }, { split: 1 }, { eol: 'crlf', bom: true }, { frame: 'multi-line' }]) {
      const { fetch, names } = recordingFetch();
      await (await ask(fetch, { emulator: directives })).text();
      expect(names()).toEqual(['onModel', 'onUsage']);
    }
  });

  test('usage that arrives in one piece with [DONE]', async () => {
    bytes.script = () => [CHUNKED_HEAD, httpChunk(`${sse(chunkOf('one'), finishChunk())}data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\n`), httpChunk()];
    const { fetch, calls } = recordingFetch();
    await (await post(fetch, bytes.baseURL, bodyOf())).text();
    expect(calls).toEqual([['onModel', 'openai/gpt-5-mini'], ['onUsage', USAGE]]);
  });

  test.each(['repeat', 'choices-empty', 'choices-null', 'choices-missing'])('usage of the shape %s, once', async (shape) => {
    const { fetch, names } = recordingFetch();
    await (await ask(fetch, { emulator: { usageShape: shape, usageNoise: 'zeros' } })).text();
    expect(names().filter((name) => name === 'onUsage')).toHaveLength(1);
  });

  test('the model that the auto router chose', async () => {
    const { fetch, calls } = recordingFetch({ autoRouter: true });
    await (await ask(fetch, { model: undefined, emulator: { model: 'x-ai/grok-4', lateModel: 2 } })).text();
    expect(calls.filter(([name]) => name === 'onModel')).toEqual([['onModel', 'x-ai/grok-4']]);
    expect(calls.some(([name]) => name === 'onFallback')).toBe(false);
  });

  test('a completion without a stream: model and usage', async () => {
    const { fetch, calls } = recordingFetch();
    const response = await ask(fetch, { stream: false });
    const answer = await response.json();
    expect(calls).toEqual([['onModel', answer.model], ['onUsage', answer.usage]]);
  });

  test.each([true, false])('a fallback, with both models (stream: %s)', async (stream) => {
    const { fetch, calls, names } = recordingFetch();
    await (await ask(fetch, { stream, models: ['google/gemini-2.5-flash'], emulator: { fail: 'openai/gpt-5-mini' } })).text();
    expect(names().sort()).toEqual(['onFallback', 'onModel', 'onUsage']);
    const [, fallback] = calls.find(([name]) => name === 'onFallback');
    expect(fallback).toMatchObject({ from: 'openai/gpt-5-mini', to: 'google/gemini-2.5-flash' });
  });

  test.each([[401, 'invalid_api_key'], [402, 'insufficient_credits'], [429, 'rate_limited'], [503, 'service_unavailable']])('an HTTP error %i by onError, and the call resolves', async (status, code) => {
    const { fetch, calls } = recordingFetch();
    const response = await ask(fetch, { emulator: { status, kind: 'echo-key' } });
    expect(response.status).toBe(status);
    await response.text();
    expect(calls).toHaveLength(1);
    const [, error] = calls[0];
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ name: 'OpenRouterError', code, status });
    expect(JSON.stringify(error)).not.toContain(KEY);
  });

  test.each(['object', 'bare', 'string-code', 'finish', 'choices-empty'])('an error in mid-stream (%s) by onError, with the partial answer', async (shape) => {
    const { fetch, calls, names } = recordingFetch();
    await (await ask(fetch, { emulator: { errorAt: 3, errorShape: shape, errorDone: true } })).text();
    expect(names().filter((name) => name === 'onError')).toHaveLength(1);
    const [, error] = calls.find(([name]) => name === 'onError');
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error.partial.choices[0].message.content.length).toBeGreaterThan(0);
  });

  test.each(['text/html', 'application/json', null])('an HTTP error that is not JSON, as %s, by onError', async (type) => {
    const { fetch, calls } = recordingFetch();
    const page = '<html>bad gateway</html>';
    bytes.script = () => [`HTTP/1.1 502 Bad Gateway\r\n${type === null ? '' : `Content-Type: ${type}\r\n`}Content-Length: ${page.length}\r\n\r\n${page}`];
    const response = await fetch(`${bytes.baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify(bodyOf()) });
    expect(await response.text()).toBe(page);
    expect(calls).toEqual([['onError', expect.objectContaining({ code: 'provider_error', status: 502 })]]);
  });

  test('an error in a 200 by onError', async () => {
    const { fetch, names } = recordingFetch();
    await (await ask(fetch, { stream: false, emulator: { errorIn200: 'top' } })).text();
    expect(names()).toEqual(['onError']);
  });

  test('the routing limits that were in force to onError, if no endpoint satisfies them', async () => {
    bytes.script = () => {
      const body = JSON.stringify({ error: { code: 404, message: 'No endpoints found' } });
      return [`HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`];
    };
    const { fetch, calls } = recordingFetch({ zdr: true });
    await (await post(fetch, bytes.baseURL, bodyOf({ provider: { only: ['groq'] } }))).text();
    const message = expect.stringContaining('provider.only=["groq"], provider.zdr=true');
    expect(calls).toEqual([['onError', expect.objectContaining({ code: 'no_endpoints', message })]]);
  });

  test('the cost of a chat to the cached balance of its key, which a 402 drops', async () => {
    const client = new OpenRouterClient(KEY, { baseURL: emulator.baseURL });
    const { balance } = await client.getCredits(true);
    const { fetch } = recordingFetch();
    for (const stream of [true, false]) await (await ask(fetch, { stream, emulator: { cost: 0.25 } })).text();
    expect((await client.getCredits()).balance).toBe(balance - 0.5);
    const before = emulator.requests.length;
    await (await ask(fetch, { emulator: { status: 402 } })).text();
    await client.getCredits();
    expect(emulator.requests.length).toBeGreaterThan(before + 1);
  });

  test('the 401 of a request without a key by onError', async () => {
    const { fetch, calls } = recordingFetch();
    const response = await fetch(`${emulator.baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify(bodyOf()) });
    expect(response.status).toBe(401);
    await response.text();
    expect(calls).toEqual([['onError', expect.objectContaining({ code: 'invalid_api_key', status: 401 })]]);
  });

  test('a stream that ends too early by onError', async () => {
    bytes.script = () => [CHUNKED_HEAD, httpChunk(`data: ${JSON.stringify(chunkOf('one'))}\n\n`), httpChunk()];
    const { fetch, calls, names } = recordingFetch();
    await failureOf((await post(fetch, bytes.baseURL, bodyOf())).text());
    expect(names()).toEqual(['onModel', 'onError']);
    expect(calls[1][1].code).toBe('stream_truncated');
  });

  test.each(['', '\n'])('all of a stream whose last event has no blank line after it, and no error (%j)', async (end) => {
    const last = `data: ${JSON.stringify(chunkOf('', { choice: { finish_reason: 'stop' }, usage: USAGE }))}${end}`;
    bytes.script = () => [CHUNKED_HEAD, httpChunk(`data: ${JSON.stringify(chunkOf('one'))}\n\n${last}`), httpChunk()];
    const { fetch, calls } = recordingFetch();
    expect(await (await post(fetch, bytes.baseURL, bodyOf())).text()).toContain(last);
    expect(calls).toEqual([['onModel', 'openai/gpt-5-mini'], ['onUsage', USAGE]]);
  });

  test('a stream that is cut in mid-event by onError, unless it had its finish reason', async () => {
    for (const [finish, codes] of [['', ['stream_truncated']], [`data: ${JSON.stringify(finishChunk())}\n\n`, []]]) {
      bytes.script = () => [CHUNKED_HEAD, httpChunk(`data: ${JSON.stringify(chunkOf('one'))}\n\n${finish}data: {"usage":{"pro`), httpChunk()];
      const { fetch, calls } = recordingFetch({ failOnTruncation: false });
      await (await post(fetch, bytes.baseURL, bodyOf())).text();
      expect(calls.slice(1).map(([, error]) => error.code)).toEqual(codes);
    }
  });

  test('a stream that is reset by onError, once, and the body rejects', async () => {
    const isRead = gate();
    bytes.script = () => [CHUNKED_HEAD, httpChunk(`data: ${JSON.stringify(chunkOf('one'))}\n\n`), isRead, RST];
    const { fetch, calls, names } = recordingFetch();
    const reader = (await post(fetch, bytes.baseURL, bodyOf())).body.getReader();
    await reader.read();
    isRead.open();
    const failure = await failureOf(reader.read());
    expect(failure.message).toBe('terminated');
    expect(names()).toEqual(['onModel', 'onError']);
    expect(calls[1][1].code).toBe('connection_reset');
  });

  test('a chat that gets no response by onError, once, and the call rejects', async () => {
    const { fetch, calls } = recordingFetch();
    expect((await failureOf(ask(fetch, { emulator: { drop: 'fin' } }))).message).toBe('fetch failed');
    expect(calls).toEqual([['onError', expect.objectContaining({ code: 'connection_reset' })]]);
  });

  test('nothing for requests that are not chats', async () => {
    const { fetch, calls } = recordingFetch();
    await (await fetch(`${emulator.baseURL}/models`)).text();
    await (await fetch(`${emulator.baseURL}/credits`, { headers: { authorization: `Bearer ${KEY}` } })).text();
    expect(calls).toEqual([]);
  });
});

test.each([
  ['throws', () => { throw new Error('hook'); }],
  ['rejects', async () => { throw new Error('hook'); }],
  ['never resolves', () => new Promise(() => {})],
])('a hook that %s does not affect the response', async (_, hook) => {
  const fetch = createFetch({ onModel: hook, onUsage: hook, onFallback: hook, onError: hook });
  const raw = sse(chunkOf('one'), finishChunk(), chunkOf('', { choices: [], usage: USAGE }));
  expect(await (await ask(fetch, { emulator: { raw } })).text()).toBe(raw);
  expect((await (await ask(fetch, { emulator: { status: 402 } })).json()).error.code).toBe(402);
});
