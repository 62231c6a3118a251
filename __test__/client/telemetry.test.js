'use strict';

const { SpanStatusCode, context, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const { OpenRouterClient, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { traceOpenRouter } = require('../../examples/opentelemetry.js');
const { failureOf } = require('../support/outcomes.js');
const { until } = require('../support/until.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'canary prompt' }];
const exporter = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test');
let emulator;
let client;

beforeAll(async () => {
  emulator = await startEmulator();
  client = new OpenRouterClient('sk-or-v1-limit-canary-telemetry', { baseURL: emulator.baseURL, maxRetries: 0 });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  traceOpenRouter(tracer);
});
beforeEach(() => {
  emulator.reset();
  exporter.reset();
});
afterAll(async () => {
  context.disable();
  await emulator.close();
});

const ask = (params) => client.chatCompletion({ model: MODEL, messages, ...params });
const spansAfter = (count) => until(() => exporter.getFinishedSpans().length >= count && exporter.getFinishedSpans(), `${count} spans ended`);
/** Runs `work` with a new span as the active one. Returns the context of that span. */
async function withinSpan(name, work) {
  const span = tracer.startSpan(name);
  await context.with(trace.setSpan(context.active(), span), work);
  return span.spanContext();
}
/** The attributes that the span of a completed chat must have. */
const attributesOf = (usage, model = MODEL) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openrouter',
  'gen_ai.request.model': MODEL,
  'gen_ai.response.model': model,
  'gen_ai.response.id': emulator.requests[0].generationId,
  'gen_ai.response.finish_reasons': ['stop'],
  'gen_ai.usage.input_tokens': usage.prompt_tokens,
  'gen_ai.usage.output_tokens': usage.completion_tokens,
  'gen_ai.usage.cost': usage.cost,
  'http.response.status_code': 200,
  'openrouter.generation.id': emulator.requests[0].generationId,
  'server.address': '127.0.0.1',
  'server.port': emulator.port,
});

describe('an OpenTelemetry span has the exact model, tokens and cost', () => {
  test('of a completion', async () => {
    const { usage, provider } = await ask({ temperature: 0.5, max_tokens: 100, stop: ['END'], session_id: 'talk-1' });
    const [span] = await spansAfter(1);
    expect(span.name).toBe(`chat ${MODEL}`);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toMatchObject({
      ...attributesOf(usage),
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.conversation.id': 'talk-1',
      'openrouter.provider.name': provider,
    });
  });

  test('of a stream, once it has ended', async () => {
    const stream = await ask({ stream: true });
    await stream.finalCompletion();
    const [span] = await spansAfter(1);
    expect(span.attributes).toMatchObject(attributesOf(stream.usage));
    expect(span.duration[0] * 1e3 + span.duration[1] / 1e6).toBeGreaterThan(0);
  });

  test('of the model that a router or a fallback chose', async () => {
    await (await ask({ autoRouter: true, stream: true, emulator: { model: 'openai/gpt-5' } })).finalCompletion();
    await ask({ models: ['openai/gpt-5'], emulator: { fail: [MODEL] } });
    const spans = await spansAfter(2);
    expect(spans.map(({ attributes }) => [attributes['gen_ai.request.model'], attributes['gen_ai.response.model']])).toEqual([
      ['openrouter/auto', 'openai/gpt-5'],
      [MODEL, 'openai/gpt-5'],
    ]);
  });

  test('of each request of a tool loop, as a child of the active span', async () => {
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } }];
    const parent = await withinSpan('agent', async () => {
      const { choices: [{ message }] } = await ask({ tools, emulator: { calls: 1 } });
      const results = message.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' }));
      await ask({ tools, messages: [...messages, message, ...results] });
    });
    const spans = await spansAfter(2);
    expect(spans.map(({ attributes }) => attributes['gen_ai.response.finish_reasons'])).toEqual([['tool_calls'], ['stop']]);
    for (const span of spans) expect(span.parentSpanContext.spanId).toBe(parent.spanId);
  });

  test('of chats through createFetch, with and without a stream', async () => {
    const fetch = createFetch();
    const chat = (stream) => fetch(`${emulator.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-or-v1-limit-canary-fetch' },
      body: JSON.stringify({ model: MODEL, messages, stream }),
    });
    const parent = await withinSpan('sdk', async () => {
      await (await chat(false)).json();
      await (await chat(true)).text();
    });
    const spans = await spansAfter(2);
    for (const [at, span] of spans.entries()) {
      expect(span.parentSpanContext.spanId).toBe(parent.spanId);
      expect(span.attributes).toMatchObject({
        'gen_ai.request.model': MODEL,
        'gen_ai.response.model': MODEL,
        'openrouter.generation.id': emulator.requests[at].generationId,
        'gen_ai.usage.cost': expect.any(Number),
      });
    }
    expect(emulator.requests.map(({ rawBody }) => JSON.parse(rawBody))).toEqual([{ model: MODEL, messages, stream: false }, { model: MODEL, messages, stream: true }]);
  });

  test('but only HTTP attributes of a request for models', async () => {
    await client.getModels(true);
    const [span] = await spansAfter(1);
    expect(span.name).toBe('GET /api/v1/models');
    expect(span.attributes).toEqual({ 'http.request.method': 'GET', 'http.response.status_code': 200, 'server.address': '127.0.0.1', 'server.port': emulator.port });
  });
});

describe('the span of a failure has an error status and what is known of the request', () => {
  test.each([
    [429, 'rate_limited'],
    [502, 'provider_error'],
  ])('HTTP %i', async (status, code) => {
    const error = await failureOf(ask({ emulator: { status } }));
    const [span] = await spansAfter(1);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: error.message });
    expect(span.attributes).toMatchObject({ 'error.type': code, 'http.response.status_code': status });
  });

  test('an error in mid-stream, with the generation and the model', async () => {
    const stream = await ask({ stream: true, emulator: { errorAt: 1 } });
    const error = await failureOf(stream.finalCompletion());
    const [span] = await spansAfter(1);
    expect(span.attributes).toMatchObject({ 'error.type': error.code, 'gen_ai.response.model': MODEL, 'openrouter.generation.id': stream.generationId });
  });

  test('an abort in mid-stream, with one span only', async () => {
    const stream = await ask({ stream: true, emulator: { stall: 1 } });
    for await (const chunk of stream) {
      if (chunk.choices[0].delta.content) break;
    }
    const [span] = await spansAfter(1);
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ 'error.type': 'aborted', 'gen_ai.response.model': MODEL, 'openrouter.generation.id': stream.generationId });
    expect(exporter.getFinishedSpans()).toHaveLength(1);
  });

  test('an abort before the headers', async () => {
    const controller = new AbortController();
    const asked = failureOf(ask({ signal: controller.signal, emulator: { delay: 60_000 } }));
    await emulator.waitForRequest((request) => request.path.endsWith('/chat/completions'));
    controller.abort();
    await asked;
    const [span] = await spansAfter(1);
    expect(span.attributes['error.type']).toBe('aborted');
  });

  test('a body that is cancelled in createFetch', async () => {
    const response = await createFetch()(`${emulator.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-or-v1-limit-canary-fetch' },
      body: JSON.stringify({ model: MODEL, messages, stream: true, emulator: { stall: 1 } }),
    });
    await response.body.cancel();
    const [span] = await spansAfter(1);
    expect(span.attributes['error.type']).toBe('aborted');
  });
});

test('a traceparent header is sent unchanged', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await ask({ headers: { traceparent } });
  expect(emulator.requests[0].headers.traceparent).toBe(traceparent);
});

test('no span has a key, a prompt or an answer', async () => {
  await ask({ emulator: { text: 'one two three' } });
  await (await ask({ stream: true, emulator: { text: 'one two three' } })).finalCompletion();
  await failureOf(ask({ emulator: { status: 400, kind: 'echo-key' } }));
  await failureOf(ask({ emulator: { status: 403, kind: 'moderation' } }));
  const spans = await spansAfter(4);
  expect(JSON.stringify(spans.map(({ name, attributes, status }) => ({ name, attributes, status })))).not.toMatch(/canary|one two/);
});
