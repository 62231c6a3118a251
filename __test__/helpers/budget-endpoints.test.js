'use strict';

const { Budget, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes.js');
const { newClient } = require('../support/streaming');
const { until } = require('../support/until');

const COST = 0.01;
const INPUT = 'x'.repeat(100);
const SOUND = Buffer.from('sound');
/** What a request to each endpoint costs at most: a little more than `COST`. */
const MODELS = [
  { id: 'test/writer', context_length: 100_000, pricing: { prompt: '0.000001', completion: '0.00001' } },
  { id: 'test/embed', context_length: 8000, pricing: { prompt: '0.0001', completion: '0' } },
  { id: 'test/rank', context_length: 8000, pricing: { prompt: '0', completion: '0', request: '0.0102' } },
  { id: 'test/media', context_length: 8000, pricing: { prompt: '0', completion: '0' } },
];
const MESSAGES = [{ role: 'user', content: 'Go' }];

/** The endpoints that cost something: the method of a client, the path, the parameters, and what is reserved if no price is known. */
const ENDPOINTS = [
  ['responses', '/responses', { model: 'test/writer', input: 'Go', max_output_tokens: 1000 }],
  ['messages', '/messages', { model: 'test/writer', messages: MESSAGES, max_tokens: 1000 }],
  ['completions', '/completions', { model: 'test/writer', prompt: 'Go', max_tokens: 1000 }],
  ['embeddings', '/embeddings', { model: 'test/embed', input: INPUT, encoding_format: 'float' }],
  ['rerank', '/rerank', { model: 'test/rank', query: 'x', documents: ['x'] }],
  ['images', '/images', { model: 'test/media', prompt: 'A bee' }, 0.0102],
  ['speech', '/audio/speech', { model: 'test/media', input: 'A bee' }, 0.0102],
  ['transcription', '/audio/transcriptions', { model: 'test/media', input_audio: { data: SOUND.toString('base64'), format: 'wav' } }, 0.0102],
  ['videos', '/videos', { model: 'test/media', prompt: 'A bee' }, 0.0102],
];
const DIRECTIVES = { cost: COST, delay: 2, pending: 1 };

/** The ways to an endpoint: `[name, (budget, endpoint) => () => Promise]`. A refusal is an error with the code `budget_exceeded`. */
const DOORS = [
  ['a method of the client', (budget, [method, , params, reserve]) => {
    const client = newClient(emulator, { budget, reserve });
    return () => client[method]({ ...params, emulator: DIRECTIVES }, method === 'videos' ? { interval: 1 } : {}).then(readWhole);
  }],
  ['client.request, with the budget of the call', (budget, [, path, params, reserve]) => {
    const client = newClient(emulator);
    const as = path === '/audio/speech' ? 'bytes' : 'json';
    return () => client.request('POST', path, { body: { ...params, emulator: DIRECTIVES }, budget, reserve, as });
  }],
  ['createFetch', (budget, [, path, params, reserve]) => {
    const fetch = createFetch({ budget, reserve });
    const headers = { authorization: 'Bearer sk-or-v1-many', 'content-type': 'application/json' };
    return async () => {
      const response = await fetch(`${emulator.baseURL}${path}`, { method: 'POST', headers, body: JSON.stringify({ ...params, emulator: DIRECTIVES }) });
      const body = await response.text();
      if (response.status === 402) throw Object.assign(new Error(body), { code: JSON.parse(body).error.metadata.error_type });
      return body;
    };
  }],
];
const CASES = DOORS.flatMap(([door, open]) => ENDPOINTS.map((endpoint) => [endpoint[0], door, open, endpoint]));

let emulator;
beforeAll(async () => { emulator = await startEmulator({ credits: 10_000, models: MODELS }); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const readWhole = (answer) => answer.arrayBuffer?.() ?? answer;
const sentTo = (path) => emulator.requests.filter((request) => request.method === 'POST' && request.path.endsWith(path));

test.each(CASES)('a hundred concurrent %s by %s never spend more than their budget', async (_method, _door, open, endpoint) => {
  const budget = new Budget(0.25);
  const send = open(budget, endpoint);
  const before = emulator.account.usage;
  const all = await Promise.allSettled(Array.from({ length: 100 }, () => send()));
  const codes = all.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.code);
  expect(codes).toEqual(codes.map(() => 'budget_exceeded'));
  const answered = 100 - codes.length;
  expect(sentTo(endpoint[1])).toHaveLength(answered);
  expect(emulator.account.usage - before).toBeLessThanOrEqual(0.25);
  // The reservations are no larger than they must be.
  expect(answered).toBeGreaterThan(20);
  expect(budget.spent + budget.reserved).toBeLessThanOrEqual(0.25);
});

test.each(ENDPOINTS)('%s: the true cost takes the place of what was reserved', async (...endpoint) => {
  const budget = new Budget(1);
  await DOORS[0][1](budget, endpoint)();
  await until(() => budget.spent === COST, 'the cost is known');
  expect(budget.reserved).toBe(0);
});

test.each(CASES)('%s by %s are refused where the budget does not cover them, and nothing is sent', async (_method, _door, open, endpoint) => {
  const error = await failureOf(open(new Budget(0.001), endpoint)());
  expect(error.code).toBe('budget_exceeded');
  expect(error.message).toMatch(/Nothing was sent/);
  expect(sentTo(endpoint[1])).toHaveLength(0);
});

test.each(CASES.filter(([, , , [, , , reserve]]) => reserve))('%s by %s, of whose cost nothing is known, need reserve', async (_method, _door, open, [method, path, params]) => {
  const error = await failureOf(open(new Budget(1), [method, path, params, undefined])());
  expect(error.code).toBe('budget_exceeded');
  expect(error.message).toMatch(/reserve/);
  expect(sentTo(path)).toHaveLength(0);
});

test('what is reserved is given back after an error, and stays after an answer that broke off', async () => {
  const budget = new Budget(1);
  const client = newClient(emulator, { budget });
  const embed = (directives) => failureOf(client.embeddings({ model: 'test/embed', input: INPUT, emulator: directives }));
  expect(await embed({ status: 502 })).toMatchObject({ status: 502 });
  expect(budget.toJSON()).toMatchObject({ spent: 0, reserved: 0 });
  expect(await embed({ cut: 5 })).toMatchObject({ code: 'connection_reset' });
  expect(budget.reserved).toBeGreaterThan(COST);
});

test('requests that cost nothing need no reservation', async () => {
  const client = newClient(emulator, { budget: new Budget(0), headers: { Authorization: 'Bearer sk-or-v1-management-budget' } });
  const { data } = await client.keys.create({ name: 'One' });
  await client.keys.update(data.hash, { name: 'Two' });
  expect(await client.keys.delete(data.hash)).toEqual({ deleted: true });
});

test('a call has a budget of its own by maxCost, which all batches of embeddings share', async () => {
  const client = newClient(emulator);
  const params = { model: 'test/embed', input: Array.from({ length: 10 }, () => INPUT), emulator: { cost: COST } };
  const error = await failureOf(client.embeddings(params, { maxCost: 0.065, batchSize: 1 }));
  expect(error).toMatchObject({ code: 'budget_exceeded', partial: { data: expect.any(Array) } });
  expect(sentTo('/embeddings').length).toBeLessThanOrEqual(6);
  for (const settings of [{ maxCost: -1 }, { maxCost: '1' }, { reserve: NaN }, { budget: {} }]) {
    expect(await failureOf(client.embeddings(params, settings))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(Object.keys(settings)[0]) });
  }
});

describe('an answer that goes on past its limit of tokens', () => {
  const chunks = 400;
  test.each([
    ['responses', '/responses', { input: 'Go', max_output_tokens: 100 }],
    ['messages', '/messages', { messages: MESSAGES, max_tokens: 100 }],
    ['completions', '/completions', { prompt: 'Go', max_tokens: 100 }],
  ])('is stopped in a stream of %s, and in a fetch', async (method, path, params) => {
    const budget = new Budget(1);
    const body = { model: 'test/writer', ...params, stream: true, emulator: { chunks, gap: 1 } };
    const stream = await newClient(emulator, { budget })[method](body);
    let events = 0;
    const error = await failureOf((async () => { for await (const _ of stream) events += 1; })());
    expect(error).toMatchObject({ code: 'budget_exceeded', partial: expect.any(Object) });
    expect(events).toBeGreaterThanOrEqual(100);
    expect(events).toBeLessThan(chunks / 2);
    const response = await createFetch({ budget })(`${emulator.baseURL}${path}`, { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-x' }, body: JSON.stringify(body) });
    expect(await failureOf(response.text())).toMatchObject({ cause: { code: 'ERR_BUDGET_EXCEEDED' } });
  });
});

describe('the prices that are reckoned with', () => {
  const CHAT = { model: 'test/writer', messages: MESSAGES, max_tokens: 1000 };
  const DEAR = 'openai/gpt-5';
  const dear = { id: DEAR, pricing: { prompt: '0.000001', completion: '0.00001' }, endpoints: [{ tag: 'openai', pricing: { completion: '0.0001' } }] };

  test('are those of the dearest endpoint, and no dearer one may answer', async () => {
    const server = await startEmulator({ models: [dear] });
    try {
      const client = newClient(server, { maxCost: 0.5 });
      // 1,000 tokens cost 0.01 by the list of models, and 0.1 at the dearest provider.
      expect(await failureOf(client.chatCompletion({ ...CHAT, model: DEAR, maxCost: 0.05 }))).toMatchObject({ code: 'budget_exceeded' });
      await client.chatCompletion({ ...CHAT, model: DEAR, provider: { order: ['azure'] } });
      const chat = server.requests.findLast(({ method }) => method === 'POST');
      expect(chat.body.provider).toEqual({ order: ['azure'], max_price: { prompt: '1', completion: '100' } });
      expect(server.requests.filter(({ path }) => path.endsWith('/models'))).toHaveLength(0);
    } finally {
      await server.close();
    }
  });

  test('are the lower ones of provider.max_price, by which a dearer endpoint does not answer', async () => {
    const server = await startEmulator({ models: [dear] });
    try {
      const client = newClient(server, { maxCost: 0.05 });
      await client.chatCompletion({ ...CHAT, model: DEAR, provider: { max_price: { completion: 20 } } });
      const { body } = server.requests.findLast(({ method }) => method === 'POST');
      expect(body.provider.max_price).toEqual({ prompt: '1', completion: 20 });
    } finally {
      await server.close();
    }
  });

  test('are those of the list of models where the service has no list of endpoints, and then no provider may be dearer', async () => {
    const client = newClient(emulator, { maxCost: 1 });
    const answer = await client.chatCompletion({ ...CHAT, model: 'test/writer:nitro', emulator: { cost: 0.001 } });
    expect(answer.usage.cost).toBe(0.001);
    expect(sentTo('/chat/completions')[0].body.provider).toEqual({ max_price: { prompt: '2', completion: '20' } });
  });

  test('are named by the error of a request for which they leave no endpoint', async () => {
    const client = newClient(emulator, { maxCost: 1, maxRetries: 0 });
    const error = await failureOf(client.chatCompletion({ ...CHAT, emulator: { status: 404, kind: 'no-endpoints' } }));
    expect(error).toMatchObject({ code: 'no_endpoints', message: expect.stringContaining('provider.max_price') });
  });
});
