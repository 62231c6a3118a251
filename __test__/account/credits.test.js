'use strict';

const { OpenRouterClient, OpenRouterError, creditLevel } = require('../..');
const { startEmulator } = require('../../emulator');
const { failure, startScriptedApi } = require('../support/servers/scripted-api.js');
const { until } = require('../support/until.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Tell me about bees' }];

let emulator;
let api;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterEach(async () => {
  await api?.close();
  api = undefined;
});
afterAll(() => emulator.close());

const clientOf = (key, options) => new OpenRouterClient(`sk-or-v1-${key}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const paths = () => emulator.requests.map(({ path }) => path.replace('/api/v1', ''));
/** Starts an API with these answers, and returns a client of it. */
async function scripted(key, answers) {
  api = await startScriptedApi(answers);
  return clientOf(key, { baseURL: api.baseURL });
}

describe('the endpoint that the figures come from', () => {
  test("a management key gets the account's figures with one request", async () => {
    const client = await scripted('management-figures', { '/credits': { data: { total_credits: 25, total_usage: 10.5 } } });
    const credits = await client.getCredits();
    expect(credits).toEqual({ balance: 14.5, currency: 'USD', usage: 10.5, total: 25 });
    expect(credits.source).toBe('credits');
    expect(api.paths).toEqual(['/credits']);
  });

  test('the balance has no binary rounding error: 0.3 - 0.1 is 0.2', async () => {
    const client = await scripted('management-fractions', { '/credits': { data: { total_credits: 0.3, total_usage: 0.1 } } });
    expect((await client.getCredits()).balance).toBe(0.2);
  });

  test('a debt is a negative balance', async () => {
    const client = await scripted('management-debt', { '/credits': { data: { total_credits: 5, total_usage: 5.25 } } });
    const { balance } = await client.getCredits();
    expect(balance).toBe(-0.25);
    expect(creditLevel(balance)).toBe('red');
  });

  test('an inference key that /credits refuses with 403 gets its own limit from /key', async () => {
    const credits = await clientOf('limit-refused').getCredits();
    expect(credits).toEqual({ balance: 10, currency: 'USD', usage: 0, total: 10 });
    expect(credits.source).toBe('key');
    expect(paths()).toEqual(['/credits', '/key']);
  });

  test('an inference key that gets zeros from /credits gets its own limit from /key', async () => {
    const credits = await clientOf('zeros-limit').getCredits();
    expect(credits).toEqual({ balance: 10, currency: 'USD', usage: 0, total: 10 });
    expect(credits.source).toBe('key');
    expect(paths()).toEqual(['/credits', '/key']);
  });

  test('a management key that gets zeros from /credits has a balance of 0', async () => {
    const credits = await clientOf('management-zeros').getCredits();
    expect(credits).toEqual({ balance: 0, currency: 'USD', usage: 0, total: 0 });
    expect(credits.source).toBe('credits');
  });

  test.each(['refused', 'zeros'])('the balance of a key without a limit is null, not 0 (%s)', async (how) => {
    const credits = await clientOf(`uncapped-${how}`).getCredits();
    expect(credits).toEqual({ balance: null, currency: 'USD', usage: 0, total: null });
    expect(creditLevel(credits.balance)).toBe('unknown');
  });

  test("the figures of an inference key are its limit and its usage", async () => {
    const key = { data: { limit: 20, limit_remaining: 7.25, usage: 112.75, usage_daily: 3, is_management_key: false } };
    const client = await scripted('capped', { '/credits': failure(403), '/key': key });
    expect(await client.getCredits()).toEqual({ balance: 7.25, currency: 'USD', usage: 112.75, total: 20 });
  });

  test('data null from /credits is not a balance of 0: /key is requested', async () => {
    const key = { data: { limit: 3, limit_remaining: 2, usage: 1 } };
    const client = await scripted('null-account', { '/credits': { data: null }, '/key': key });
    expect(await client.getCredits()).toEqual({ balance: 2, currency: 'USD', usage: 1, total: 3 });
  });

  const ZEROS = { balance: 0, currency: 'USD', usage: 0, total: 0 };
  test.each([
    ['data null from /credits and /key', { data: null }, { data: null }],
    ['an empty object from /credits and a text from /key', {}, { data: 'nothing' }],
    ['data null from /credits and a 404 from /key', { data: null }, failure(404)],
  ])('%s give figures of 0', async (what, account, key) => {
    const client = await scripted(`null-everywhere-${what.replaceAll(' ', '-')}`, { '/credits': account, '/key': key });
    expect(await client.getCredits()).toEqual(ZEROS);
    expect(api.paths).toEqual(['/credits', '/key']);
  });

  test.each([401, 429, 500])('a failure of /key rejects, and does not give zeros (%i)', async (status) => {
    const client = await scripted(`zeros-${status}`, { '/credits': { data: null }, '/key': failure(status) });
    await expect(client.getCredits()).rejects.toMatchObject({ name: 'OpenRouterError', status });
  });

  test.each([[401, 'invalid_api_key'], [500, 'server_error']])('a %i from /credits rejects without a request to /key', async (status, code) => {
    const client = clientOf(`limit-status-${status}`, { headers: { 'X-Emulator': `status=${status}` } });
    const error = await client.getCredits().catch((reason) => reason);
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ code, status });
    expect(paths()).toEqual(['/credits']);
  });

  test('source is readable, and not enumerable', async () => {
    const credits = await clientOf('limit-source').getCredits();
    expect(credits.source).toBe('key');
    expect(Object.keys(credits)).toEqual(['balance', 'currency', 'usage', 'total']);
    expect(JSON.parse(JSON.stringify(credits))).toEqual({ balance: 10, currency: 'USD', usage: 0, total: 10 });
    expect({ ...credits }).not.toHaveProperty('source');
  });

  test('changing a result does not change the next one', async () => {
    const client = clientOf('limit-shared-result');
    const first = await client.getCredits();
    first.balance = 1e6;
    expect((await client.getCredits()).balance).toBe(10);
  });
});

describe('the endpoint that works for a key is remembered', () => {
  /** Gets the credits of a key once, and returns the paths that `again` requests after that. */
  async function pathsAfterFirst(key, again) {
    const client = clientOf(key);
    await client.getCredits();
    emulator.requests.length = 0;
    await again(client);
    return paths();
  }
  const force = (client) => client.getCredits(true);

  test('an inference key that /credits refused goes to /key at once', async () => {
    expect(await pathsAfterFirst('limit-memory', force)).toEqual(['/key']);
  });

  test('an inference key that got zeros from /credits goes to /key at once', async () => {
    expect(await pathsAfterFirst('zeros-limit-memory', force)).toEqual(['/key']);
  });

  test('another client of an inference key goes to /key at once', async () => {
    expect(await pathsAfterFirst('limit-memory-other', () => clientOf('limit-memory-other').getCredits(true))).toEqual(['/key']);
  });

  test('a management key stays with /credits', async () => {
    expect(await pathsAfterFirst('management-memory', force)).toEqual(['/credits']);
  });

  test('a management key that got zeros stays with /credits, without another request to /key', async () => {
    expect(await pathsAfterFirst('management-zeros-memory', force)).toEqual(['/credits']);
  });

  test('a 402 drops the balance, not the remembered endpoint', async () => {
    expect(await pathsAfterFirst('limit-broke-memory', async (client) => {
      await expect(client.chatCompletion({ model: MODEL, messages })).rejects.toMatchObject({ status: 402 });
      await client.getCredits();
    })).toEqual(['/chat/completions', '/key']);
  });
});

describe('between refreshes the cached balance falls by the cost of each finished request', () => {
  const costing = (cost, more) => ({ model: MODEL, messages, emulator: { cost, ...more } });
  const streaming = (cost, more) => ({ ...costing(cost, more), stream: true });
  const drive = {
    'a completion': async (client) => client.chatCompletion(costing(0.25)),
    'an iterated stream': async (client) => {
      for await (const chunk of await client.chatCompletion(streaming(0.25))) expect(chunk.id).toMatch(/^gen-/);
    },
    'a stream read as text': async (client) => {
      for await (const text of (await client.chatCompletion(streaming(0.25))).text()) expect(typeof text).toBe('string');
    },
    'a final completion': async (client) => (await client.chatCompletion(streaming(0.25))).finalCompletion(),
    'a stopped stream that is drained': async (client) => (await client.chatCompletion(streaming(0.25))).stop({ drain: true }),
    'a piped stream': async (client) => new Response((await client.chatCompletion(streaming(0.25))).body).text(),
  };

  test.each(Object.entries(drive))('%s', async (name, run) => {
    const key = `limit-moves-${name.replaceAll(' ', '-')}`;
    const client = clientOf(key);
    await client.getCredits();
    await run(client);
    const moved = await client.getCredits();
    expect(moved).toEqual({ balance: 9.75, currency: 'USD', usage: 0.25, total: 10 });
    expect(moved.source).toBe('key');
    expect(await clientOf(key).getCredits()).toEqual(moved);
    expect(paths()).toEqual(['/credits', '/key', '/chat/completions']);
    expect(await client.getCredits(true)).toEqual(moved);
  });

  test('a stream whose usage arrives after [DONE], counted once', async () => {
    const client = clientOf('limit-behind-the-end');
    await client.getCredits();
    await (await client.chatCompletion(streaming(0.25, { usageAt: 'after-done' }))).finalCompletion();
    await until(async () => (await client.getCredits()).balance === 9.75, 'the balance has moved');
    await client.chatCompletion(costing(0.25));
    expect((await client.getCredits()).balance).toBe(9.5);
  });

  test('several requests add up to what the API reports', async () => {
    const client = clientOf('limit-messages');
    await client.getCredits();
    for (const cost of [0.1, 0.2, 0.0000001]) {
      await client.chatCompletion(costing(cost));
      await (await client.chatCompletion(streaming(cost))).finalCompletion();
    }
    const moved = await client.getCredits();
    expect(moved).toEqual({ balance: 9.3999998, currency: 'USD', usage: 0.6000002, total: 10 });
    const reported = await client.getCredits(true);
    expect(reported.balance).toBeCloseTo(moved.balance, 10);
    expect(reported.usage).toBeCloseTo(moved.usage, 10);
  });

  test("with the user's own provider key (BYOK) only OpenRouter's cost is subtracted", async () => {
    const client = clientOf('limit-byok');
    await client.getCredits();
    const stream = await client.chatCompletion({ ...streaming(), emulator: { byok: true } });
    await stream.finalCompletion();
    expect(stream.totalCost).toBeGreaterThan(stream.cost);
    expect((await client.getCredits()).balance).toBeCloseTo(10 - stream.cost, 12);
  });

  test('a balance of null stays null, and its usage grows', async () => {
    const client = clientOf('uncapped-moves');
    await client.getCredits();
    await client.chatCompletion(costing(0.5));
    expect(await client.getCredits()).toEqual({ balance: null, currency: 'USD', usage: 0.5, total: null });
  });

  test('the balance of another key stays', async () => {
    const [payer, other] = [clientOf('limit-payer'), clientOf('limit-other')];
    await Promise.all([payer.getCredits(), other.getCredits()]);
    await payer.chatCompletion(costing(0.5));
    expect((await payer.getCredits()).balance).toBe(9.5);
    expect((await other.getCredits()).balance).toBe(10);
  });

  test('a failed request does not change the balance', async () => {
    const client = clientOf('limit-failures');
    await client.getCredits();
    await expect(client.chatCompletion(costing(0.5, { status: 500 }))).rejects.toMatchObject({ status: 500 });
    const stream = await client.chatCompletion(streaming(0.5, { 'error-at': 2 }));
    await expect(stream.finalCompletion()).rejects.toMatchObject({ code: 'provider_error' });
    expect((await client.getCredits()).balance).toBe(10);
  });

  test('a request that finished before the balance was fetched is not subtracted again', async () => {
    const client = clientOf('limit-late');
    await client.chatCompletion(costing(0.5));
    expect((await client.getCredits()).balance).toBe(9.5);
    expect((await client.getCredits()).balance).toBe(9.5);
  });
});

describe('a 402 drops the cached balance', () => {
  const refusals = {
    'as an HTTP error': {},
    'as the first event of a stream': { stream: true, emulator: { 'error-at': 0, 'error-code': 402 } },
    'in the middle of a stream': { stream: true, emulator: { 'error-at': 2, 'error-code': 402 } },
    'as an error in a 200': { emulator: { 'error-in-200': 'top', 'error-code': 402 } },
  };

  test.each(Object.entries(refusals))('%s', async (name, body) => {
    const isRefusedAtOnce = Object.keys(body).length === 0;
    const client = clientOf(`limit-${isRefusedAtOnce ? 'broke-' : ''}402-${name.replaceAll(' ', '-')}`);
    await client.getCredits();
    const failed = client.chatCompletion({ model: MODEL, messages, ...body }).then((stream) => stream.finalCompletion());
    await expect(failed).rejects.toMatchObject({ code: 'insufficient_credits' });
    emulator.requests.length = 0;
    await client.getCredits();
    expect(paths()).toContain('/key');
  });

  test('another error keeps the cached balance', async () => {
    const client = clientOf('limit-429');
    await client.getCredits();
    await expect(client.chatCompletion({ model: MODEL, messages, emulator: { status: 429, kind: 'bare' } })).rejects.toMatchObject({ status: 429 });
    emulator.requests.length = 0;
    await client.getCredits();
    expect(paths()).toEqual([]);
  });
});

test.each([
  [100, 'green'], [5.01, 'green'], [5, 'yellow'], [1, 'yellow'], [0.999999, 'red'], [0, 'red'], [-2, 'red'],
  [null, 'unknown'], [undefined, 'unknown'], [NaN, 'unknown'], ['7', 'unknown'],
])('creditLevel(%p) is %s', (balance, level) => {
  expect(creditLevel(balance)).toBe(level);
});
