'use strict';

const { OpenRouterClient, creditLevel } = require('../..');
const { startEmulator } = require('../../emulator');
const { App, VERSIONS, newClient } = require('./support/express-app');
const { startRecordingServer } = require('../support/servers/recording-server');
const { startScriptedApi } = require('../support/servers/scripted-api');

let emulator;
let api;
beforeAll(async () => { [emulator, api] = [await startEmulator(), await startScriptedApi({})]; });
beforeEach(() => {
  emulator.reset();
  api.paths.length = 0;
});
afterAll(() => Promise.all([emulator.close(), api.close()]));

const requestsSent = () => emulator.requests.map(({ method, path }) => `${method} ${path}`);

describe.each(VERSIONS)('%s', (_, express) => {
  /** Runs `work` with an application that has these router options, and closes it afterwards. */
  async function withApp(options, work) {
    const app = await App.start(express, options);
    try {
      return await work(app);
    } finally {
      await app.close();
    }
  }

  describe('GET /credits', () => {
    test('answers the balance, its level and whether it is low', () => withApp({ client: newClient(emulator, { key: 'management' }) }, async (app) => {
      const { status, headers, json } = await app.get('/credits');
      expect([status, json]).toEqual([200, { balance: 10, currency: 'USD', usage: 0, total: 10, level: 'green', low: false }]);
      expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    }));

    test.each([
      [12, 'green', false],
      [5, 'yellow', false],
      [1, 'yellow', false],
      [0.99, 'red', true],
      [0, 'red', true],
      [-0.5, 'red', true],
    ])('a balance of %d is %s', (balance, level, low) => withApp({ client: newClient(api) }, async (app) => {
      api.answers = { '/credits': { data: { total_credits: 20, total_usage: 20 - balance } } };
      const { json } = await app.get('/credits');
      expect(json).toEqual({ balance: expect.closeTo(balance, 9), currency: 'USD', usage: expect.closeTo(20 - balance, 9), total: 20, level, low });
      expect(json.level).toBe(creditLevel(json.balance));
    }));

    test('a key without a limit has the balance null, not 0', () => withApp({ client: newClient(emulator, { key: 'plain' }) }, async (app) => {
      expect((await app.get('/credits')).json).toEqual({ balance: null, currency: 'USD', usage: 0, total: null, level: 'unknown', low: false });
    }));

    test('five requests make one API request, even if concurrent and with a new client each', async () => {
      const { apiKey } = newClient(emulator, { key: 'management' });
      const getClient = () => new OpenRouterClient(apiKey, { baseURL: emulator.baseURL, logger: false });
      await withApp({ getClient }, async (app) => {
        const answers = await Promise.all(Array.from({ length: 4 }, () => app.get('/credits')));
        answers.push(await app.get('/credits'));
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
        expect(requestsSent()).toEqual(['GET /api/v1/credits']);
      });
    });

    test('force=true sends an API request each time, any other query does not', () => withApp({ client: newClient(emulator, { key: 'management' }) }, async (app) => {
      for (const query of ['', '?force=true', '?force=true', '?force=false', '?force', '?force=true&force=true', '?force[a]=true']) {
        expect((await app.get(`/credits${query}`)).status).toBe(200);
      }
      expect(requestsSent()).toHaveLength(3);
    }));

    test('the balance falls by the cost of a chat without an API request', () => withApp({ client: newClient(emulator) }, async (app) => {
      const before = (await app.get('/credits')).json.balance;
      const count = emulator.requests.length;
      await app.chat({ emulator: { cost: 0.25 } });
      expect((await app.get('/credits')).json.balance).toBeCloseTo(before - 0.25, 9);
      expect(emulator.requests).toHaveLength(count + 1);
    }));
  });

  describe('GET /models', () => {
    test('answers the list of the API unchanged, in { data }', () => withApp({ client: newClient(emulator) }, async (app) => {
      const { status, headers, json } = await app.get('/models');
      const { data } = await (await fetch(`${emulator.baseURL}/models`)).json();
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('private, no-cache');
      expect(json).toEqual({ data });
      expect(typeof data[0].pricing.prompt).toBe('string');
    }));

    test('five requests make one API request, force=true makes another', () => withApp({ client: newClient(emulator) }, async (app) => {
      await Promise.all(Array.from({ length: 4 }, () => app.get('/models')));
      await app.get('/models');
      expect(requestsSent()).toEqual(['GET /api/v1/models']);
      await app.get('/models?force=true');
      expect(requestsSent()).toHaveLength(2);
    }));

    test('answers 304 to a browser that has the current list', () => withApp({ client: newClient(emulator) }, async (app) => {
      const { headers } = await app.get('/models');
      const again = await app.get('/models', { 'If-None-Match': headers.etag });
      expect([again.status, again.text]).toEqual([304, '']);
    }));

    test('answers an empty list where the API has no models', () => withApp({ client: newClient(api) }, async (app) => {
      api.answers = { '/models': { data: null } };
      expect((await app.get('/models')).json).toEqual({ data: [] });
    }));
  });

  test('users with different keys never see each other’s credits and models', async () => {
    const users = ['ann', 'bob', 'cid'];
    // The answer depends on the key of the request.
    const byKey = await startRecordingServer(({ path, headers }, response) => {
      const at = users.findIndex((name) => headers.authorization.includes(`-${name}-`));
      const data = path.endsWith('/models') ? [{ id: `of/${users[at]}` }] : { total_credits: at + 1, total_usage: 0 };
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ data }));
    });
    const clients = Object.fromEntries(users.map((name) => [name, newClient({ baseURL: `${byKey.url}/api/v1` }, { key: name })]));
    await withApp({ getClient: async (req) => clients[req.get('X-User')] }, async (app) => {
      const look = async (name) => [
        (await app.get('/credits', { 'X-User': name })).json.balance,
        (await app.get('/models', { 'X-User': name })).json.data.map(({ id }) => id),
      ];
      for (let round = 0; round < 2; round += 1) {
        expect(await Promise.all(users.map(look))).toEqual([[1, ['of/ann']], [2, ['of/bob']], [3, ['of/cid']]]);
      }
    });
    const seen = byKey.requests.map(({ path, headers }) => `${headers.authorization} ${path}`).sort();
    expect(seen).toEqual(users.flatMap((name) => ['credits', 'models'].map((what) => `Bearer ${clients[name].apiKey} /api/v1/${what}`)).sort());
    await byKey.close();
  });
});
