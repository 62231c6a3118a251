'use strict';

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes.js');
const { runNode } = require('../support/process.js');
const { startRecordingServer } = require('../support/servers/recording-server.js');

const messages = [{ role: 'user', content: 'Tell me about bees' }];
const chat = { model: 'openai/gpt-5-mini', messages };

let emulator;
let server;
let clients = 0;
const clientOf = (baseURL, options) => new OpenRouterClient(`sk-or-v1-management-with-response-${(clients += 1)}`, { baseURL, maxRetries: 0, ...options });
const inferenceClient = () => new OpenRouterClient(`sk-or-v1-with-response-${(clients += 1)}`, { baseURL: emulator.baseURL });

beforeAll(async () => { emulator = await startEmulator(); });
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => emulator.close());

/** Starts a server that answers with these headers, and returns a client of it. */
async function clientOfHeaders(headers, body = { data: { id: 'gen-1', total_cost: 1 } }) {
  server = await startRecordingServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  });
  return clientOf(`${server.url}/api/v1`);
}

describe('withResponse()', () => {
  test.each([
    ['chatCompletion', (client) => client.chatCompletion(chat), '/chat/completions', ({ id }) => /^gen-/.test(id)],
    ['chatCompletion with stream: true', (client) => client.chatCompletion({ ...chat, stream: true }), '/chat/completions', (stream) => stream.stop()],
    ['getModels', (client) => client.getModels(true), '/models', (models) => models.length > 0],
    ['getCredits', (client) => client.getCredits(true), '/key', ({ currency }) => currency === 'USD'],
    ['getGeneration', (client, id) => client.getGeneration(id), '/generation', ({ total_cost: cost }) => cost >= 0],
  ])('of %s resolves to its value and to the status, address and headers of its response', async (_, ask, path, isRight) => {
    const client = inferenceClient();
    const { id } = await client.chatCompletion(chat);
    const { data, response } = await ask(client, id).withResponse();
    expect(await isRight(data)).not.toBe(false);
    expect(response).toMatchObject({ status: 200, statusText: 'OK', redirected: false });
    expect(new URL(response.url).pathname).toBe(`/api/v1${path}`);
    expect(response.headers).toBeInstanceOf(Headers);
    expect(response.headers.get('content-type')).toMatch(/^(application\/json|text\/event-stream)/);
  });

  test('names the generation of a stream before its first token', async () => {
    const { data, generationId } = await inferenceClient().chatCompletion({ ...chat, stream: true, emulator: { hold: true } }).withResponse();
    expect(generationId).toMatch(/^gen-/);
    expect(data.generationId).toBe(generationId);
    await data.stop();
  });

  test('tells what the headers say of the request id, the rate limit and the response cache', async () => {
    const client = await clientOfHeaders({
      'X-Request-Id': 'req-1', 'CF-Ray': 'ray-1', 'X-Generation-Id': 'gen-2',
      'X-RateLimit-Limit': '20', 'X-RateLimit-Remaining': '3', 'X-RateLimit-Reset': '1796000000000',
      'X-OpenRouter-Cache-Status': 'HIT', 'X-OpenRouter-Cache-Age': '12', 'X-OpenRouter-Cache-TTL': '300', 'X-OpenRouter-Cache-Source-Id': 'gen-0',
    });
    expect(await client.getGeneration('gen-1').withResponse()).toMatchObject({
      data: { id: 'gen-1' },
      requestId: 'req-1',
      generationId: 'gen-2',
      rateLimit: { limit: 20, remaining: 3, reset: new Date(1_796_000_000_000) },
      cache: { hit: true, age: 12, ttl: 300, generationId: 'gen-0' },
    });
  });

  test('takes the number of the edge where the service gives none, and a reset in seconds; what is absent is null', async () => {
    const client = await clientOfHeaders({ 'CF-Ray': 'ray-1', 'X-RateLimit-Limit': '', 'X-RateLimit-Reset': '1796000000' });
    expect(await client.getGeneration('gen-1').withResponse()).toMatchObject({
      requestId: 'ray-1', generationId: null, rateLimit: { limit: null, remaining: null, reset: new Date(1_796_000_000_000) }, cache: null,
    });
  });

  test('has the response of the last attempt', async () => {
    let requests = 0;
    server = await startRecordingServer((_, response) => {
      requests += 1;
      response.writeHead(requests === 1 ? 503 : 200, { 'X-Request-Id': `req-${requests}`, 'Content-Type': 'application/json' });
      response.end('{"data":{"id":"gen-1","total_cost":1}}');
    });
    const client = clientOf(`${server.url}/api/v1`, { maxRetries: 1 });
    expect(await client.getGeneration('gen-1').withResponse()).toMatchObject({ requestId: 'req-2', response: { status: 200 } });
  });

  test('has no response for a value from the cache, which needed no request', async () => {
    const client = inferenceClient();
    await client.getModels();
    expect(await client.getModels().withResponse()).toMatchObject({ response: null, requestId: null, generationId: null, rateLimit: null, cache: null });
  });

  test.each([
    ['withResponse()', (client) => client.getGeneration('gen-1').withResponse().then(({ response }) => response)],
    ['the response of a request', (client) => client.request('GET', '/x', { as: 'response' })],
    ['the response of speech', (client) => client.speech({ model: 'a/b', input: 'Hi', voice: 'c' })],
  ])('does not show a key that the server echoes in a header, in %s', async (_of, responseOf) => {
    server = await startRecordingServer(({ headers, path }, response) => {
      const type = path.includes('/generation') ? 'application/json' : 'audio/mpeg';
      response.writeHead(200, { 'X-Echo': headers.authorization, 'Content-Type': type });
      response.end('{"data":{"id":"gen-1","total_cost":1}}');
    });
    const response = await responseOf(clientOf(`${server.url}/api/v1`));
    expect(response.headers.get('x-echo')).toBe('Bearer [REDACTED]');
  });

  test('rejects with the error of the call', async () => {
    const client = inferenceClient();
    const error = await failureOf(client.chatCompletion({ ...chat, emulator: { status: 400 } }).withResponse());
    expect(error).toMatchObject({ code: 'invalid_request', status: 400 });
  });
});

describe('the promise of a call', () => {
  test('is a promise, whose derived promises are plain ones', async () => {
    const promise = inferenceClient().chatCompletion(chat);
    expect(promise).toBeInstanceOf(Promise);
    expect(Promise.resolve(promise)).toBe(promise);
    const derived = promise.then((completion) => completion.id);
    expect(derived.withResponse).toBeUndefined();
    expect(await derived).toBe((await promise).id);
    await expect(promise.finally(() => {})).resolves.toBe(await promise);
  });

  test('rejects also for what is wrong before anything is sent, with a stack that begins at the caller', async () => {
    const promise = inferenceClient().chatCompletion(null);
    const error = await failureOf(promise);
    expect(error.code).toBe('invalid_request');
    expect(error.stack.split('\n')[1]).toContain('with-response.test.js');
  });

  test('is an unhandled rejection once, as any other promise', async () => {
    const program = `
      const { OpenRouterClient } = require(${JSON.stringify(require.resolve('../..'))});
      let count = 0;
      process.on('unhandledRejection', () => { count += 1; });
      process.on('exit', () => process.stdout.write(String(count)));
      const client = new OpenRouterClient('sk-or-v1-x');
      client.chatCompletion(null);
      client.chatCompletion(null).withResponse().catch(() => {});
    `;
    const { stdout } = await runNode(['-e', program]);
    expect(stdout).toBe('1');
  });
});
