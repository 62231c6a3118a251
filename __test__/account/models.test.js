'use strict';

const { OpenRouterClient, clearCache, getStats } = require('../..');
const { startEmulator } = require('../../emulator');
const { ModelList } = require('../../emulator/models');
const { failure, startScriptedApi } = require('../support/servers/scripted-api.js');
const { until } = require('../support/until.js');
const { dueTTL, timed } = require('./support/due-ttl.js');

const CATALOG = new ModelList().list(new URLSearchParams()).data;

let emulator;
let api;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterEach(async () => {
  await api?.close();
  api = undefined;
});
afterAll(() => emulator.close());

const clientOf = (name, options) => new OpenRouterClient(`sk-or-v1-models-${name}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const withTTL = (modelsTTL) => ({ cache: { modelsTTL } });
const withDirectives = (directives) => ({ headers: { 'X-Emulator': directives } });
/** A list of one model, whose id has the number of the request. */
const numbered = (more = () => ({})) => (count) => ({ data: [{ id: `made/by-${count}` }], ...more(count) });
const idOf = async (promise) => (await promise)[0].id;

/** Returns by how much `work` raises each counter of the models cache, without those that stay. */
async function counting(work) {
  const before = getStats().models;
  await work();
  const after = getStats().models;
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]).filter(([, value]) => value > 0));
}

describe('getModels', () => {
  test('returns every model with all its fields, in the order of the API', async () => {
    expect(await clientOf('fields').getModels()).toEqual(CATALOG);
    expect(emulator.requests.map(({ method, path, query }) => [method, path, query])).toEqual([['GET', '/api/v1/models', {}]]);
  });

  test('keeps unknown fields and the exact numbers', async () => {
    const model = { id: 'a/b', future: { deep: [1, null, { x: '\u2028\ud83d\ude42' }] }, created: 9007199254740991, ratio: 1e-7, '': 0 };
    api = await startScriptedApi({ '/models': { data: [model], total_count: 1 } });
    expect(await clientOf('future', { baseURL: api.baseURL }).getModels()).toEqual([model]);
  });

  test.each(['null', 'empty'])('returns [] where data is %s', async (models) => {
    expect(await clientOf(`data-${models}`, withDirectives(`models=${models}`)).getModels()).toEqual([]);
  });

  test('rejects with malformed_response where data is not a list', async () => {
    api = await startScriptedApi({ '/models': { data: { id: 'a/b' } } });
    await expect(clientOf('no-list', { baseURL: api.baseURL }).getModels()).rejects.toMatchObject({ code: 'malformed_response' });
  });

  test('returns a new array from each call', async () => {
    const client = clientOf('own-array');
    const [first, second] = [await client.getModels(), await client.getModels()];
    expect(first).not.toBe(second);
    first.length = 0;
    first.push('mine');
    expect(second).toEqual(CATALOG);
    expect(await client.getModels()).toEqual(CATALOG);
  });

  test('returns models that are deeply frozen, because calls share them', async () => {
    const frozen = (value) => typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    const [model, ...others] = await clientOf('frozen').getModels();
    expect([model, ...others].every(frozen)).toBe(true);
    expect(() => { model.id = 'mine'; }).toThrow(TypeError);
    expect(() => model.architecture.input_modalities.push('smell')).toThrow(TypeError);
    expect(() => { model.pricing.prompt = '0'; }).toThrow(TypeError);
  });

  test('returns a new array to each of two concurrent callers', async () => {
    const [first, second] = await Promise.all([clientOf('own-arrays').getModels(), clientOf('own-arrays').getModels()]);
    expect(first).not.toBe(second);
    expect(first).toEqual(second);
  });
});

describe('the cache of getModels', () => {
  test('a cache hit makes no request and resolves in the same turn of the event loop', async () => {
    const client = clientOf('hit');
    await client.getModels();
    let settled = false;
    const hit = client.getModels().then(() => { settled = true; });
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    expect(settled).toBe(true);
    await hit;
    expect(emulator.requests).toHaveLength(1);
  });

  test('a list expires by the TTL of the client that reads it', async () => {
    api = await startScriptedApi({ '/models': numbered() });
    const [patient, hasty] = [clientOf('ages', { baseURL: api.baseURL }), clientOf('ages', { baseURL: api.baseURL, ...withTTL(1) })];
    const { after } = await timed(() => patient.getModels());
    await until(() => performance.now() > after + 1, 'the list is older than 1 ms');
    expect(await idOf(patient.getModels())).toBe('made/by-1');
    expect(await idOf(hasty.getModels())).toBe('made/by-2');
    expect(await idOf(patient.getModels())).toBe('made/by-2');
  });

  test('a TTL of 0 turns the cache off', async () => {
    const client = clientOf('off', withTTL(0));
    expect(await counting(async () => {
      for (let asked = 0; asked < 3; asked += 1) await client.getModels();
    })).toEqual({ misses: 3 });
    expect(emulator.requests).toHaveLength(3);
  });

  test('a forced call makes a request, returns the new list, and rejects when the request fails', async () => {
    api = await startScriptedApi({ '/models': (count) => (count < 3 ? numbered()(count) : failure(503)) });
    const client = clientOf('force', { baseURL: api.baseURL });
    expect(await idOf(client.getModels())).toBe('made/by-1');
    expect(await idOf(client.getModels(true))).toBe('made/by-2');
    await expect(client.getModels(true)).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(await idOf(client.getModels())).toBe('made/by-2');
  });

  test('500 concurrent callers make one request', async () => {
    const clients = Array.from({ length: 500 }, () => clientOf('fifty'));
    const lists = await Promise.all(clients.map((client) => client.getModels()));
    for (const list of lists) expect(list).toHaveLength(CATALOG.length);
    expect(emulator.requests).toHaveLength(1);
  });

  test("the first caller's abort does not fail the others", async () => {
    const controller = new AbortController();
    const slow = () => clientOf('abort', withDirectives('delay=100'));
    const first = slow().getModels(false, { signal: controller.signal });
    const other = slow().getModels();
    const record = await emulator.waitForRequest();
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError', code: 'aborted' });
    expect(await other).toEqual(CATALOG);
    expect((await record.closed).by).toBe('server');
    expect(emulator.requests).toHaveLength(1);
  });

  test('an expired list is returned when the refresh fails transiently, not when it gets a 401, 402 or 403', async () => {
    await clientOf('stale').getModels();
    const { after } = await timed(() => clientOf('stale').getModels());
    await until(() => performance.now() > after + 1, 'the list is older than 1 ms');
    const failing = (directives) => clientOf('stale', { ...withTTL(1), ...withDirectives(directives) });
    for (const directives of ['status=500', 'status=429; kind=bare', 'status=408', 'drop=fin']) {
      expect(await counting(async () => {
        expect(await failing(directives).getModels()).toEqual(CATALOG);
      })).toEqual({ misses: 1, staleServed: 1 });
    }
    for (const status of [401, 402, 403]) {
      await expect(failing(`status=${status}`).getModels()).rejects.toMatchObject({ status });
    }
  });

  test('an empty list is returned but not cached, and does not replace a cached one', async () => {
    api = await startScriptedApi({ '/models': (count) => ({ data: count === 2 ? [{ id: 'a/b' }] : [] }) });
    const client = clientOf('empty-once', { baseURL: api.baseURL });
    expect(await client.getModels()).toEqual([]);
    expect(await client.getModels()).toEqual([{ id: 'a/b' }]);
    expect(await client.getModels(true)).toEqual([]);
    expect(await client.getModels()).toEqual([{ id: 'a/b' }]);
    expect(api.count('/models')).toBe(3);
  });

  test('a failure is not cached', async () => {
    const client = clientOf('failed-once', withDirectives('status=500; times=1; id=models-failed-once'));
    await expect(client.getModels()).rejects.toMatchObject({ status: 500 });
    expect(await client.getModels()).toEqual(CATALOG);
  });

  test('a hit from 80 % of the TTL on starts a background refresh, so that new models appear without a restart', async () => {
    api = await startScriptedApi({ '/models': numbered() });
    const at = await timed(() => clientOf('refresh', { baseURL: api.baseURL }).getModels());
    const client = clientOf('refresh', { baseURL: api.baseURL, ...withTTL(await dueTTL(at)) });
    expect(await counting(async () => {
      expect(await idOf(client.getModels())).toBe('made/by-1');
    })).toEqual({ hits: 1, backgroundRefreshes: 1 });
    const patient = clientOf('refresh', { baseURL: api.baseURL });
    await until(async () => (await idOf(patient.getModels())) === 'made/by-2', 'the new list is served');
    expect(api.count('/models')).toBe(2);
  });
});

describe('the lists of different keys', () => {
  test('are cached separately', async () => {
    api = await startScriptedApi({ '/models': numbered() });
    const [one, other] = [clientOf('one', { baseURL: api.baseURL }), clientOf('other', { baseURL: api.baseURL })];
    expect([await idOf(one.getModels()), await idOf(other.getModels()), await idOf(one.getModels())]).toEqual(['made/by-1', 'made/by-2', 'made/by-1']);
  });

  test('are parsed once where they are equal', async () => {
    const [one] = await clientOf('equal-one').getModels();
    const [other] = await clientOf('equal-other').getModels();
    expect(emulator.requests).toHaveLength(2);
    expect(other).toBe(one);
  });

  test('are not mixed up when 30 keys request them concurrently', async () => {
    api = await startScriptedApi({ '/models': numbered() });
    const clients = Array.from({ length: 30 }, (_, at) => clientOf(`many-${at}`, { baseURL: api.baseURL }));
    const ids = await Promise.all(clients.map((client) => idOf(client.getModels())));
    expect(new Set(ids).size).toBe(30);
    const again = [];
    for (const client of clients) again.push(await idOf(client.getModels()));
    expect(again).toEqual(ids);
    expect(api.count('/models')).toBe(30);
  });
});

describe('clearCache', () => {
  const both = async (client) => { await client.getModels(); await client.getCredits(); };
  const pathsAfter = async (work) => {
    emulator.requests.length = 0;
    await work();
    return emulator.requests.map(({ path }) => path.replace('/api/v1', ''));
  };

  test('with a key clears the cache of that key only', async () => {
    const [cleared, kept] = [clientOf('management-cleared'), clientOf('management-kept')];
    await Promise.all([both(cleared), both(kept)]);
    clearCache('sk-or-v1-models-management-cleared');
    expect(await pathsAfter(() => both(kept))).toEqual([]);
    expect(await pathsAfter(() => both(cleared))).toEqual(['/models', '/credits']);
  });

  test('without a key clears the cache of every key', async () => {
    const clients = [clientOf('management-all-one'), clientOf('management-all-other')];
    for (const client of clients) await both(client);
    clearCache();
    expect(await pathsAfter(async () => { for (const client of clients) await both(client); })).toHaveLength(4);
  });

  test('keeps a pending request from caching its old value', async () => {
    let release;
    const hold = new Promise((resolve) => { release = resolve; });
    api = await startScriptedApi({ '/models': numbered((count) => ({ hold: count === 1 ? hold : undefined })) });
    const client = clientOf('clear-late', { baseURL: api.baseURL });
    const asked = api.asked('/models');
    const early = idOf(client.getModels());
    await asked;
    clearCache('sk-or-v1-models-clear-late');
    release();
    expect(await early).toBe('made/by-1');
    expect(await idOf(client.getModels())).toBe('made/by-2');
  });

  test('with a text that is no known key clears nothing', async () => {
    const client = clientOf('management-nothing');
    await both(client);
    for (const text of ['', '  ', 'user_provided', 'sk-or-v1-someone-else']) clearCache(text);
    expect(await pathsAfter(() => both(client))).toEqual([]);
  });
});

describe('getStats', () => {
  test('returns a number for every counter', () => {
    const counters = { hits: expect.any(Number), misses: expect.any(Number), coalesced: expect.any(Number), backgroundRefreshes: expect.any(Number), staleServed: expect.any(Number) };
    const connections = { opened: expect.any(Number), reused: expect.any(Number), resumed: expect.any(Number), prewarmed: expect.any(Number) };
    expect(getStats()).toEqual({ credits: counters, models: counters, connections, activeStreams: expect.any(Number), requests: expect.any(Number), retries: expect.any(Number), queued: 0 });
  });

  test('counts hits, misses, coalesced calls, requests and retries exactly', async () => {
    const before = getStats();
    const slow = () => clientOf('management-stats', withDirectives('delay=50'));
    await Promise.all([slow().getModels(true), slow().getModels(true), slow().getCredits(true), slow().getCredits(true), slow().getCredits(true)]);
    await slow().getModels();
    await slow().getCredits();
    await slow().getCredits();
    const after = getStats();
    const grown = (kind) => Object.entries(after[kind]).map(([name, value]) => [name, value - before[kind][name]]);
    expect(Object.fromEntries(grown('models'))).toEqual({ hits: 1, misses: 1, coalesced: 1, backgroundRefreshes: 0, staleServed: 0 });
    expect(Object.fromEntries(grown('credits'))).toEqual({ hits: 2, misses: 1, coalesced: 2, backgroundRefreshes: 0, staleServed: 0 });
    expect(after.requests - before.requests).toBe(2);
    expect(after.retries - before.retries).toBe(0);
  });

  test('activeStreams counts the streams that have not ended', async () => {
    const before = getStats().activeStreams;
    const open = () => clientOf('streams').chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true, emulator: { stall: 2 } });
    const streams = [await open(), await open()];
    expect(getStats().activeStreams - before).toBe(2);
    for (const stream of streams) stream.abort();
    await until(() => getStats().activeStreams === before, 'both streams have ended');
  });
});
