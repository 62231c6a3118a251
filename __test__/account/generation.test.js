'use strict';

const { OpenRouterClient, OpenRouterError } = require('../..');
const { startEmulator } = require('../../emulator');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Tell me about bees' }];

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const clientOf = (key, options) => new OpenRouterClient(`sk-or-v1-generation-${key}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
const requestsFor = (id) => emulator.requests.filter(({ path, query }) => path.endsWith('/generation') && query.id === id);

/** Makes a completion whose generation is a 404 for the first `pending` requests, and returns its id. */
async function generated(client, pending) {
  const { id } = await client.chatCompletion({ model: MODEL, messages, emulator: { pending, cost: 0.125 } });
  return id;
}

test('getGeneration returns all fields that the API has of a generation', async () => {
  const client = clientOf('known');
  const id = await generated(client, 0);
  const generation = await client.getGeneration(id);
  expect(generation).toMatchObject({ id, model: MODEL, total_cost: 0.125, usage: 0.125, streamed: false, cancelled: false, provider_name: 'OpenAI' });
  expect(Object.keys(generation)).toContain('native_tokens_reasoning');
  expect(requestsFor(id)).toHaveLength(1);
});

test('getGeneration retries a 404 until the generation is there', async () => {
  const client = clientOf('pending');
  const id = await generated(client, 2);
  expect(await client.getGeneration(id)).toMatchObject({ id, total_cost: 0.125 });
  const [first, second, third] = requestsFor(id);
  expect(requestsFor(id)).toHaveLength(3);
  expect([first, second, third].map(({ status }) => status)).toEqual([404, 404, 200]);
  expect(third.startedAt - second.startedAt).toBeGreaterThan(second.startedAt - first.startedAt);
});

test('getGeneration returns the cost of an aborted stream', async () => {
  const client = clientOf('aborted');
  const stream = await client.chatCompletion({ model: MODEL, messages, stream: true, emulator: { stall: 3, pending: 2 } });
  for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
  expect(stream.generationId).toMatch(/^gen-/);
  const { by } = await (await emulator.waitForRequest()).closed;
  expect(by).toBe('client');
  const generation = await client.getGeneration(stream.generationId);
  expect(generation).toMatchObject({ id: stream.generationId, streamed: true, cancelled: true });
  expect(generation.total_cost).toBeGreaterThan(0);
  expect(requestsFor(stream.generationId).map(({ status }) => status)).toEqual([404, 404, 200]);
});

test('an abort between two attempts of getGeneration rejects, and no further request is made', async () => {
  const client = clientOf('abort');
  const [aborted, counterpart] = [await generated(client, 100), await generated(client, 2)];
  const controller = new AbortController();
  const waiting = client.getGeneration(aborted, { signal: controller.signal });
  await (await emulator.waitForRequest(({ query }) => query.id === aborted)).closed;
  const reason = new Error('never mind');
  controller.abort(reason);
  const error = await waiting.catch((thrown) => thrown);
  expect(error).toBeInstanceOf(OpenRouterError);
  expect(error).toMatchObject({ name: 'AbortError', message: 'Request aborted', code: 'aborted', cause: reason });
  // This call waits for two retries. In that time the aborted call would have made its next request.
  await client.getGeneration(counterpart);
  expect(requestsFor(aborted)).toHaveLength(1);
});

test('an abort closes the pending request of getGeneration', async () => {
  const controller = new AbortController();
  const waiting = clientOf('abort-request', { headers: { 'X-Emulator': 'delay=60000' } }).getGeneration('gen-slow', { signal: controller.signal });
  const record = await emulator.waitForRequest(({ query }) => query.id === 'gen-slow');
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  expect((await record.closed).by).toBe('client');
});

test('getGeneration with an aborted signal makes no request', async () => {
  await expect(clientOf('abort-before').getGeneration('gen-never', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  await clientOf('abort-before').getModels();
  expect(requestsFor('gen-never')).toHaveLength(0);
});

test.each([[401, 'invalid_api_key'], [403, 'forbidden'], [500, 'server_error']])('getGeneration does not retry a %i', async (status, code) => {
  const client = clientOf(`status-${status}`, { headers: { 'X-Emulator': `status=${status}` } });
  await expect(client.getGeneration('gen-refused')).rejects.toMatchObject({ name: 'OpenRouterError', code, status });
  expect(requestsFor('gen-refused')).toHaveLength(1);
});

test('getGeneration escapes the id in the query', async () => {
  const odd = 'gen-1&pending=0 +%2F#ü';
  await expect(clientOf('odd', { headers: { 'X-Emulator': 'status=401' } }).getGeneration(odd)).rejects.toMatchObject({ status: 401 });
  expect(emulator.requests[0].query).toEqual({ id: odd });
});

test.each([[undefined], [null], [''], [42], [{}]])('getGeneration refuses the id %p without a request', async (id) => {
  await expect(clientOf('no-id').getGeneration(id)).rejects.toMatchObject({ name: 'OpenRouterError', code: 'invalid_request' });
  expect(emulator.requests).toHaveLength(0);
});
