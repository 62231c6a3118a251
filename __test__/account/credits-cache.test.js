'use strict';

const { OpenRouterClient, OpenRouterError, createFetch, getStats } = require('../..');
const { startEmulator } = require('../../emulator');
const { failure, startScriptedApi } = require('../support/servers/scripted-api.js');
const { startRecordingServer } = require('../support/servers/recording-server.js');
const { until } = require('../support/until.js');
const { dueTTL, timed } = require('./support/due-ttl.js');

let emulator;
let api;
beforeAll(async () => { emulator = await startEmulator({ showKeys: true }); });
beforeEach(() => emulator.reset());
afterEach(async () => {
  await api?.close();
  api = undefined;
});
afterAll(() => emulator.close());

/** A client with a management key, which `GET /credits` does not refuse, so that a refresh is one request. */
const clientOf = (name, options) => new OpenRouterClient(`sk-or-v1-management-${name}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const withTTL = (creditsTTL) => ({ cache: { creditsTTL } });
const withDirectives = (directives) => ({ headers: { 'X-Emulator': directives } });
const collector = () => {
  const lines = [];
  const take = (level) => (message) => lines.push(`${level}: ${message}`);
  return { lines, debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') };
};
/** An account whose usage is the number of the request, so that a result shows which request it is from. */
const account = (more = () => ({})) => (count) => ({ data: { total_credits: 100, total_usage: count }, ...more(count) });
const usageOf = async (promise) => (await promise).usage;

/** Returns by how much `work` raises each counter of the credits cache, without those that stay. */
async function counting(work) {
  const before = getStats().credits;
  await work();
  const after = getStats().credits;
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]).filter(([, value]) => value > 0));
}

describe('cached credits expire by the TTL of the client that reads them', () => {
  test('a cache hit makes no request and resolves in the same turn of the event loop', async () => {
    const client = clientOf('hit');
    await client.getCredits();
    let settled = false;
    const hit = client.getCredits().then(() => { settled = true; });
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    expect(settled).toBe(true);
    await hit;
    expect(emulator.requests).toHaveLength(1);
  });

  test('clients with the same key share the cache', async () => {
    await clientOf('shared').getCredits();
    expect(await counting(() => clientOf('shared').getCredits())).toEqual({ hits: 1 });
    expect(emulator.requests).toHaveLength(1);
  });

  test('a value that has expired for one client is a hit for a client with a longer TTL', async () => {
    api = await startScriptedApi({ '/credits': account() });
    const [patient, hasty] = [clientOf('ages', { baseURL: api.baseURL }), clientOf('ages', { baseURL: api.baseURL, ...withTTL(1) })];
    const { after } = await timed(() => patient.getCredits());
    await until(() => performance.now() > after + 1, 'the value is older than 1 ms');
    expect(await usageOf(patient.getCredits())).toBe(1);
    expect(await usageOf(hasty.getCredits())).toBe(2);
    expect(await usageOf(patient.getCredits())).toBe(2);
  });

  test('an expired value is requested again', async () => {
    const client = clientOf('expiry', withTTL(40));
    await client.getCredits();
    await until(async () => (await client.getCredits()) && emulator.requests.length === 2, 'the value has expired');
  });

  test('a TTL of 0 turns the cache off', async () => {
    const client = clientOf('off', withTTL(0));
    expect(await counting(async () => {
      for (let asked = 0; asked < 3; asked += 1) await client.getCredits();
    })).toEqual({ misses: 3 });
    expect(emulator.requests).toHaveLength(3);
  });

  test('with a TTL of 0 a failure rejects although a value is cached', async () => {
    await clientOf('off-stale').getCredits();
    const failing = clientOf('off-stale', { ...withTTL(0), ...withDirectives('status=500') });
    await expect(failing.getCredits()).rejects.toMatchObject({ status: 500 });
  });

  test('the same key at another base URL is another account', async () => {
    api = await startScriptedApi({ '/credits': account() });
    const [here, there] = [clientOf('address'), clientOf('address', { baseURL: api.baseURL })];
    expect([await usageOf(here.getCredits()), await usageOf(there.getCredits())]).toEqual([0, 1]);
  });
});

describe('forceRefresh', () => {
  test('makes a request although a fresh value is cached', async () => {
    api = await startScriptedApi({ '/credits': account() });
    const client = clientOf('force', { baseURL: api.baseURL });
    await client.getCredits();
    expect(await usageOf(client.getCredits(true))).toBe(2);
    expect(await usageOf(client.getCredits())).toBe(2);
    expect(api.count('/credits')).toBe(2);
  });

  test('rejects when its request fails, and keeps the cached value', async () => {
    const client = clientOf('force-fails');
    await client.getCredits();
    const failing = clientOf('force-fails', withDirectives('status=503'));
    await expect(failing.getCredits(true)).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(await counting(() => client.getCredits())).toEqual({ hits: 1 });
  });

  test('overlapping forced calls share one request', async () => {
    const clients = Array.from({ length: 10 }, () => clientOf('force-shared', withDirectives('delay=50')));
    expect(await counting(() => Promise.all(clients.map((client) => client.getCredits(true))))).toEqual({ misses: 1, coalesced: 9 });
    expect(emulator.requests).toHaveLength(1);
  });

  test('a forced call that starts after another has ended makes its own request', async () => {
    const client = clientOf('force-after');
    await client.getCredits(true);
    await client.getCredits(true);
    expect(emulator.requests).toHaveLength(2);
  });
});

describe('concurrent misses make one request', () => {
  test('500 clients of one key make one request', async () => {
    const clients = Array.from({ length: 500 }, () => clientOf('fifty'));
    const { hits = 0, misses, coalesced = 0 } = await counting(async () => {
      const results = await Promise.all(clients.map((client) => client.getCredits()));
      for (const result of results) expect(result).toEqual({ balance: 10, currency: 'USD', usage: 0, total: 10 });
    });
    // A call that starts just after the answer has arrived is a hit.
    expect({ misses, others: hits + coalesced }).toEqual({ misses: 1, others: 499 });
    expect(emulator.requests).toHaveLength(1);
  });

  test('50 clients of one inference key make one request to /credits and one to /key', async () => {
    const clients = Array.from({ length: 50 }, () => new OpenRouterClient('sk-or-v1-limit-fifty', { baseURL: emulator.baseURL }));
    await Promise.all(clients.map((client) => client.getCredits()));
    expect(emulator.requests.map(({ path }) => path)).toEqual(['/api/v1/credits', '/api/v1/key']);
  });

  test('a failed request rejects every call that waits for it', async () => {
    const clients = Array.from({ length: 20 }, () => clientOf('fifty-fail', withDirectives('status=500')));
    const results = await Promise.allSettled(clients.map((client) => client.getCredits()));
    for (const { reason } of results) expect(reason).toMatchObject({ code: 'server_error', status: 500 });
    expect(emulator.requests).toHaveLength(1);
  });

  test("the first caller's abort does not fail the others", async () => {
    const slow = () => clientOf('abort', withDirectives('delay=150'));
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

  test.each(['getCredits', 'getModels'])('when every caller of %s aborts, the request closes, and the next call makes a new one', async (method) => {
    const slow = clientOf(`abort-all-${method}`, withDirectives('delay=60000'));
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

  test('a call with an aborted signal makes no request', async () => {
    const client = clientOf('abort-before');
    await expect(client.getCredits(false, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await clientOf('abort-before-other').getCredits();
    expect(emulator.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-or-v1-management-abort-before-other']);
  });
});

describe('a refresh past the TTL that fails', () => {
  /** Caches a value for a key, and returns a client of that key for which the value has expired. */
  async function expired(name, options) {
    const { after } = await timed(() => clientOf(name, { baseURL: options.baseURL ?? emulator.baseURL }).getCredits());
    await until(() => performance.now() > after + 1, 'the value is older than 1 ms');
    return clientOf(name, { ...withTTL(1), ...options });
  }

  const passing = ['status=408', 'status=429; kind=bare', 'status=500', 'status=502', 'status=503', 'status=504', 'status=529', 'drop=fin', 'drop=reset'];
  test.each(passing)('returns the last good value, with a warning: %s', async (directives) => {
    const logger = collector();
    const client = await expired(`stale-${directives.replace(/\W/g, '-')}`, { logger, ...withDirectives(directives) });
    expect(await counting(async () => {
      expect(await client.getCredits()).toEqual({ balance: 10, currency: 'USD', usage: 0, total: 10 });
    })).toEqual({ misses: 1, staleServed: 1 });
    expect(logger.lines.filter((line) => line.startsWith('warn: [OpenRouter] '))).toHaveLength(1);
  });

  test('returns the last good value when the connection is refused', async () => {
    const server = await startScriptedApi({ '/credits': account() });
    const client = await expired('stale-refused', { baseURL: server.baseURL });
    await server.close();
    expect(await usageOf(client.getCredits())).toBe(1);
    await expect(client.getCredits(true)).rejects.toMatchObject({ code: 'connection_failed' });
  });

  test('rejects with a 401, 402 or 403 although an old value is cached', async () => {
    for (const [directives, status] of [['status=401', 401], ['status=402', 402], ['status=403', 403]]) {
      const client = await expired(`refused-${status}`, withDirectives(directives));
      await expect(client.getCredits()).rejects.toMatchObject({ name: 'OpenRouterError', status });
    }
  });

  test('leaves no error in the cache: the next call makes a request', async () => {
    const client = clientOf('error-once', withDirectives('status=500; times=1; id=credits-error-once'));
    await expect(client.getCredits()).rejects.toBeInstanceOf(OpenRouterError);
    expect((await client.getCredits()).balance).toBe(10);
    expect(emulator.requests).toHaveLength(2);
  });

  test('does not renew the old value: the next call is a miss', async () => {
    const client = await expired('still-old', withDirectives('status=500; times=1; id=credits-still-old'));
    await client.getCredits();
    expect(await counting(() => client.getCredits())).toEqual({ misses: 1 });
    expect(emulator.requests).toHaveLength(3);
  });
});

describe('background refresh from 80 % of the TTL', () => {
  /**
   * Caches the value of request 1. Returns a `client` for which the value is past 80 % of its TTL, a function `make` that
   * returns another such client, and `release`, which lets the API answer request 2.
   */
  async function due(name, script) {
    let release;
    const hold = new Promise((resolve) => { release = resolve; });
    api = await startScriptedApi({ '/credits': script ?? account((count) => ({ hold: count > 1 ? hold : undefined })) });
    const at = await timed(() => clientOf(name, { baseURL: api.baseURL }).getCredits());
    const make = async () => clientOf(name, { baseURL: api.baseURL, ...withTTL(await dueTTL(at)) });
    return { client: await make(), make, release };
  }

  test('a hit returns the cached value at once and starts one refresh at a time', async () => {
    const { client, make, release } = await due('refresh');
    expect(await counting(async () => {
      const refreshed = api.asked('/credits');
      expect(await usageOf(client.getCredits())).toBe(1);
      await refreshed;
      expect(await usageOf(client.getCredits())).toBe(1);
      expect(await usageOf((await make()).getCredits())).toBe(1);
    })).toEqual({ hits: 3, backgroundRefreshes: 1 });
    expect(api.count('/credits')).toBe(2);
    release();
    const patient = clientOf('refresh', { baseURL: api.baseURL });
    await until(async () => (await usageOf(patient.getCredits())) === 2, 'the refreshed value is served');
    expect(api.count('/credits')).toBe(2);
  });

  test('a hit before 80 % of the TTL starts none', async () => {
    const { client } = await due('early');
    const patient = clientOf('early', { baseURL: api.baseURL });
    expect(await counting(() => patient.getCredits())).toEqual({ hits: 1 });
    expect(await counting(() => client.getCredits())).toEqual({ hits: 1, backgroundRefreshes: 1 });
  });

  test('a refresh that fails leaves the cached value in use', async () => {
    const { client } = await due('refresh-fails', (count) => (count === 1 ? account()(1) : failure(401)));
    const refreshed = api.asked('/credits');
    expect(await usageOf(client.getCredits())).toBe(1);
    await refreshed;
    expect(await usageOf(clientOf('refresh-fails', { baseURL: api.baseURL }).getCredits())).toBe(1);
  });

  test('OPENROUTER_BACKGROUND_REFRESH=false turns it off', async () => {
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

describe('the cost of an answer that its reader leaves before the end is subtracted once it was seen', () => {
  const apiKey = 'sk-or-v1-management-leaving';
  const params = { model: 'a/b', messages: [{ role: 'user', content: 'Hi' }], stream: true };
  const delta = { id: 'g', model: 'a/b', choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }], usage: { cost: 0.5 } };
  let server;
  beforeEach(async () => {
    server = await startRecordingServer(({ path }, response) => {
      if (path.endsWith('/credits')) return response.end('{"data":{"total_credits":100,"total_usage":1}}');
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      // The answer never ends.
      return response.write(`data: ${JSON.stringify(delta)}\n\n`);
    });
  });
  afterEach(() => server.close());

  test.each([
    ['a fetch whose body is cancelled', async (baseURL) => {
      const fetch = createFetch({ onModel() {} });
      const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', headers: { Authorization: `Bearer ${apiKey}` }, body: JSON.stringify(params) });
      const reader = response.body.getReader();
      await reader.read();
      await reader.cancel();
    }],
    ['a loop over a stream that is left', async (baseURL) => {
      for await (const chunk of await new OpenRouterClient(apiKey, { baseURL }).chatCompletion(params)) if (chunk.usage) break;
    }],
    ['a stream that is aborted', async (baseURL) => {
      const stream = await new OpenRouterClient(apiKey, { baseURL }).chatCompletion(params);
      stream.abort();
    }],
  ])('%s', async (_, leave) => {
    const baseURL = `${server.url}/api/v1`;
    const client = new OpenRouterClient(apiKey, { baseURL });
    expect((await client.getCredits()).balance).toBe(99);
    await leave(baseURL);
    await until(async () => (await client.getCredits()).balance === 98.5, 'the cost is subtracted');
    expect(server.requests.filter(({ path }) => path.endsWith('/credits'))).toHaveLength(1);
  });
});
