'use strict';

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { App, VERSIONS, chatBody, eventsOf, newClient, recordingLogger } = require('./support/express-app');
const { SSE_HEAD, chunkOf, contentOf, event, finishChunk, sse } = require('../support/streaming');

let emulator;
let raw;
beforeAll(async () => { [emulator, raw] = [await startEmulator({ showKeys: true }), await startByteServer()]; });
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([emulator.close(), raw.close()]));

/** The last request that the API received. */
const sent = () => emulator.requests.at(-1);

describe.each(VERSIONS)('%s: POST /chat/completions', (_, express) => {
  let app;
  let client;
  const log = recordingLogger();
  beforeAll(async () => {
    client = newClient(emulator);
    app = await App.start(express, { client, logger: log });
  });
  afterAll(() => app.close());
  beforeEach(() => { log.lines.length = 0; });

  /** Runs `work` with an application whose API is the byte server. */
  async function withRaw(script, work, options) {
    raw.script = script;
    const own = await App.start(express, { client: newClient(raw, options), logger: log });
    try {
      return await work(own);
    } finally {
      await own.close();
    }
  }

  test('answers with the completion as JSON', async () => {
    const { status, headers, json } = await app.chat({ temperature: 0.5, emulator: { text: 'Bees 🐝' } });
    expect(status).toBe(200);
    expect(json).toMatchObject({ object: 'chat.completion', model: 'openai/gpt-5-mini', choices: [{ message: { content: 'Bees 🐝' } }] });
    expect(json.usage.cost).toBeGreaterThan(0);
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-generation-id': json.id });
    expect(emulator.requests).toHaveLength(1);
    expect(sent().body).toEqual({ ...chatBody({ temperature: 0.5 }), emulator: { text: 'Bees 🐝' } });
    expect(log.lines).toEqual([]);
  });

  test('answers with an event stream whose headers tell proxies not to buffer, transform or cache it', async () => {
    const { status, headers, text } = await app.chat({ stream: true, emulator: { text: 'Bees are busy', chunks: 3 } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-generation-id': sent().generationId,
    });
    const events = eventsOf(text);
    expect(events.at(-1)).toBe('[DONE]');
    expect(contentOf(events.slice(0, -1))).toBe('Bees are busy');
    expect(events.at(-2).usage.cost).toBeGreaterThan(0);
    expect(emulator.requests).toHaveLength(1);
    expect(log.lines).toEqual([]);
  });

  test('has no X-Generation-Id header where the answer has no id', async () => {
    const { id, ...chunk } = chunkOf('x');
    const head = SSE_HEAD.replace(/X-Generation-Id.*\r\n/, '');
    const whole = JSON.stringify({ object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'x' } }] });
    const json = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${whole.length}\r\n\r\n${whole}`;
    for (const [stream, steps] of [[true, [head, sse(chunk), FIN]], [false, [json]]]) {
      const { status, headers } = await withRaw(() => steps, (own) => own.chat({ stream }));
      expect([status, headers['x-generation-id']]).toEqual([200, undefined]);
    }
  });

  test('forwards exactly the bytes of a stream, in whatever pieces they arrive', async () => {
    const bytes = Buffer.from([
      '\uFEFF: OPENROUTER PROCESSING\r\n\r\n',
      `id: 7\ndata:${JSON.stringify(chunkOf('蜂 🐝'))}\r\r`,
      ': comment\n\n',
      event(chunkOf('x', { unknown: [1, 2] })),
      sse(finishChunk()).trimEnd(),
    ].join(''));
    const pieces = async function* script() {
      yield SSE_HEAD;
      for (let at = 0; at < bytes.length; at += 7) {
        yield bytes.subarray(at, at + 7);
        await new Promise(setImmediate);
      }
      yield '\n\n';
      yield FIN;
    };
    expect((await withRaw(() => [SSE_HEAD, bytes, '\n\n', FIN], (own) => own.chat({ stream: true }))).text).toBe(`${bytes}\n\n`);
    expect((await withRaw(pieces, (own) => own.chat({ stream: true }))).text).toBe(`${bytes}\n\n`);
  });

  test('forwards each event at once, without waiting for the next', async () => {
    let goOn;
    const more = new Promise((resolve) => { goOn = resolve; });
    const script = () => [SSE_HEAD, event(chunkOf('first')), more.then(() => sse(chunkOf('second'), finishChunk())), FIN];
    await withRaw(script, async (own) => {
      const request = own.open('POST', '/chat/completions', { body: chatBody({ stream: true }) });
      const response = await new Promise((resolve) => { request.on('response', resolve); });
      let text = '';
      for await (const part of response.setEncoding('utf8')) {
        text += part;
        if (text.includes('first') && !text.includes('second')) goOn();
      }
      expect(contentOf(eventsOf(text).slice(0, -1))).toBe('firstsecond');
    });
  });

  test.each(Object.entries({
    headers: { Authorization: 'Bearer sk-or-v1-of-somebody-else', 'X-Emulator': 'status=500' },
    timeouts: { total: 1 },
    maxRetries: 99,
    signal: { aborted: true },
    onProgress: 'x',
  }))('refuses %s, a setting of the server, with a 400 that names it, and takes null for absent', async (name, value) => {
    const { status, json } = await app.chat({ [name]: value });
    expect({ status, message: json.error.message }).toEqual({ status: 400, message: `${name} is not allowed here, because it is a setting of the server.` });
    expect(emulator.requests).toHaveLength(0);
    expect((await app.chat({ [name]: null })).status).toBe(200);
    expect(Object.keys(sent().body)).toEqual(['model', 'messages']);
  });

  test.each(['{"__proto__":{"headers":{"X-Emulator":"status=500"}},%}', '{"constructor":{"prototype":{"headers":{"X-Emulator":"status=500"}}},%}'])(
    'is not affected by property names of the prototype: %s',
    async (body) => {
      const { status } = await app.ask('POST', '/chat/completions', { body: body.replace('%', JSON.stringify(chatBody()).slice(1, -1)) });
      expect(status).toBe(200);
      expect({}.headers).toBeUndefined();
      expect(sent().headers['x-emulator']).toBeUndefined();
    },
  );

  test('a browser can tighten the privacy settings of the client, but not loosen them', async () => {
    expect((await app.chat({ zdr: true })).status).toBe(200);
    expect(sent().body.provider).toEqual({ zdr: true });
    const own = await App.start(express, { client: newClient(emulator, { zdr: true, dataCollection: 'deny' }) });
    try {
      for (const loose of [{}, { zdr: false }, { provider: { zdr: false, data_collection: 'allow', sort: 'price' } }, { provider: null }]) {
        await own.chat(loose);
        expect(sent().body.provider).toMatchObject({ zdr: true, data_collection: 'deny' });
      }
    } finally {
      await own.close();
    }
  });

  test('uses the auto router for autoRouter in the body, as LibreChat sends it', async () => {
    const { json } = await app.chat({ autoRouter: true });
    expect(sent().body.model).toBe('openrouter/auto');
    expect(json._metadata).toMatchObject({ autoRouterUsed: true, actualModelUsed: json.model });
  });

  describe('a failure in mid-stream', () => {
    /** The content of all events but the last. */
    const before = (events) => contentOf(events.slice(0, -1));

    test.each(['object', 'bare', 'string-code', 'choice', 'choices-empty'])('of the shape %s reaches the browser once, without a [DONE]', async (shape) => {
      const { status, text } = await app.chat({ stream: true, emulator: { text: 'a b c d', chunks: 4, errorAt: 2, errorShape: shape, errorDone: true } });
      expect(status).toBe(200);
      const events = eventsOf(text);
      expect(events).not.toContain('[DONE]');
      expect(events.filter(({ error }) => error)).toEqual([events.at(-1)]);
      expect(events.at(-1).error.message).toMatch(/^Provider returned error/);
      expect(before(events)).toBe('a b');
      expect(log.lines).toEqual([['error', expect.stringContaining('the stream failed: provider_error: Provider returned error'), expect.anything()]]);
    });

    test.each([
      ['a connection that is reset', { cut: 2, cutHow: 'reset' }, { code: 502, metadata: { code: 'connection_reset' } }],
      ['a stream that is cut', { cut: 2, cutHow: 'clean' }, { code: 502, metadata: { code: 'stream_truncated' } }],
      ['an event that is cut in half', { cut: 2, cutHow: 'half-chunk' }, { code: 502, metadata: { code: 'stream_truncated' } }],
      ['a finish_reason error without a message', { errorAt: 2, errorShape: 'finish' }, { code: 500, metadata: { code: 'server_error' } }],
      ['a stream that stalls', { stall: 2 }, { code: 504, metadata: { code: 'timeout' } }],
    ])('becomes an error event in the format of OpenRouter: %s', async (_how, directives, error) => {
      const own = await App.start(express, { client: newClient(emulator, { timeouts: { idle: 150 } }) });
      const { text } = await own.chat({ stream: true, emulator: { text: 'a b c d', chunks: 4, ...directives } });
      await own.close();
      const events = eventsOf(text);
      const last = events.at(-1);
      expect(last).toEqual({
        id: events[0].id,
        object: 'chat.completion.chunk',
        created: expect.any(Number),
        model: 'openai/gpt-5-mini',
        provider: 'OpenAI',
        error: { message: expect.any(String), ...error, metadata: expect.objectContaining(error.metadata) },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error', native_finish_reason: 'error' }],
      });
      expect(before(events)).toBe('a b');
      expect(events.filter((one) => one.error)).toHaveLength(1);
      expect(text.endsWith('\n\n')).toBe(true);
    });

    test('is the last event, although more arrived in the same packet', async () => {
      const failure = { error: { code: 502, message: 'Provider returned error' }, choices: [] };
      const script = () => [SSE_HEAD, sse(chunkOf('a'), failure, chunkOf('b')), FIN];
      const { text } = await withRaw(script, (own) => own.chat({ stream: true }));
      expect(eventsOf(text)).toEqual([chunkOf('a'), failure]);
    });

    test('is forwarded although the network cut its last CR LF', async () => {
      const failure = { error: { code: 502, message: 'Provider returned error' }, choices: [] };
      const text = [chunkOf('a'), failure].map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join('');
      const script = () => [SSE_HEAD, text.slice(0, -1)];
      const { text: received } = await withRaw(script, (own) => own.chat({ stream: true }));
      expect(received).toBe(text.slice(0, -1));
    });

    test('before the first token is answered with its status', async () => {
      const { status, headers, json } = await app.chat({ stream: true, emulator: { errorAt: 0, errorCode: 429 } });
      expect(status).toBe(429);
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(json.error).toMatchObject({ code: 429, metadata: { code: 'rate_limited' } });
    });
  });

  test('an API key that the server echoes in a stream is redacted, even if the network splits it', async () => {
    const script = ({ headers }) => {
      const text = sse(chunkOf(`You sent ${headers.authorization}`), chunkOf(' twice '), chunkOf(headers.authorization), finishChunk());
      const at = text.indexOf('express-');
      return [SSE_HEAD, text.slice(0, at), new Promise((resolve) => { setTimeout(resolve, 20, text.slice(at)); }), FIN];
    };
    const { text } = await withRaw(script, (own) => own.chat({ stream: true }));
    expect(contentOf(eventsOf(text).slice(0, -1))).toBe('You sent Bearer [REDACTED] twice Bearer [REDACTED]');
  });

  test('an API key that is a part of the word for a redacted key ends the search, too', async () => {
    raw.script = () => [SSE_HEAD, sse(chunkOf('the key REDACTED'), finishChunk()), FIN];
    const own = await App.start(express, { client: new OpenRouterClient('REDACTED', { baseURL: raw.baseURL }), logger: log });
    const { text } = await own.chat({ stream: true });
    await own.close();
    expect(contentOf(eventsOf(text).slice(0, -1))).toBe('the key [REDACTED]');
  });
});
