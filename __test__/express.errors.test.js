'use strict';

const { inspect } = require('node:util');

const { OpenRouterClient, OpenRouterError } = require('..');
const { startEmulator } = require('../emulator');
const { App, VERSIONS, keptLog, newClient } = require('./support/express-app');
const { closedPort } = require('./support/raw-server');

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

describe.each(VERSIONS)('%s: what fails', (_, express) => {
  let app;
  let client;
  const log = keptLog();
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
  /** An answer of an application of its own. */
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

  test('a 402 that passes says when to come again', async () => {
    const { status, headers } = await chat({ status: 402, kind: 'in-flight' });
    expect([status, Number(headers['retry-after'])]).toEqual([402, expect.any(Number)]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  test('an error inside a 200 is answered as if it had come with its status (E2)', async () => {
    const { status, json } = await chat({ errorIn200: 'top' });
    expect([status, json.error.code, json.error.metadata.code]).toEqual([502, 502, 'provider_error']);
  });

  test.each([[401, 'invalid_api_key'], [402, 'insufficient_credits'], [429, 'rate_limited'], [500, 'server_error']])('credits and models keep a %i too (bug 06)', async (status, code) => {
    const failing = newClient(emulator, { headers: { 'X-Emulator': `status=${status}; retry-after=9` } });
    for (const path of ['/credits', '/models', '/models?force=true']) {
      const answer = await answerOf({ client: failing }, (own) => own.get(path));
      expect([path, answer.status, answer.json.error.metadata.code]).toEqual([path, status, code]);
      if (status === 429) expect(answer.headers['retry-after']).toBe('9');
    }
  });

  test('a network that is down is a 502, one that is slow a 504', async () => {
    const down = await answerOf({ client: newClient({ baseURL: `http://127.0.0.1:${await closedPort()}/api/v1` }) });
    expect([down.status, down.json.error.metadata]).toEqual([502, { code: 'connection_failed' }]);
    const slow = await answerOf({ client: newClient(emulator, { timeouts: { headers: 100 } }) }, (own) => own.chat({ messages, emulator: { delay: 60_000 } }));
    expect([slow.status, slow.json.error.metadata]).toEqual([504, { code: 'timeout' }]);
    const lost = await chat({ drop: 'reset' });
    expect([lost.status, lost.json.error.metadata]).toEqual([502, { code: 'connection_reset' }]);
  });

  describe('in the application', () => {
    const error = (status, message, code) => ({ error: { code: status, message, metadata: { code } } });
    const throwing = (what) => [
      ['throws', () => { throw what; }],
      ['rejects', async () => { throw what; }],
    ];
    const leak = Object.assign(new Error(`cannot decrypt sk-or-v1-limit-canary-of-bob for ${PROMPT}`.replace(PROMPT, 'bob')), { name: 'VaultError' });

    test.each(throwing(leak))('a getClient that %s is a 500 that says nothing, and a line in the log', async (_how, getClient) => {
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

    test.each([[undefined], [null], [{}], ['sk-or-v1-canary']])('a getClient that gives %p is a 500', async (value) => {
      const answer = await answerOf({ getClient: () => value });
      expect([answer.status, answer.json]).toEqual([500, error(500, 'The server is not set up for this.', 'invalid_option')]);
    });

    test('a user without a key is told so with a 401', async () => {
      const answer = await answerOf({ getClient: () => new OpenRouterClient('user_provided', { baseURL: emulator.baseURL }) });
      expect([answer.status, answer.json.error.metadata]).toEqual([401, { code: 'missing_api_key' }]);
    });

    test('a getClient may refuse with a status, and with words that are meant to be told', async () => {
      const silent = Object.assign(new Error('bob owes us 3 USD'), { status: 403 });
      expect((await answerOf({ getClient: () => { throw silent; } })).json).toEqual(error(403, 'Forbidden', 'refused'));
      const told = Object.assign(new Error('Your plan has no chats'), { statusCode: 402, expose: true });
      expect((await answerOf({ getClient: () => { throw told; } })).json).toEqual(error(402, 'Your plan has no chats', 'refused'));
      const own = new OpenRouterError('Come again tomorrow.', { code: 'rate_limited', status: 429, retryAfter: 86_400_000 });
      const answer = await answerOf({ getClient: () => { throw own; } });
      expect([answer.headers['retry-after'], answer.json]).toEqual(['86400', error(429, 'Come again tomorrow.', 'rate_limited')]);
    });

    test.each([
      ...throwing(leak),
      ['calls next(error)', (_req, _res, next) => next(leak)],
      ['calls next(), then throws', null],
    ])('an auth that %s lets nobody in, and Express shows no stack', async (how, auth) => {
      if (auth === null) {
        const hasty = (_req, _res, next) => { next(); throw leak; };
        expect((await answerOf({ auth: hasty }, (own) => own.get('/models'))).status).toBe(200);
        return;
      }
      for (const work of [(own) => own.chat({ messages }), (own) => own.get('/credits'), (own) => own.get('/models')]) {
        const answer = await answerOf({ auth }, work);
        expect([how, answer.status, answer.json]).toEqual([how, 500, error(500, 'Internal Server Error', 'internal_error')]);
      }
      expect(emulator.requests).toHaveLength(0);
    });

    test('an auth that fails with a status is answered with it', async () => {
      const auth = (_req, _res, next) => next(Object.assign(new Error('no session'), { status: 401 }));
      expect(await answerOf({ auth })).toMatchObject({ status: 401, json: error(401, 'Unauthorized', 'refused') });
    });

    test('a logger that throws disturbs nothing', async () => {
      const logger = { warn: () => { throw leak; }, error: () => { throw leak; } };
      expect((await answerOf({ logger }, (own) => own.chat({ messages, emulator: { status: 429 } }))).status).toBe(429);
    });
  });

  test('no key, no prompt and no stack is in any answer or line (K1, K3)', async () => {
    for (const status of [400, 401, 402, 403, 429, 500, 502, 503]) await chat({ status, kind: 'echo-key' });
    const moderated = await chat({ status: 403, kind: 'moderation' });
    expect(moderated.json.error.metadata).toEqual({ code: 'moderation', provider_name: 'OpenAI' });
    for (const directives of [{ errorAt: 1 }, { cut: 1 }, { garbage: 1 }, { errorIn200: 'choice-error' }, { status: 502, kind: 'raw-json' }]) {
      await chat({ text: 'x y z', ...directives }, { stream: !directives.errorIn200 && !directives.status });
    }
    await app.ask('POST', '/chat/completions', { body: `{"messages":"${PROMPT}` });
    seen.push(inspect(log.lines, { depth: Infinity }));
    const all = seen.join('\n');
    expect(seen.length).toBeGreaterThan(30);
    expect(all).not.toContain(client.apiKey);
    expect(all).not.toContain('canary-of-bob');
    expect(all).not.toContain(PROMPT);
    expect(all).not.toMatch(/\n\s+at |node_modules|\.js:\d/);
  });
});
