'use strict';

// What every server of this package does alike: a handler under node:http and Hono, and the Express router.
const { once } = require('node:events');
const { inspect } = require('node:util');

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { SSE_HEAD, chunkOf, contentOf, event, finishChunk, sse } = require('../support/streaming');
const { chatBody, eventsOf, newClient, recordingLogger } = require('../express/support/express-app');
const { HELD_BYTES } = require('../support/limits');
const { until, untilStalled } = require('../support/until');
const { DOORS } = require('./support/doors');

const trouble = [];
const note = (error) => trouble.push(error);
let emulator;
let raw;
beforeAll(async () => {
  process.on('unhandledRejection', note);
  [emulator, raw] = [await startEmulator({ showKeys: true }), await startByteServer()];
});
beforeEach(() => emulator.reset());
afterEach(() => expect(trouble).toEqual([]));
afterAll(async () => {
  process.off('unhandledRejection', note);
  await Promise.all([emulator.close(), raw.close()]);
});

const sent = () => emulator.requests.map(({ method, path }) => `${method} ${path}`);
const refused = (code, message, name) => ({ error: { code, message, metadata: { code: name } } });

describe.each(DOORS)('%s', (_, start) => {
  const log = recordingLogger();
  beforeEach(() => { log.lines.length = 0; });

  /** Runs `work` with a server that has these options, and closes it afterwards. */
  async function withServer(options, work) {
    const server = await start({ ...(options.getClient ? {} : { client: newClient(emulator) }), logger: log, ...options });
    try {
      return await work(server);
    } finally {
      await server.close();
    }
  }

  describe('POST /chat/completions', () => {
    test('answers with the completion as JSON', () => withServer({}, async (server) => {
      const { status, headers, json } = await server.chat({ emulator: { text: 'Bees 🐝' } });
      expect([status, json.choices[0].message.content]).toEqual([200, 'Bees 🐝']);
      expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-generation-id': json.id });
      expect(log.lines).toEqual([]);
    }));

    test('forwards exactly the bytes of a stream, in whatever pieces they arrive', async () => {
      const bytes = Buffer.from(`\uFEFF: wait\r\n\r\nid: 7\ndata:${JSON.stringify(chunkOf('蜂 🐝'))}\r\r${event(chunkOf('x', { unknown: [1] }))}${sse(finishChunk())}`);
      raw.script = async function* script() {
        yield SSE_HEAD;
        for (let at = 0; at < bytes.length; at += 7) {
          yield bytes.subarray(at, at + 7);
          await new Promise(setImmediate);
        }
        yield FIN;
      };
      await withServer({ client: newClient(raw) }, async (server) => {
        const { status, headers, text } = await server.chat({ stream: true });
        expect([status, text]).toEqual([200, bytes.toString()]);
        expect(headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' });
      });
    });

    test('forwards each event at once, without waiting for the next', async () => {
      let goOn;
      const more = new Promise((resolve) => { goOn = resolve; });
      raw.script = () => [SSE_HEAD, event(chunkOf('first')), more.then(() => sse(chunkOf('second'), finishChunk())), FIN];
      await withServer({ client: newClient(raw) }, async (server) => {
        const [response] = await once(server.open('POST', '/chat/completions', { body: chatBody({ stream: true }) }), 'response');
        let text = '';
        for await (const part of response.setEncoding('utf8')) {
          text += part;
          if (text.includes('first')) goOn();
        }
        expect(contentOf(eventsOf(text).slice(0, -1))).toBe('firstsecond');
      });
    });

    test('ends a stream that breaks with an event that reports the error, and without [DONE]', () => withServer({}, async (server) => {
      const events = eventsOf((await server.chat({ stream: true, emulator: { text: 'a b c d', chunks: 4, cut: 2 } })).text);
      expect(contentOf(events.slice(0, -1))).toBe('a b');
      expect(events.at(-1).error).toMatchObject({ code: 502, metadata: { code: expect.stringMatching(/^(stream_truncated|connection_reset)$/) } });
    }));

    test('answers a failure of the API with its status, and with Retry-After', () => withServer({}, async (server) => {
      const { status, headers, json } = await server.chat({ emulator: { status: 429, retryAfter: 7 } });
      expect([status, headers['retry-after'], json.error.metadata.code]).toEqual([429, '7', 'rate_limited']);
      expect(headers['cache-control']).toBe('no-store');
    }));

    test('keeps the rules of allow and limits, and refuses settings of the server', () => withServer({ allow: { models: ['openai/*'] }, limits: { max_tokens: 5 } }, async (server) => {
      expect((await server.chat({ model: 'x/y' })).json).toEqual(refused(400, 'model is not one of the models that are allowed here.', 'invalid_request'));
      expect((await server.chat({ headers: { 'X-Emulator': 'status=500' } })).status).toBe(400);
      expect(sent()).toEqual([]);
      expect((await server.chat()).status).toBe(200);
      expect(emulator.requests[0].body.max_tokens).toBe(5);
    }));

    test.each([
      ['that is broken', '{"messages":"PROMPT', {}, 400, 'The body is not valid JSON.', 'invalid_request'],
      ['that is empty', '', {}, 400, 'The request has no body. Send the parameters of a chat as JSON.', 'invalid_request'],
      ['that is absent', undefined, { 'Content-Type': 'application/json' }, 400, 'The request has no body. Send the parameters of a chat as JSON.', 'invalid_request'],
      ['that is a list', '[1]', {}, 400, 'The body must be a JSON object.', 'invalid_request'],
      ['of another type', '{}', { 'Content-Type': 'text/plain' }, 415, 'The content type must be application/json.', 'unsupported_media_type'],
      ['that is compressed', '{}', { 'Content-Encoding': 'gzip' }, 415, 'A compressed body is not taken here. Send it uncompressed.', 'unsupported_media_type'],
      ['in UTF-16', '{}', { 'Content-Type': 'application/json; charset=utf-16' }, 415, 'The body must be in UTF-8.', 'unsupported_media_type'],
      ['above the limit', ' '.repeat(2001), {}, 413, 'The body is larger than 2000 bytes. Send less text, or smaller files.', 'payload_too_large'],
    ])('refuses a body %s', (_what, body, headers, ...answer) => withServer({ limit: 2000 }, async (server) => {
      const { status, json } = await server.ask('POST', '/chat/completions', { body, headers });
      expect([status, json]).toEqual([answer[0], refused(...answer)]);
      expect(sent()).toEqual([]);
    }));

    test('refuses a body above the limit without a Content-Length too, however much is sent', () => withServer({ limit: 2000 }, async (server) => {
      const request = server.open('POST', '/chat/completions', { body: '{"messages":"', end: false });
      const answered = once(request, 'response');
      for (let at = 0; at < 100; at += 1) request.write('x'.repeat(50_000));
      request.end('"}');
      const [response] = await answered;
      expect([response.statusCode, JSON.parse((await response.setEncoding('utf8').toArray()).join('')).error.metadata.code]).toEqual([413, 'payload_too_large']);
    }));
  });

  describe('a browser that leaves', () => {
    const leaving = (server, params) => server.open('POST', '/chat/completions', { body: chatBody(params) });

    test.each([[true, { stall: 3 }], [true, { delay: 60_000 }], [false, { delay: 60_000 }]])('ends the request to the API, stream: %s, %j', (stream, directives) => withServer({}, async (server) => {
      const browser = leaving(server, { stream, emulator: directives });
      const record = await emulator.waitForRequest();
      if (directives.stall) {
        const [response] = await once(browser, 'response');
        await once(response, 'data');
      }
      browser.destroy();
      expect((await record.closed).by).toBe('client');
      await until(() => log.lines.length > 0, 'the browser is logged to have left');
      expect(log.lines).toEqual([['debug', '[OpenRouter] POST /chat/completions: the browser has left', { method: 'POST', path: '/chat/completions' }]]);
    }));

    test('while it read slowly had paused the stream of the API', async () => {
      const piece = 'x'.repeat(64 * 1024);
      raw.script = async function* script() {
        yield SSE_HEAD;
        for (let size = 0; size < 4 * HELD_BYTES; size += piece.length) yield event(chunkOf(piece));
      };
      const at = raw.requests.length;
      await withServer({ client: newClient(raw) }, async (server) => {
        const browser = leaving(server, { stream: true });
        const [response] = await once(browser, 'response');
        response.pause();
        const record = await raw.request(at);
        await untilStalled(record);
        expect(record.bytesWritten).toBeLessThan(2 * HELD_BYTES);
        browser.destroy();
        expect((await record.closed).by).toBe('client');
      });
    });
  });

  describe('what is read', () => {
    test('GET /credits has the level and whether the balance is low', () => withServer({ client: newClient(emulator, { key: 'management' }) }, async (server) => {
      const { status, headers, json } = await server.get('/credits');
      expect([status, json]).toEqual([200, { balance: 10, currency: 'USD', usage: 0, total: 10, level: 'green', low: false }]);
      expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
      for (const query of ['', '?force=true', '?force=false', '?force=true&force=true']) await server.get(`/credits${query}`);
      expect(sent()).toEqual(['GET /api/v1/credits', 'GET /api/v1/credits']);
    }));

    test.each(['/models', '/models?zdr=true', '/models/endpoints?model=openai/gpt-5-mini', '/providers'])('GET %s is what the API sends, with an ETag that a browser validates', (path) => withServer({}, async (server) => {
      const { status, headers, json } = await server.get(path);
      const api = path.includes('endpoints') ? '/models/openai/gpt-5-mini/endpoints' : path;
      const { data } = await (await fetch(`${emulator.baseURL}${api}`, { headers: { Authorization: 'Bearer sk-or-v1-limit-x' } })).json();
      for (const endpoint of data.endpoints ?? []) endpoint.zdr = expect.any(Boolean);
      expect([status, json]).toEqual([200, { data }]);
      expect(headers['cache-control']).toBe('private, no-cache');
      const again = await server.get(path, { 'If-None-Match': headers.etag });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', headers.etag]);
      const head = await server.ask('HEAD', path);
      expect([head.status, head.text, head.headers.etag]).toEqual([200, '', headers.etag]);
    }));

    test('GET /models?zdr=true has fewer models than GET /models, and any other value has all', () => withServer({}, async (server) => {
      const [all, zdr, other] = await Promise.all(['', '?zdr=true', '?zdr=1'].map(async (query) => (await server.get(`/models${query}`)).json.data.length));
      expect(zdr).toBeGreaterThan(0);
      expect(zdr).toBeLessThan(all);
      expect(other).toBe(all);
    }));

    test('the models and the endpoints of a model are asked for once, and again with force=true', () => withServer({}, async (server) => {
      for (const query of ['', '', '&force=true']) expect((await server.get(`/models/endpoints?model=openai/gpt-5-mini${query}`)).status).toBe(200);
      expect(sent().filter((one) => one.endsWith('/gpt-5-mini/endpoints'))).toHaveLength(2);
    }));

    test.each(['', '?model=', '?model=gpt-5', '?model=../keys', '?model=..%2Fkeys', '?model=a/..', '?model=a/b/c', '?model=a/b%3Fx', '?model=a/b&model=c/d', `?model=a/${'b'.repeat(300)}`])(
      'GET /models/endpoints%s is a 400 and sends nothing',
      (query) => withServer({}, async (server) => {
        const { status, json } = await server.get(`/models/endpoints${query}`);
        expect([status, json]).toEqual([400, refused(400, 'The query parameter model must be the id of a model, such as openai/gpt-5-mini.', 'invalid_request')]);
        expect(sent()).toEqual([]);
      }),
    );

    test('a client of the application’s own without a method is a 500, whose reason the log has', () => {
      const client = { chatCompletion() {}, getCredits() {}, getModels() {} };
      return withServer({ client }, async (server) => {
        expect((await server.get('/providers')).json).toEqual(refused(500, 'The server is not set up for this.', 'invalid_option'));
        expect(log.lines[0][1]).toMatch(/The client has no method getProviders/);
      });
    });
  });

  describe('GET /generation', () => {
    const unknown = refused(404, 'No generation of this id is known here for this user.', 'not_found');
    const [ann, bob] = ['ann', 'bob'].map((name) => ({ 'X-User': name }));
    const asked = () => sent().filter((one) => one.includes('/generation'));

    test.each([[true, {}], [false, {}], [true, { cut: 1 }], [true, { errorAt: 1 }], [false, { errorIn200: 'top' }]])(
      'shows the answer to the user who got it, and to nobody else; stream: %s, %j',
      (stream, directives) => withServer({}, async (server) => {
        const answer = await server.chat({ stream, emulator: { text: 'a b', chunks: 2, ...directives } }, { headers: ann });
        const id = answer.headers['x-generation-id'] ?? answer.json.error?.metadata.generation_id ?? emulator.requests[0].generationId;
        for (const headers of [bob, {}]) {
          const { status, json } = await server.get(`/generation?id=${id}`, headers);
          expect([status, json]).toEqual([404, unknown]);
        }
        expect(asked()).toEqual([]);
        const { status, headers, json } = await server.get(`/generation?id=${id}`, ann);
        expect([status, headers['cache-control'], json.data.id]).toEqual([200, 'no-store', id]);
      }),
    );

    test('shows cost, model and tokens, but nothing of the account', () => withServer({}, async (server) => {
      const { json: { id } } = await server.chat({ user: 'CANARY', session_id: 'CANARY' }, { headers: ann });
      const { json, text } = await server.get(`/generation?id=${id}`, ann);
      expect(json.data).toMatchObject({ id, model: 'openai/gpt-5-mini', provider_name: 'OpenAI', total_cost: expect.any(Number), tokens_prompt: expect.any(Number) });
      expect(Object.keys(json.data)).not.toEqual(expect.arrayContaining([expect.stringMatching(/user|session|origin|referer|app_id|workspace|preset|upstream_id|request_id|source/)]));
      expect(text).not.toContain('CANARY');
    }));

    test('an answer to somebody without a name is shown to nobody', () => withServer({}, async (server) => {
      const { json: { id } } = await server.chat();
      for (const headers of [{}, ann]) expect((await server.get(`/generation?id=${id}`, headers)).status).toBe(404);
      expect(asked()).toEqual([]);
    }));

    test('a rule of the application decides in place of it, and only true admits', async () => {
      const { id } = await newClient(emulator).chatCompletion(chatBody());
      const questions = [];
      const mayReadGeneration = async (request, question) => {
        questions.push(question.id);
        expect(request.url).toContain('/generation');
        return { ann: true, bob: 'yes' }[question.user.id ?? question.user];
      };
      await withServer({ mayReadGeneration }, async (server) => {
        expect([(await server.get(`/generation?id=${id}`, ann)).status, (await server.get(`/generation?id=${id}`, bob)).status]).toEqual([200, 404]);
        expect(questions).toEqual([id, id]);
      });
      await withServer({ mayReadGeneration: () => { throw new Error('CANARY'); } }, async (server) => {
        const { status, text } = await server.get(`/generation?id=${id}`, ann);
        expect([status, text.includes('CANARY')]).toEqual([500, false]);
      });
    });

    test.each(['', '?id=', '?id=a/b', '?id=a&id=b', '?id=..%2Fkeys', `?id=${'x'.repeat(300)}`])('%s is a 400', (query) => withServer({}, async (server) => {
      expect((await server.get(`/generation${query}`, ann)).json).toEqual(refused(400, 'The query parameter id must be the id of a generation.', 'invalid_request'));
    }));
  });

  describe('methods', () => {
    test.each([
      ['/chat/completions', 'GET', 'POST', 'POST, OPTIONS'],
      ['/models/endpoints', 'POST', 'GET', 'GET, HEAD, OPTIONS'],
      ['/providers', 'PUT', 'GET', 'GET, HEAD, OPTIONS'],
      ['/generation', 'DELETE', 'GET', 'GET, HEAD, OPTIONS'],
    ])('%s answers 405 to %s, and lists what it takes for OPTIONS', (route, method, use, allow) => withServer({}, async (server) => {
      const { status, headers, json } = await server.ask(method, route);
      expect([status, headers.allow, json]).toEqual([405, allow, refused(405, `${method} is not allowed here: use ${use}.`, 'method_not_allowed')]);
      expect(await server.ask('OPTIONS', route)).toMatchObject({ status: 204, text: '', headers: { allow } });
      expect(sent()).toEqual([]);
    }));

    test('a path that is not one of the handler is a 404', () => withServer({}, async (server) => {
      for (const route of ['/nothing', '/chat', '/models/endpoint', '/x/endpoints']) expect((await server.get(route)).status).toBe(404);
    }));
  });

  test('the key that a server echoes is in no answer and no log line', async () => {
    const key = 'sk-or-v1-limit-canary-0123456789';
    raw.script = ({ headers, text }) => {
      const chunk = chunkOf(headers.authorization, { provider: headers.authorization });
      if (text.includes('"stream":true')) return [SSE_HEAD, sse(chunk, finishChunk()), FIN];
      const body = JSON.stringify({ error: { code: 400, message: headers.authorization } });
      return [`HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`];
    };
    await withServer({ client: new OpenRouterClient(key, { baseURL: raw.baseURL, maxRetries: 0 }) }, async (server) => {
      const answers = [await server.chat({ stream: true }), await server.chat(), await server.get('/providers'), await server.get('/models/endpoints?model=a/b')];
      const all = answers.map(({ headers, text }) => inspect(headers) + text).join('\n') + inspect(log.lines, { depth: 9 });
      expect(all).toContain('[REDACTED]');
      expect(all).not.toContain('canary');
    });
  });
});
