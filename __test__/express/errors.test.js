'use strict';

const { once } = require('node:events');
const { inspect } = require('node:util');

const { OpenRouterClient, OpenRouterError } = require('../..');
const { startEmulator } = require('../../emulator');
const { App, VERSIONS, chatBody, newClient, recordingLogger } = require('./support/express-app');
const { closedPort } = require('../support/closed-port');

const PROMPT = 'PROMPT-CANARY-5512';
const messages = [{ role: 'user', content: PROMPT }];
const trouble = [];
const note = (error) => trouble.push(error);

let emulator;
beforeAll(async () => {
  process.on('unhandledRejection', note);
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(async () => {
  process.off('unhandledRejection', note);
  await emulator.close();
});

describe.each(VERSIONS)('%s: failures', (_, express) => {
  let app;
  let client;
  const log = recordingLogger();
  const seen = [];
  beforeAll(async () => {
    client = newClient(emulator, { key: 'limit-canary' });
    app = await App.start(express, { client, logger: log });
  });
  afterAll(() => app.close());
  beforeEach(() => { log.lines.length = 0; });
  afterEach(() => expect(trouble).toEqual([]));

  const chat = async (emulatorDirectives, params) => {
    const answer = await app.chat({ messages, emulator: emulatorDirectives, ...params });
    seen.push(answer.text, inspect(answer.headers), inspect(log.lines, { depth: Infinity }));
    return answer;
  };
  /** Returns the answer of an application with these router options. */
  async function answerOf(options, work = (own) => own.chat({ messages }), more = {}) {
    const own = await App.start(express, { ...(options.getClient ? {} : { client }), logger: log, ...options }, more);
    try {
      const answer = await work(own);
      seen.push(answer.text, inspect(answer.headers), inspect(log.lines, { depth: Infinity }));
      return answer;
    } finally {
      await own.close();
    }
  }

  describe.each([false, true])('at the API, stream: %s', (stream) => {
    test.each([
      [{ status: 400 }, 400, 'Input validation failed: temperature must be at most 2', { code: 'invalid_request', error_type: 'invalid_request' }],
      [{ status: 401 }, 401, 'Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.', { code: 'invalid_api_key' }],
      [{ status: 402 }, 402, expect.stringMatching(/^Insufficient credits\. Please add credits to your OpenRouter account\. Add more /), { code: 'insufficient_credits', error_type: 'payment_required', limit_source: 'openrouter_credits', remedy_hint: 'Add credits to the account.' }],
      [{ status: 403 }, 403, 'You do not have permission to use this model', { code: 'forbidden', error_type: 'permission_denied' }],
      [{ status: 404 }, 404, 'No endpoints found for openai/gpt-5-mini.', { code: 'no_endpoints', error_type: 'not_found' }],
      [{ status: 408 }, 504, 'Request timed out', { code: 'timeout' }],
      [{ status: 413 }, 413, 'Request body is too large', { code: 'payload_too_large', error_type: 'payload_too_large' }],
      [{ status: 422 }, 422, 'The request cannot be processed', { code: 'invalid_request', error_type: 'unprocessable' }],
      [{ status: 429, retryAfter: 7 }, 429, 'Rate limit exceeded. Please try again later.', { code: 'rate_limited', error_type: 'rate_limit_exceeded' }, '7'],
      [{ status: 500 }, 500, 'Internal Server Error', { code: 'server_error' }],
      [{ status: 502 }, 502, 'Provider returned error (Emulated Provider: upstream connect error or disconnect before headers)', { code: 'provider_error', error_type: 'provider_unavailable', provider_name: 'Emulated Provider' }],
      [{ status: 503 }, 503, expect.stringMatching(/^OpenRouter service temporarily unavailable\. Please try again later\. \w/), { code: 'service_unavailable', error_type: 'provider_overloaded' }],
      [{ status: 504 }, 504, 'The provider did not answer in time', { code: 'timeout', error_type: 'timeout' }],
      [{ status: 524 }, 524, 'A timeout occurred', { code: 'timeout' }],
      [{ status: 529 }, 529, 'The provider is overloaded', { code: 'overloaded', error_type: 'provider_overloaded' }],
      [{ status: 502, kind: 'html' }, 502, expect.stringMatching(/502/), { code: 'provider_error' }],
    ])('%j is answered with its status, message and code', async (directives, ...expected) => {
      // A rest parameter: a declared one that a row lacks would receive Jest's `done` callback.
      const [status, message, metadata, retryAfter] = expected;
      const answer = await chat(directives, { stream });
      const { generation_id: id, ...metadataOfAnswer } = answer.json.error.metadata;
      expect([answer.status, { ...answer.json.error, metadata: metadataOfAnswer }]).toEqual([status, { code: status, message, metadata }]);
      expect(id === undefined || id === emulator.requests[0].generationId).toBe(true);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(answer.headers['cache-control']).toBe('no-store');
      if (retryAfter !== undefined) expect(answer.headers['retry-after']).toBe(retryAfter);
      const [[level, line, details]] = log.lines;
      expect(log.lines).toHaveLength(1);
      expect(level).toBe(status < 500 ? 'warn' : 'error');
      expect(line).toBe(`[OpenRouter] POST /chat/completions: ${status} ${metadata.code}: ${answer.json.error.message}`);
      expect(details).toMatchObject({ method: 'POST', path: '/chat/completions', status, code: metadata.code });
    });
  });

  test('a temporary 402 has a Retry-After header', async () => {
    const { status, headers } = await chat({ status: 402, kind: 'in-flight' });
    expect([status, Number(headers['retry-after'])]).toEqual([402, expect.any(Number)]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  test('an error inside a 200 response is answered with the status of the error', async () => {
    const { status, json } = await chat({ errorIn200: 'top' });
    expect([status, json.error.code, json.error.metadata.code]).toEqual([502, 502, 'provider_error']);
  });

  test.each([[401, 'invalid_api_key'], [402, 'insufficient_credits'], [429, 'rate_limited'], [500, 'server_error']])('credits and models answer with a %i of the API too', async (status, code) => {
    const failing = newClient(emulator, { headers: { 'X-Emulator': `status=${status}; retry-after=9` } });
    for (const path of ['/credits', '/models', '/models?force=true']) {
      const answer = await answerOf({ client: failing }, (own) => own.get(path));
      expect([path, answer.status, answer.json.error.metadata.code]).toEqual([path, status, code]);
      if (status === 429) expect(answer.headers['retry-after']).toBe('9');
    }
  });

  test('a failed connection is a 502, a timeout a 504', async () => {
    const down = await answerOf({ client: newClient({ baseURL: `http://127.0.0.1:${await closedPort()}/api/v1` }) });
    expect([down.status, down.json.error.metadata]).toEqual([502, { code: 'connection_failed' }]);
    const slow = await answerOf({ client: newClient(emulator, { timeouts: { headers: 100 } }) }, (own) => own.chat({ messages, emulator: { delay: 60_000 } }));
    expect([slow.status, slow.json.error.metadata]).toEqual([504, { code: 'timeout' }]);
    const lost = await chat({ drop: 'reset' });
    expect([lost.status, lost.json.error.metadata]).toEqual([502, { code: 'connection_reset' }]);
  });

  describe('in callbacks of the application', () => {
    const error = (status, message, code) => ({ error: { code: status, message, metadata: { code } } });
    const throwing = (what) => [
      ['throws', () => { throw what; }],
      ['rejects', async () => { throw what; }],
    ];
    const leak = Object.assign(new Error(`cannot decrypt sk-or-v1-limit-canary-of-bob for ${PROMPT}`.replace(PROMPT, 'bob')), { name: 'VaultError' });

    test.each(throwing(leak))('a getClient that %s is a 500 without details, which the log has', async (_how, getClient) => {
      for (const path of ['/credits', '/models']) expect((await answerOf({ getClient }, (own) => own.get(path))).status).toBe(500);
      log.lines.length = 0;
      const answer = await answerOf({ getClient });
      expect([answer.status, answer.json]).toEqual([500, error(500, 'Internal Server Error', 'internal_error')]);
      expect(log.lines).toEqual([[
        'error',
        '[OpenRouter] POST /chat/completions: 500 internal_error: VaultError: cannot decrypt [REDACTED] for bob',
        { method: 'POST', path: '/chat/completions', status: 500, code: 'internal_error' },
      ]]);
      expect(emulator.requests).toHaveLength(0);
    });

    test.each([undefined, null, 'text', 7])('a getClient that rejects with %p is a 500', async (what) => {
      const answer = await answerOf({ getClient: () => Promise.reject(what) });
      expect([answer.status, answer.json]).toEqual([500, error(500, 'Internal Server Error', 'internal_error')]);
    });

    test.each([[undefined], [null], [{}], ['sk-or-v1-canary']])('a getClient that returns %p is a 500', async (value) => {
      const answer = await answerOf({ getClient: () => value });
      expect([answer.status, answer.json]).toEqual([500, error(500, 'The server is not set up for this.', 'invalid_option')]);
    });

    test('a user without a key is answered 401 with missing_api_key', async () => {
      const answer = await answerOf({ getClient: () => new OpenRouterClient('user_provided', { baseURL: emulator.baseURL }) });
      expect([answer.status, answer.json.error.metadata]).toEqual([401, { code: 'missing_api_key' }]);
    });

    test('a getClient may refuse with a status, and with a message that it marks for the browser', async () => {
      const silent = Object.assign(new Error('bob owes us 3 USD'), { status: 403 });
      expect((await answerOf({ getClient: () => { throw silent; } })).json).toEqual(error(403, 'Forbidden', 'refused'));
      const exposed = Object.assign(new Error('Your plan has no chats'), { statusCode: 402, expose: true });
      expect((await answerOf({ getClient: () => { throw exposed; } })).json).toEqual(error(402, 'Your plan has no chats', 'refused'));
      const own = new OpenRouterError('Come again tomorrow.', { code: 'rate_limited', status: 429, retryAfter: 86_400_000 });
      const answer = await answerOf({ getClient: () => { throw own; } });
      expect([answer.headers['retry-after'], answer.json]).toEqual(['86400', error(429, 'Come again tomorrow.', 'rate_limited')]);
    });

    test.each([
      ...throwing(leak),
      ['calls next(error)', (_req, _res, next) => next(leak)],
      ['calls next(), then throws', (_req, _res, next) => { next(); throw leak; }],
      ['calls next(), then rejects', async (_req, _res, next) => { next(); throw leak; }],
      ['calls next(), then rejects a little later', async (_req, _res, next) => { next(); await null; await null; throw leak; }],
    ])('an auth that %s: its error is in no answer, and no request passes', async (how, auth) => {
      for (const work of [(own) => own.chat({ messages }), (own) => own.get('/credits'), (own) => own.get('/models')]) {
        const answer = await answerOf({ auth }, work);
        expect([how, answer.status, answer.json]).toEqual([how, 500, error(500, 'Internal Server Error', 'internal_error')]);
      }
      expect(emulator.requests).toHaveLength(0);
    });

    test('an auth that fails while the answer is on its way ends the request', async () => {
      let revoke;
      const revoked = new Promise((_resolve, reject) => { revoke = reject; });
      const app = await App.start(express, { client, logger: log, auth: async (_req, _res, next) => { next(); await revoked; } });
      const request = app.open('POST', '/chat/completions', { body: chatBody({ stream: true, emulator: { text: 'one two three', stall: 1 } }) });
      const [response] = await once(request, 'response');
      const closed = new Promise((resolve) => { response.on('error', resolve); });
      await once(response, 'data');
      revoke(leak);
      expect((await emulator.requests.at(-1).closed).by).toBe('client');
      expect(await closed).toMatchObject({ code: 'ECONNRESET' });
      await app.close();
    });

    test('an auth that waits for the end of the response after next() does not hold the request up', async () => {
      const seen = [];
      const auth = async (_req, res, next) => { next(); await once(res, 'finish'); seen.push(res.statusCode); };
      expect((await answerOf({ auth }, (own) => own.get('/models'))).status).toBe(200);
      expect(seen).toEqual([200]);
    });

    test('an auth that fails with a status is answered with that status', async () => {
      const auth = (_req, _res, next) => next(Object.assign(new Error('no session'), { status: 401 }));
      expect(await answerOf({ auth })).toMatchObject({ status: 401, json: error(401, 'Unauthorized', 'refused') });
    });

    test.each([
      ['throws', () => { throw leak; }],
      ['rejects', async () => { throw leak; }],
    ])('a logger that %s does not change the answer', async (_how, fail) => {
      const logger = { warn: fail, error: fail };
      expect((await answerOf({ logger }, (own) => own.chat({ messages, emulator: { status: 429 } }))).status).toBe(429);
    });
  });

  test('no answer and no log line has the key, the prompt or a stack', async () => {
    for (const status of [400, 401, 402, 403, 429, 500, 502, 503]) await chat({ status, kind: 'echo-key' });
    const moderated = await chat({ status: 403, kind: 'moderation' });
    expect(moderated.json.error.metadata).toEqual({ code: 'moderation', provider_name: 'OpenAI' });
    for (const directives of [{ errorAt: 1 }, { cut: 1 }, { garbage: 1 }, { errorIn200: 'choice-error' }, { status: 502, kind: 'raw-json' }]) {
      await chat({ text: 'x y z', ...directives }, { stream: !directives.errorIn200 && !directives.status });
    }
    await app.ask('POST', '/chat/completions', { body: `{"messages":"${PROMPT}` });
    seen.push(inspect(log.lines, { depth: Infinity }));
    const all = seen.join('\n');
    expect(seen.length).toBeGreaterThan(50);
    expect(all).not.toContain(client.apiKey);
    expect(all).not.toContain('canary-of-bob');
    expect(all).not.toContain(PROMPT);
    expect(all).not.toMatch(/\n\s+at |node_modules|\.js:\d/);
  });
});
