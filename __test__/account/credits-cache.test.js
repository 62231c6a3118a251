'use strict';

const { OpenRouterClient, OpenRouterError, getStats } = require('../..');
const { startEmulator } = require('../../emulator');
const { failure, startScriptedApi } = require('../support/servers/scripted-api.js');
const { dueTTL, timed, until } = require('../support/until.js');

let emulator;
let api;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterEach(async () => {
  await api?.close();
  api = undefined;
});
afterAll(() => emulator.close());

/** A client of a key that knows `GET /credits` works for it: one request is one refresh. */
const clientOf = (name, options) => new OpenRouterClient(`sk-or-v1-management-${name}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const withTTL = (creditsTTL) => ({ cache: { creditsTTL } });
const asking = (directives) => ({ headers: { 'X-Emulator': directives } });
const collector = () => {
  const lines = [];
  const take = (level) => (message) => lines.push(`${level}: ${message}`);
  return { lines, debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') };
};
/** An account whose usage grows by 1 with each request, so that each answer tells which request it is from. */
const account = (more = () => ({})) => (count) => ({ data: { total_credits: 100, total_usage: count }, ...more(count) });
const used = async (promise) => (await promise).usage;

/** What `work` adds to the counters of credits. */
async function counting(work) {
  const before = getStats().credits;
  await work();
  const after = getStats().credits;
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]).filter(([, value]) => value > 0));
}

describe('a value is held against the TTL of the client that asks', () => {
  test('a hit makes no request and is there in the same turn of the event loop', async () => {
    const client = clientOf('hit');
    await client.getCredits();
    let settled = false;
    const hit = client.getCredits().then(() => { settled = true; });
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    expect(settled).toBe(true);
    await hit;
    expect(emulator.requests).toHaveLength(1);
  });

  test('a hit of another client with the same key is a hit', async () => {
    await clientOf('shared').getCredits();
    expect(await counting(() => clientOf('shared').getCredits())).toEqual({ hits: 1 });
    expect(emulator.requests).toHaveLength(1);
  });

  test('too old for one client is good for another', async () => {
    api = await startScriptedApi({ '/credits': account() });
    const [patient, hasty] = [clientOf('ages', { baseURL: api.baseURL }), clientOf('ages', { baseURL: api.baseURL, ...withTTL(1) })];
    const { after } = await timed(() => patient.getCredits());
    await until(() => performance.now() > after + 1, 'the value is older than 1 ms');
    expect(await used(patient.getCredits())).toBe(1);
    expect(await used(hasty.getCredits())).toBe(2);
    expect(await used(patient.getCredits())).toBe(2);
  });

  test('when its time has passed it is asked for again', async () => {
    const client = clientOf('expiry', withTTL(40));
    await client.getCredits();
    await until(async () => (await client.getCredits()) && emulator.requests.length === 2, 'the value has expired');
  });

  test('0 turns the cache off', async () => {
    const client = clientOf('off', withTTL(0));
    expect(await counting(async () => {
      for (let asked = 0; asked < 3; asked += 1) await client.getCredits();
    })).toEqual({ misses: 3 });
    expect(emulator.requests).toHaveLength(3);
  });

  test('with 0 nothing old stands in for a failure either', async () => {
    await clientOf('off-stale').getCredits();
    const failing = clientOf('off-stale', { ...withTTL(0), ...asking('status=500') });
    await expect(failing.getCredits()).rejects.toMatchObject({ status: 500 });
  });

  test('the same key at another address is another account', async () => {
    api = await startScriptedApi({ '/credits': account() });
    const [here, there] = [clientOf('address'), clientOf('address', { baseURL: api.baseURL })];
    expect([await used(here.getCredits()), await used(there.getCredits())]).toEqual([0, 1]);
  });
});

describe('forceRefresh', () => {
  test('asks the API although there is a good value', async () => {
    api = await startScriptedApi({ '/credits': account() });
    const client = clientOf('force', { baseURL: api.baseURL });
    await client.getCredits();
    expect(await used(client.getCredits(true))).toBe(2);
    expect(await used(client.getCredits())).toBe(2);
    expect(api.count('/credits')).toBe(2);
  });

  test('rejects when it fails, whatever is cached; the cached value stays', async () => {
    const client = clientOf('force-fails');
    await client.getCredits();
    const failing = clientOf('force-fails', asking('status=503'));
    await expect(failing.getCredits(true)).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(await counting(() => client.getCredits())).toEqual({ hits: 1 });
  });

  test('overlapping forced calls share one request', async () => {
    const clients = Array.from({ length: 10 }, () => clientOf('force-shared', asking('delay=50')));
    expect(await counting(() => Promise.all(clients.map((client) => client.getCredits(true))))).toEqual({ misses: 1, coalesced: 9 });
    expect(emulator.requests).toHaveLength(1);
  });

  test('a forced call that comes after asks for itself', async () => {
    const client = clientOf('force-after');
    await client.getCredits(true);
    await client.getCredits(true);
    expect(emulator.requests).toHaveLength(2);
  });
});

describe('concurrent misses make one request (D9)', () => {
  test('500 clients of one key, one request', async () => {
    const clients = Array.from({ length: 500 }, () => clientOf('fifty'));
    const { hits = 0, misses, coalesced = 0 } = await counting(async () => {
      const results = await Promise.all(clients.map((client) => client.getCredits()));
      for (const result of results) expect(result).toEqual({ balance: 10, currency: 'USD', usage: 0, total: 10 });
    });
    // One that starts when the answer has just come finds it in the cache.
    expect({ misses, others: hits + coalesced }).toEqual({ misses: 1, others: 499 });
    expect(emulator.requests).toHaveLength(1);
  });

  test('50 clients of one inference key, one request to each of the two addresses', async () => {
    const clients = Array.from({ length: 50 }, () => new OpenRouterClient('sk-or-v1-limit-fifty', { baseURL: emulator.baseURL }));
    await Promise.all(clients.map((client) => client.getCredits()));
    expect(emulator.requests.map(({ path }) => path)).toEqual(['/api/v1/credits', '/api/v1/key']);
  });

  test('a failure is told to all who wait, by one request', async () => {
    const clients = Array.from({ length: 20 }, () => clientOf('fifty-fail', asking('status=500')));
    const results = await Promise.allSettled(clients.map((client) => client.getCredits()));
    for (const { reason } of results) expect(reason).toMatchObject({ code: 'server_error', status: 500 });
    expect(emulator.requests).toHaveLength(1);
  });

  test("the first caller's abort does not fail the others", async () => {
    const slow = () => clientOf('abort', asking('delay=150'));
    const controller = new AbortController();
    const first = slow().getCredits(false, { signal: controller.signal });
    const others = [slow().getCredits(), slow().getCredits()];
    const record = await emulator.waitForRequest();
    controller.abort(new Error('gone'));
    await expect(first).rejects.toMatchObject({ name: 'AbortError', code: 'aborted', message: 'Request aborted', cause: { message: 'gone' } });
    expect(await Promise.all(others)).toHaveLength(2);
    expect((await record.closed).by).toBe('server');
    expect(emulator.requests).toHaveLength(1);
  });

  test.each(['getCredits', 'getModels'])('C1: an abort of all who wait for %s closes the request, and the next call asks anew', async (method) => {
    const slow = clientOf(`abort-all-${method}`, asking('delay=60000'));
    const controllers = [new AbortController(), new AbortController()];
    const waits = controllers.map(({ signal }) => slow[method](false, { signal }));
    const record = await emulator.waitForRequest();
    for (const [at, controller] of controllers.entries()) {
      controller.abort();
      await expect(waits[at]).rejects.toMatchObject({ code: 'aborted' });
    }
    expect((await record.closed).by).toBe('client');
    await clientOf(`abort-all-${method}`)[method]();
    expect(emulator.requests.length).toBeGreaterThan(1);
  });

  test('a signal that is aborted already makes no request', async () => {
    const client = clientOf('abort-before');
    await expect(client.getCredits(false, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await clientOf('abort-before-other').getCredits();
    expect(emulator.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-or-v1-management-abort-before-other']);
  });
});

describe('past the TTL, when the refresh fails', () => {
  /** A client of a key with a cached value, for whom that value is too old. */
  async function expired(name, options) {
    const { after } = await timed(() => clientOf(name, { baseURL: options.baseURL ?? emulator.baseURL }).getCredits());
    await until(() => performance.now() > after + 1, 'the value is older than 1 ms');
    return clientOf(name, { ...withTTL(1), ...options });
  }

  const passing = ['status=408', 'status=429; kind=bare', 'status=500', 'status=502', 'status=503', 'status=504', 'status=529', 'drop=fin', 'drop=reset'];
  test.each(passing)('the last good value is served, with a warning: %s', async (directives) => {
    const logger = collector();
    const client = await expired(`stale-${directives.replace(/\W/g, '-')}`, { logger, ...asking(directives) });
    expect(await counting(async () => {
      expect(await client.getCredits()).toEqual({ balance: 10, currency: 'USD', usage: 0, total: 10 });
    })).toEqual({ misses: 1, staleServed: 1 });
    expect(logger.lines.filter((line) => line.startsWith('warn: [OpenRouter] '))).toHaveLength(1);
  });

  test('so too when nobody listens any more', async () => {
    const server = await startScriptedApi({ '/credits': account() });
    const client = await expired('stale-refused', { baseURL: server.baseURL });
    await server.close();
    expect(await used(client.getCredits())).toBe(1);
    await expect(client.getCredits(true)).rejects.toMatchObject({ code: 'connection_failed' });
  });

  test('a refusal is never papered over', async () => {
    for (const [directives, status] of [['status=401', 401], ['status=402', 402], ['status=403', 403]]) {
      const client = await expired(`refused-${status}`, asking(directives));
      await expect(client.getCredits()).rejects.toMatchObject({ name: 'OpenRouterError', status });
    }
  });

  test('errors are not cached: the next call asks again', async () => {
    const client = clientOf('error-once', asking('status=500; times=1; id=credits-error-once'));
    await expect(client.getCredits()).rejects.toBeInstanceOf(OpenRouterError);
    expect((await client.getCredits()).balance).toBe(10);
    expect(emulator.requests).toHaveLength(2);
  });

  test('a failure does not make the old value young', async () => {
    const client = await expired('still-old', asking('status=500; times=1; id=credits-still-old'));
    await client.getCredits();
    expect(await counting(() => client.getCredits())).toEqual({ misses: 1 });
    expect(emulator.requests).toHaveLength(3);
  });
});

describe('from 80 % of the TTL', () => {
  /** A client for whom the cached value, from request 1, is due, and an API that holds request 2 until told. */
  async function due(name, script) {
    let release;
    const hold = new Promise((resolve) => { release = resolve; });
    api = await startScriptedApi({ '/credits': script ?? account((count) => ({ hold: count > 1 ? hold : undefined })) });
    const at = await timed(() => clientOf(name, { baseURL: api.baseURL }).getCredits());
    const make = async () => clientOf(name, { baseURL: api.baseURL, ...withTTL(await dueTTL(at)) });
    return { client: await make(), make, release };
  }

  test('a hit is answered at once and refreshed behind it, one refresh at a time', async () => {
    const { client, make, release } = await due('refresh');
    expect(await counting(async () => {
      const refreshed = api.asked('/credits');
      expect(await used(client.getCredits())).toBe(1);
      await refreshed;
      expect(await used(client.getCredits())).toBe(1);
      expect(await used((await make()).getCredits())).toBe(1);
    })).toEqual({ hits: 3, backgroundRefreshes: 1 });
    expect(api.count('/credits')).toBe(2);
    release();
    const patient = clientOf('refresh', { baseURL: api.baseURL });
    await until(async () => (await used(patient.getCredits())) === 2, 'the refreshed value is served');
    expect(api.count('/credits')).toBe(2);
  });

  test('before that nothing is refreshed', async () => {
    const { client } = await due('early');
    const patient = clientOf('early', { baseURL: api.baseURL });
    expect(await counting(() => patient.getCredits())).toEqual({ hits: 1 });
    expect(await counting(() => client.getCredits())).toEqual({ hits: 1, backgroundRefreshes: 1 });
  });

  test('a refresh that fails disturbs nobody', async () => {
    const { client } = await due('refresh-fails', (count) => (count === 1 ? account()(1) : failure(401)));
    const refreshed = api.asked('/credits');
    expect(await used(client.getCredits())).toBe(1);
    await refreshed;
    expect(await used(clientOf('refresh-fails', { baseURL: api.baseURL }).getCredits())).toBe(1);
  });

  test('OPENROUTER_BACKGROUND_REFRESH=false turns that off', async () => {
    process.env.OPENROUTER_BACKGROUND_REFRESH = 'false';
    try {
      const { client } = await due('refresh-off');
      expect(await counting(() => client.getCredits())).toEqual({ hits: 1 });
    } finally {
      delete process.env.OPENROUTER_BACKGROUND_REFRESH;
    }
    expect(api.count('/credits')).toBe(1);
  });
});
