'use strict';

const { OpenRouterClient, getStats } = require('../..');
const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');
const { until } = require('../support/until.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Hi' }];
let emulator;
let keys = 0;
beforeAll(async () => { emulator = await startEmulator({ directives: { text: 'one two three', chunks: 3 } }); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

function clientWith(options) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-limit-retries-${keys}`, { baseURL: emulator.baseURL, ...options });
}
const ask = (client, params) => client.chatCompletion({ model: MODEL, messages, ...params });
const requested = () => emulator.requests.map(({ body }) => [body.model, body.models]);
const textOf = async (answer) => (answer.choices ?? (await answer.finalCompletion()).choices)[0].message.content;

describe('retries', () => {
  test.each([[false], [true]])('a transient failure is hidden from the caller (stream: %p)', async (stream) => {
    const before = getStats();
    const completion = await ask(clientWith(), { stream, emulator: { status: 503, times: 2, id: `passes-${stream}`, retryAfter: '0' } });
    expect(await textOf(completion)).toBe('one two three');
    expect(emulator.requests.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(getStats().retries - before.retries).toBe(2);
    expect(getStats().requests - before.requests).toBe(3);
  });

  test('each retry is logged', async () => {
    const lines = [];
    const client = clientWith({ logger: { warn: (line) => lines.push(line) } });
    await ask(client, { emulator: { status: 503, times: 2, id: 'logged', retryAfter: '0' } });
    await until(() => lines.length === 2, 'both are logged');
    expect(lines).toEqual([1, 2].map((n) => `[OpenRouter] Retrying in 0 ms after 503 Service Unavailable (retry ${n} of 2)`));
  });

  test('an error after the last retry lists each attempt', async () => {
    const error = await failureOf(ask(clientWith({ maxRetries: 1 }), { emulator: { status: 502, retryAfter: '0' } }));
    expect(error.attempts).toEqual([expect.objectContaining({ model: MODEL, status: 502 }), expect.objectContaining({ model: MODEL, status: 502 })]);
    expect(error.toJSON().attempts).toEqual(error.attempts);
    expect(emulator.requests).toHaveLength(2);
  });

  test("maxRetries of a call replaces the client's, and is not sent", async () => {
    await failureOf(ask(clientWith({ maxRetries: 5 }), { maxRetries: 0, emulator: { status: 503, retryAfter: '0' } }));
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.requests[0].body).not.toHaveProperty('maxRetries');
  });

  test('an abort ends the wait for a retry', async () => {
    const lines = [];
    const controller = new AbortController();
    const client = clientWith({ logger: { warn: (line) => lines.push(line) } });
    const asked = failureOf(ask(client, { signal: controller.signal, emulator: { status: 503, retryAfter: '29' } }));
    await until(() => lines.length === 1, 'it waits');
    controller.abort();
    expect((await asked).name).toBe('AbortError');
    expect(emulator.requests).toHaveLength(1);
  });

  test('timeouts.total ends the wait for a retry', async () => {
    const error = await failureOf(ask(clientWith({ timeouts: { total: 300 } }), { emulator: { status: 503, retryAfter: '29' } }));
    expect(error).toMatchObject({ code: 'timeout', phase: 'total' });
  });

  test('nothing is retried after the first chunk', async () => {
    const stream = await ask(clientWith(), { stream: true, emulator: { errorAt: 1, errorCode: 503 } });
    expect((await failureOf(stream.finalCompletion())).status).toBe(503);
    expect(emulator.requests).toHaveLength(1);
  });

  test('a request for models is retried once for all callers that share it', async () => {
    const client = clientWith({ headers: { 'X-Emulator': 'status=500; times=1; id=models' } });
    const lists = await Promise.all([client.getModels(true), client.getModels(true), client.getModels(true)]);
    expect(lists.every((list) => list.length > 10)).toBe(true);
    expect(emulator.requests.map(({ status }) => status)).toEqual([500, 200]);
  });

  test('a pooled connection that the server has closed fails no request', async () => {
    const client = clientWith();
    for (let turn = 0; turn < 3; turn += 1) expect(await textOf(await ask(client, { emulator: { drop: 'reused', times: 1, id: 'stale' } }))).toBe('one two three');
    expect(new Set(emulator.requests.map(({ connectionId }) => connectionId)).size).toBe(2);
    expect(emulator.requests.filter(({ status }) => status === 200)).toHaveLength(3);
  });
});

describe('the chain of fallback models', () => {
  const models = [
    'openai/gpt-5-nano', 'openai/gpt-4o', 'openai/gpt-4o-mini', 'x-ai/grok-4', 'x-ai/grok-4-fast',
    'google/gemini-2.5-pro', 'google/gemini-2.5-flash', 'deepseek/deepseek-r1', 'perplexity/sonar', 'moonshotai/kimi-k2-0905',
  ];

  test.each([[false], [true]])('continues after the third fallback before the first token (stream: %p)', async (stream) => {
    const answer = await ask(clientWith(), { stream, models: [...models.slice(0, 4), 'openai/gpt-5'], emulator: { fail: [MODEL, ...models], failStatus: 429 } });
    expect(await textOf(answer)).toBe('one two three');
    expect(requested()).toEqual([[MODEL, models.slice(0, 3)], [models[3], ['openai/gpt-5']]]);
    const { attempts, ...facts } = stream ? answer.fallback : { from: MODEL, to: answer.model, reason: expect.any(String), attempts: answer._metadata.attempts };
    expect(facts).toEqual({ from: MODEL, to: 'openai/gpt-5', reason: expect.any(String) });
    expect(attempts[0]).toMatchObject({ model: MODEL, status: 429, reason: expect.any(String) });
  });

  test('rejects with an attempt for each group when every model fails', async () => {
    const error = await failureOf(ask(clientWith({ maxRetries: 0 }), { models, emulator: { fail: [MODEL, ...models], failStatus: 503 } }));
    expect(error.attempts.map(({ model }) => model)).toEqual([MODEL, models[3], models[7]]);
    expect(emulator.requests).toHaveLength(3);
  });

  test('keeps the privacy options in every group and every retry', async () => {
    const client = clientWith({ dataCollection: 'deny', zdr: true, maxRetries: 1 });
    await failureOf(ask(client, { models, provider: { data_collection: 'allow', zdr: false, only: ['groq'] }, emulator: { status: 503, retryAfter: '0' } }));
    expect(requested().map(([model]) => model)).toEqual([MODEL, models[3], models[7], models[7]]);
    for (const { body } of emulator.requests) expect(body.provider).toEqual({ data_collection: 'deny', zdr: true, only: ['groq'] });
  });

  test('is not continued by createFetch, which leaves that to the SDK', async () => {
    const { createFetch } = require('../..');
    const response = await createFetch({ onModel() {} })(`${emulator.baseURL}/chat/completions`, {
      method: 'POST', headers: { authorization: 'Bearer sk-or-v1-limit-x' }, body: JSON.stringify({ model: MODEL, models, messages, emulator: { status: 503 } }),
    });
    expect(response.status).toBe(503);
    expect(emulator.requests).toHaveLength(1);
  });
});

describe('the provider of a response', () => {
  test.each([[false], [true]])('that is not in provider.only is logged as a warning (stream: %p)', async (stream) => {
    const lines = [];
    let provider = 'Amazon Bedrock';
    const type = stream ? 'text/event-stream' : 'application/json';
    const server = await startAnsweringServer(() => answer(200, answerBy(provider, stream), { 'Content-Type': type }));
    const client = clientWith({ baseURL: server.baseURL, logger: { warn: (line) => lines.push(line) } });
    await textOf(await ask(client, { stream, provider: { only: ['groq', 'amazon-bedrock'] } }));
    provider = 'OpenAI';
    await textOf(await ask(client, { stream, provider: { only: ['groq', 'amazon-bedrock'] } }));
    await until(() => lines.length > 0, 'it is logged');
    expect(lines).toEqual(['[OpenRouter] OpenAI served a request that provider.only keeps to groq, amazon-bedrock']);
    await server.close();
  });

  /** Returns a response by this provider, regardless of the request. */
  function answerBy(provider, stream) {
    const choice = { index: 0, finish_reason: 'stop', [stream ? 'delta' : 'message']: { role: 'assistant', content: 'x' } };
    const json = JSON.stringify({ id: 'gen-1', provider, model: MODEL, choices: [choice] });
    return stream ? `data: ${json}\n\ndata: [DONE]\n\n` : json;
  }

  test('can be pinned for the rest of a tool loop, which sends its reasoning back', async () => {
    const thinking = await startEmulator();
    const client = clientWith({ baseURL: thinking.baseURL });
    const tools = [{ type: 'function', function: { name: 'add', parameters: { type: 'object', properties: {} } } }];
    const first = await ask(client, { stream: true, tools, reasoning: { effort: 'low' } });
    const { message } = (await first.finalCompletion()).choices[0];
    expect(message.reasoning_details.length).toBeGreaterThan(0);
    const provider = { order: [first.provider], allow_fallbacks: false };
    await ask(client, { tools, provider, messages: [...messages, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: '5' }] });
    expect(thinking.requests[1].body.provider).toEqual(provider);
    expect(thinking.requests[1].body.messages[1].reasoning_details).toEqual(message.reasoning_details);
    await thinking.close();
  });
});

describe('rateLimit', () => {
  test('chats beyond the limit per minute wait, counted over all clients of a key, and can be aborted', async () => {
    const client = clientWith({ rateLimit: { requestsPerMinute: 2 } });
    const again = new OpenRouterClient(client.apiKey, { baseURL: emulator.baseURL, rateLimit: { requestsPerMinute: 2 } });
    await Promise.all([ask(client), ask(again)]);
    const controller = new AbortController();
    const waiting = [ask(client, { signal: controller.signal }), ask(again, { signal: controller.signal })].map(failureOf);
    await until(() => getStats().queued === 2, 'both wait');
    expect(emulator.requests).toHaveLength(2);
    controller.abort();
    for (const error of await Promise.all(waiting)) expect(error.name).toBe('AbortError');
    await until(() => getStats().queued === 0, 'both have left');
    expect((await clientWith({ rateLimit: { requestsPerMinute: 2 } }).chatCompletion({ model: MODEL, messages })).object).toBe('chat.completion');
    expect(emulator.requests).toHaveLength(3);
  });
});
