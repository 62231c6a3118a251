'use strict';

const { OpenRouterClient, OpenRouterError } = require('../..');
const { startEmulator } = require('../../emulator');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { answer, startAnsweringServer } = require('../support/servers/byte-server.js');

const MODEL = 'openai/gpt-5-mini';
const AUTO = 'openrouter/auto';
const messages = [{ role: 'user', content: 'Tell me about bees' }];

let restoreEnvironment;
let emulator;
let server;
let keys = 0;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  restoreEnvironment = cleanEnvironment();
});
afterEach(async () => {
  restoreEnvironment();
  await server?.close();
  server = undefined;
});
afterAll(() => emulator.close());

function clientWith(options) {
  keys += 1;
  return new OpenRouterClient(`sk-or-v1-limit-completion-${keys}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });
}
/** Requests a completion that the emulator makes by these directives. */
const complete = (directives = {}, params = {}, options = {}) => clientWith(options).chatCompletion({ model: MODEL, messages, emulator: directives, ...params });
/** Starts a server that answers each request with these bytes, and returns a client of it. */
async function clientOf(bytes, options) {
  server = await startAnsweringServer(bytes);
  return clientWith({ baseURL: server.baseURL, ...options });
}
const ask = (client, params) => client.chatCompletion({ model: MODEL, messages, ...params });

describe('a completion', () => {
  const body = {
    id: 'gen-1', provider: 'OpenAI', model: MODEL, object: 'chat.completion', created: 1_760_000_000, system_fingerprint: null,
    choices: [{
      index: 0, finish_reason: 'stop', native_finish_reason: 'completed', logprobs: { content: [] },
      message: {
        role: 'assistant', content: '日本 🐝 \u2028', refusal: null, reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }],
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }], images: [], annotations: [{ z: 1 }], audio: { id: 'x' },
        never_heard_of: { deep: [{ 2: 'two', 1: [null, true, 0.1, 1e-7] }] },
      },
    }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost: 0.00014525, cost_details: { upstream_inference_cost: null } },
    service_tier: 'default', also_new: { a: [] },
  };

  test('is the parsed response with all fields kept, and nothing added', async () => {
    const text = JSON.stringify(body);
    expect(JSON.stringify(await ask(await clientOf(answer(200, text))))).toBe(text);
  });

  test('keeps lone surrogates and field names such as __proto__', async () => {
    const text = '{"id":"gen-1","model":"openai/gpt-5-mini","choices":[{"message":{"content":"a\\ud83d","__proto__":{"x":1},"constructor":"c"}}],"n":1.50e1}';
    expect(await ask(await clientOf(answer(200, text)))).toEqual(JSON.parse(text));
  });

  test.each(['gzip', 'br', 'deflate', 'zstd'])('is decompressed from %s', async (encoding) => {
    const text = '🐝 bees '.repeat(500);
    expect((await complete({ encoding, text })).choices[0].message.content).toBe(text);
  });

  test('is read after white space that was sent to keep the connection alive', async () => {
    const text = JSON.stringify(body);
    expect(await ask(await clientOf(answer(200, `${'               \n'.repeat(200)}${text}\r\n\t `)))).toEqual(body);
    expect((await complete({ pad: 5, gap: 5, split: 3, text: 'late' })).choices[0].message.content).toBe('late');
  });

  test('is assembled when a gateway sends an event stream instead', async () => {
    const events = ['{"id":"gen-1","model":"openai/gpt-5-mini","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}',
      '{"id":"gen-1","model":"openai/gpt-5-mini","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}', '[DONE]'];
    const sse = events.map((data) => `data: ${data}\n\n`).join('');
    const completion = await ask(await clientOf(answer(200, sse, { 'Content-Type': 'text/event-stream' })));
    expect(completion.choices[0]).toMatchObject({ message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' });
  });
});

describe('_metadata', () => {
  test('is absent when the requested model answered', async () => {
    const completion = await complete();
    expect(completion.model).toBe(MODEL);
    expect(completion).not.toHaveProperty('_metadata');
  });

  test('names the model that the auto router chose', async () => {
    const completion = await complete({}, { model: 'openai/gpt-5' }, { autoRouter: true });
    expect(completion._metadata).toEqual({
      autoRouterUsed: true, requestedModel: 'openai/gpt-5', effectiveModel: AUTO, actualModelUsed: MODEL, fallbackUsed: false, attempts: [],
    });
    expect((await complete({}, { model: undefined }, { autoRouter: true }))._metadata.requestedModel).toBe(AUTO);
    expect((await complete({}, { model: AUTO }))._metadata).toMatchObject({ autoRouterUsed: true, actualModelUsed: MODEL });
  });

  test('describes a fallback, with the attempts that the API reports', async () => {
    const completion = await complete({ fail: [MODEL], failStatus: 429 }, { models: ['openai/gpt-5', 'x-ai/grok-4'] });
    expect(completion._metadata).toEqual({
      autoRouterUsed: false, requestedModel: MODEL, effectiveModel: MODEL, actualModelUsed: 'openai/gpt-5', fallbackUsed: true,
      attempts: [
        { model: MODEL, provider: expect.any(String), status: 429, reason: expect.stringContaining('429') },
        { model: 'openai/gpt-5', provider: expect.any(String), status: 200 },
      ],
    });
    expect(completion.openrouter_metadata.attempts).toHaveLength(2);
  });

  test('names the model behind an alias, which is not a fallback', async () => {
    const { _metadata } = await complete({}, { model: '~openai/gpt-mini-latest' });
    expect(_metadata).toMatchObject({ autoRouterUsed: false, requestedModel: '~openai/gpt-mini-latest', fallbackUsed: false, attempts: [] });
    expect(_metadata.actualModelUsed).not.toBe('~openai/gpt-mini-latest');
  });

  test('describes a fallback also where the API reports no attempts', async () => {
    const { _metadata } = await complete({ fail: [MODEL] }, { models: ['openai/gpt-5'] }, { routerMetadata: false });
    expect(_metadata).toMatchObject({ fallbackUsed: true, actualModelUsed: 'openai/gpt-5', attempts: [] });
  });
});

describe('usage and actualModelUsed of the client', () => {
  test('are those of the last finished completion', async () => {
    const client = clientWith({});
    const first = await ask(client);
    expect(client.usage).toEqual(first.usage);
    expect([client.actualModelUsed, client.getActualModelUsed()]).toEqual([MODEL, MODEL]);
    const second = await ask(client, { autoRouter: true, emulator: { model: 'openai/gpt-5', cost: 0.5 } });
    expect(client.usage).toEqual(second.usage);
    expect(client.usage.cost).toBe(0.5);
    expect(client.getActualModelUsed()).toBe('openai/gpt-5');
  });

  test('are those of a stream once it has ended', async () => {
    const client = clientWith({});
    const stream = await ask(client, { stream: true, emulator: { model: 'openai/gpt-5', cost: 0.25 } });
    expect([client.usage, client.actualModelUsed]).toEqual([null, null]);
    await stream.finalCompletion();
    expect(client.usage).toEqual(stream.usage);
    expect([client.usage.cost, client.getActualModelUsed()]).toEqual([0.25, 'openai/gpt-5']);
  });

  test('stay when the next completion fails', async () => {
    const client = clientWith({});
    const { usage } = await ask(client);
    await failureOf(ask(client, { model: 'openai/gpt-5', emulator: { status: 500 } }));
    expect([client.usage, client.getActualModelUsed()]).toEqual([usage, MODEL]);
  });

  test('usage is null after a completion without usage', async () => {
    const client = clientWith({});
    await ask(client);
    await ask(client, { emulator: { noUsage: true } });
    expect(client.usage).toBeNull();
  });
});

describe('a 200 that is not a completion', () => {
  test.each(['top', 'choices-null'])('with an error rejects as an HTTP error would: %s', async (errorIn200) => {
    const error = await failureOf(complete({ errorIn200, errorCode: 402 }));
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ code: 'insufficient_credits', status: 402, message: expect.stringMatching(/^Insufficient credits\. Please add credits to your OpenRouter account\. \w/) });
    expect(error.data.error.code).toBe(402);
    expect(error.generationId).toBe(emulator.requests[0].generationId);
  });

  test('with an error in a choice rejects with the partial answer', async () => {
    const error = await failureOf(complete({ errorIn200: 'choice-error', text: 'half and half' }));
    expect(error).toMatchObject({ code: 'provider_error', status: 502, generationId: emulator.requests[0].generationId });
    expect(error.partial.choices[0].message.content).toBe('half an');
  });

  test.each([
    ['after white space', `${' \n'.repeat(50)}{"error":{"code":429,"message":"Slow down"}}`, 'rate_limited', 429],
    ['that has a word as its code', '{"error":{"code":"rate_limit_exceeded","message":"Slow down"}}', 'rate_limited', 429],
    ['that has a number in a string as its code', '{"error":{"code":"503","message":"No"},"choices":null}', 'service_unavailable', 503],
    ['that has an unknown word as its code', '{"error":{"code":"server_error","message":"Oops"}}', 'server_error', 500],
    ['that is a string', '{"error":"Oops"}', 'server_error', 500],
    ['that has no code', '{"error":{"message":"Oops"}}', 'server_error', 500],
    ['beside choices', '{"choices":[{"message":{"content":"x"}}],"error":{"code":502,"message":"Oops"}}', 'provider_error', 502],
    ['in the finish reason only', '{"choices":[{"finish_reason":"error","message":{"content":"x"}}]}', 'server_error', 500],
  ])('with an error %s rejects with its code and status', async (_, text, code, status) => {
    const error = await failureOf(ask(await clientOf(answer(200, text))));
    expect([error.code, error.status, error.data]).toEqual([code, status, JSON.parse(text)]);
  });

  test.each(['top', 'choices-null'])('with an error after white space that kept the connection alive rejects: %s', async (errorIn200) => {
    const error = await failureOf(complete({ pad: 5, gap: 5, split: 3, errorIn200, errorCode: 503 }));
    expect(error).toMatchObject({ code: 'service_unavailable', status: 503, generationId: emulator.requests[0].generationId });
  });

  test('with nothing but white space is empty_response, with the generation id', async () => {
    const error = await failureOf(complete({ padonly: true, pad: 3, gap: 5 }));
    expect(error).toMatchObject({ name: 'OpenRouterError', code: 'empty_response', generationId: emulator.requests[0].generationId });
    expect((await failureOf(ask(await clientOf(answer(200, ''))))).code).toBe('empty_response');
  });

  test.each([
    ['a text', 'Hello'], ['two values', '{"id":1}{"id":2}'], ['a list', '[1,2]'], ['null', 'null'],
  ])('with %s is malformed_response, with the beginning of the body in data', async (_, text) => {
    const error = await failureOf(ask(await clientOf(answer(200, text))));
    expect(error).toMatchObject({ code: 'malformed_response', status: 200 });
    expect(JSON.stringify(error.data)).toContain(JSON.stringify(text).slice(1, -1).slice(0, 10));
    expect(error.message).not.toContain(text);
  });

  test("with a gateway's HTML page is malformed_response, with a snippet of 200 characters in data", async () => {
    const page = `<!DOCTYPE html><html><body>${'login '.repeat(1000)}</body></html>`;
    const error = await failureOf(ask(await clientOf(answer(200, page, { 'Content-Type': 'text/html' }))));
    expect([error.code, error.status, error.data]).toEqual(['malformed_response', 200, page.slice(0, 200)]);
  });

  test('with a body that is cut off is connection_reset, or stream_truncated after a clean end', async () => {
    for (const cutHow of ['fin', 'reset', 'half-chunk']) {
      expect((await failureOf(complete({ cut: 40, cutHow }))).code).toBe('connection_reset');
    }
    expect((await failureOf(complete({ cut: 40, cutHow: 'clean' }))).code).toBe('stream_truncated');
  });
});

describe('limits', () => {
  test.each([
    ['headers', { timeouts: { headers: 100 } }, { delay: 60_000 }],
    ['total', { timeouts: { total: 100 } }, { delay: 60_000 }],
    ['total', { timeouts: { total: 300 } }, { pad: 10_000, gap: 10 }],
    ['idle', { timeouts: { idle: 100 } }, { stall: 10 }],
  ])('timeouts.%s rejects with its phase and closes the request (%j %j)', async (phase, limits, directives) => {
    const error = await failureOf(complete(directives, limits));
    expect(error).toMatchObject({ code: 'timeout', phase, message: expect.stringContaining(`timeouts.${phase}`) });
    expect(error.status).toBeUndefined();
    expect((await emulator.requests[0].closed).by).toBe('client');
  });

  test("each timeout of a call replaces the client's, and 0, null and Infinity turn it off", async () => {
    const limits = { timeouts: { headers: 50, total: 50 } };
    for (const none of [0, null, Infinity]) {
      expect((await complete({ delay: 150 }, { timeouts: { headers: none, total: none } }, limits)).model).toBe(MODEL);
    }
    expect((await failureOf(complete({ delay: 60_000 }, { timeouts: { headers: 0 } }, limits))).phase).toBe('total');
  });

  test.each([['a text', 'soon'], ['a negative number', { idle: -1 }], ['an unknown name', { forever: 1 }]])('invalid timeouts of a call are refused without a request: %s', async (_, timeouts) => {
    expect(await failureOf(complete({}, { timeouts }))).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('timeouts') });
    expect(emulator.requests).toEqual([]);
  });

  test('maxResponseBytes is the largest size that is accepted', async () => {
    const text = JSON.stringify({ id: 'gen-1', model: MODEL, choices: [], pad: 'x'.repeat(100_000) });
    const maxResponseBytes = Buffer.byteLength(text);
    expect((await ask(await clientOf(answer(200, text), { maxResponseBytes }))).pad).toHaveLength(100_000);
    await server.close();
    const error = await failureOf(ask(await clientOf(answer(200, text), { maxResponseBytes: maxResponseBytes - 1 })));
    expect(error).toMatchObject({ code: 'response_too_large', message: expect.stringMatching(/maxResponseBytes/) });
  });

  test('maxResponseBytes counts decompressed bytes', async () => {
    const error = await failureOf(complete({ encoding: 'gzip', text: 'x'.repeat(1_000_000) }, {}, { maxResponseBytes: 500_000 }));
    expect(error.code).toBe('response_too_large');
    expect(emulator.requests[0].bytesWritten).toBeLessThan(500_000);
  });
});

describe('an abort of a completion', () => {
  test('before the response rejects with the reason as its cause and closes the request', async () => {
    const controller = new AbortController();
    const pending = failureOf(complete({ delay: 60_000 }, { signal: controller.signal }));
    const record = await emulator.waitForRequest();
    const reason = { why: 'the user left' };
    controller.abort(reason);
    const error = await pending;
    expect(error).toBeInstanceOf(OpenRouterError);
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', message: 'Request aborted' });
    expect(error.cause).toBe(reason);
    expect((await record.closed).by).toBe('client');
  });

  test('after the end changes nothing', async () => {
    const controller = new AbortController();
    const completion = await complete({}, { signal: controller.signal });
    controller.abort();
    expect(completion.choices[0].message.content.length).toBeGreaterThan(0);
  });
});
