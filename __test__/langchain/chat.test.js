'use strict';

const { z } = require('zod');

const { startEmulator } = require('../../emulator');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { bodiesOf, joined, newModel, plainModel } = require('./support/langchain-models');
const { SSE_HEAD, chunkOf, event, finishChunk, gate, sse } = require('../support/streaming');

const PROMPT = 'Tell me about bees';

let emulator;
let raw;
beforeAll(async () => {
  emulator = await startEmulator();
  raw = await startByteServer();
});
beforeEach(() => {
  emulator.reset();
  raw.requests.length = 0;
});
afterAll(() => Promise.all([emulator.close(), raw.close()]));

const counts = ({ input_tokens, output_tokens, total_tokens }) => ({ input_tokens, output_tokens, total_tokens });
const comparable = ({ content, tool_calls, invalid_tool_calls, usage_metadata }) => ({ content, tool_calls, invalid_tool_calls, usage: counts(usage_metadata) });
const weather = { type: 'function', function: { name: 'get_weather', description: 'The weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } };

describe('ChatOpenRouter answers like ChatOpenAI over the built-in fetch', () => {
  const ways = {
    invoke: (model) => model.invoke(PROMPT),
    stream: (model) => joined(model.stream(PROMPT)),
    'stream with tools': (model) => joined(model.bindTools([weather]).stream(PROMPT)),
    'invoke with tools': (model) => model.bindTools([weather]).invoke(PROMPT),
  };
  test.each(Object.keys(ways))('%s: the same text, tool calls and usage', async (way) => {
    const ours = await ways[way](newModel(emulator));
    const theirs = await ways[way](plainModel(emulator));
    expect(comparable(ours)).toEqual(comparable(theirs));
    expect(ours.content.length + ours.tool_calls.length).toBeGreaterThan(0);
  });

  test('the requests are equal, but without stream_options, since OpenRouter always sends the usage', async () => {
    const tuned = { temperature: 0.3, maxTokens: 400, topP: 0.9, stop: ['END'], frequencyPenalty: 0.1, user: 'u1', modelKwargs: { top_k: 5 } };
    for (const model of [newModel(emulator, tuned), plainModel(emulator, tuned)]) await joined(model.bindTools([weather], { tool_choice: 'auto' }).stream(PROMPT));
    const [ours, { stream_options: _, ...theirs }] = bodiesOf(emulator);
    expect(ours).toEqual(theirs);
  });

  test('each delta is one chunk, in order, and the last chunk has the usage', async () => {
    const chunks = [];
    for await (const chunk of await newModel(emulator, { coalesce: false, emulator: { text: 'one two three four', chunks: 4 } }).stream(PROMPT)) chunks.push(chunk);
    expect(chunks.slice(0, -1).map(({ content }) => content).join('')).toBe('one two three four');
    expect(chunks).toHaveLength(5);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.at(-1).usage_metadata.total_tokens).toBeGreaterThan(0);
  });

  test('handleLLMNewToken of concurrent streams has received every token when its stream ends', async () => {
    const letters = Array.from({ length: 200 }, (_, at) => String.fromCharCode(0x4e00 + at));
    raw.script = () => [SSE_HEAD, sse(...letters.map((letter) => chunkOf(letter)), finishChunk()), FIN];
    const texts = await Promise.all(Array.from({ length: 30 }, async () => {
      let text = '';
      await newModel(raw, { streaming: true }).invoke(PROMPT, { callbacks: [{ handleLLMNewToken: (token) => { text += token; } }] });
      return text;
    }));
    expect(new Set(texts)).toEqual(new Set([letters.join('')]));
  });

  test('batch() returns the answers in the order of the prompts', async () => {
    const model = newModel(emulator, { maxConcurrency: 2 });
    const answers = await model.batch(['one bee', 'two bees', 'three bees']);
    expect(answers.map(({ content }) => /(\w+) bees?/.exec(content)[1])).toEqual(['one', 'two', 'three']);
    expect(emulator.requests).toHaveLength(3);
  });

  test('with streaming: true invoke() streams, and has the usage of the API without loading token tables', async () => {
    const tokens = [];
    const model = newModel(emulator, { streaming: true });
    const { usage_metadata: usage, content } = await model.invoke(PROMPT, { callbacks: [{ handleLLMNewToken: (token) => { tokens.push(token); } }] });
    const { content: expected, usage_metadata: expectedUsage } = await newModel(emulator).invoke(PROMPT);
    expect(tokens.join('')).toBe(expected);
    expect(content).toBe(expected);
    expect(usage).toEqual(expectedUsage);
    const { generations } = await model.generate([[['human', PROMPT]]]);
    expect(generations[0][0].text).toBe(expected);
    expect(bodiesOf(emulator).map(({ stream }) => stream)).toEqual([true, false, true]);
  });
});

describe('streamEvents', () => {
  test('version 2 emits the chunks, and the whole message at the end', async () => {
    const events = [];
    for await (const event of newModel(emulator).streamEvents(PROMPT, { version: 'v2' })) events.push(event);
    const streamed = events.filter(({ event }) => event === 'on_chat_model_stream').map(({ data }) => data.chunk.content);
    const { data: { output } } = events.find(({ event }) => event === 'on_chat_model_end');
    expect(streamed.join('')).toBe(output.content);
    expect(output.response_metadata.model_name).toBe('openai/gpt-5-mini');
    expect(events[0].metadata.ls_provider).toBe('openrouter');
  });

  test('content blocks have text, usage, and the reasoning once under each of its field names', async () => {
    const whole = await newModel(emulator, { reasoning: { enabled: true } }).invoke(PROMPT);
    for (const reasoningStyle of ['reasoning', 'reasoning_content', 'details', 'all']) {
      const stream = newModel(emulator, { emulator: { reasoningStyle } }).streamEvents(PROMPT);
      const [text, reasoning, usage, output] = await Promise.all([stream.text, stream.reasoning, stream.usage, stream.output]);
      expect(text).toBe(whole.content);
      expect(reasoning).toBe(whole.additional_kwargs.reasoning_content);
      expect(usage).toEqual(whole.usage_metadata);
      expect(output.response_metadata.cost).toBe(whole.response_metadata.cost);
    }
  });

  test('content blocks have the same tool calls as invoke()', async () => {
    const stream = newModel(emulator, { emulator: { calls: 2 } }).bindTools([weather]).streamEvents(PROMPT);
    const calls = await stream.toolCalls;
    const { tool_calls: expected } = await newModel(emulator, { emulator: { calls: 2 } }).bindTools([weather]).invoke(PROMPT);
    expect(calls.map(({ name, args, id }) => ({ name, args, id, type: 'tool_call' }))).toEqual(expected);
    expect((await stream.output).tool_calls.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  });
});

describe('structured output', () => {
  const Answer = z.object({ city: z.string(), degrees: z.number() });

  test.each([undefined, 'jsonSchema', 'functionCalling', 'jsonMode'])('with the method %s is an object that fits the schema', async (method) => {
    const text = '{"city":"Paris","degrees":21}';
    const model = newModel(emulator, method === 'functionCalling' ? {} : { emulator: { text } });
    const answer = await model.withStructuredOutput(Answer, { method }).invoke('Weather in Paris?');
    expect(Answer.safeParse(answer).success).toBe(true);
    const [{ response_format: format, tools }] = bodiesOf(emulator);
    const expected = { jsonMode: 'json_object', functionCalling: undefined }[method ?? ''];
    expect(format?.type).toBe(method in { jsonMode: 1, functionCalling: 1 } ? expected : 'json_schema');
    expect(tools?.length ?? 0).toBe(method === 'functionCalling' ? 1 : 0);
  });
});

describe('the metadata of an answer', () => {
  const both = [['invoke', (model) => model.invoke(PROMPT)], ['stream', (model) => joined(model.stream(PROMPT))]];

  test.each(both)('of %s has the model that the auto router chose', async (_, ask) => {
    const model = newModel(emulator, { autoRouter: true, model: undefined });
    const { response_metadata: facts } = await ask(model);
    expect(bodiesOf(emulator)[0].model).toBe('openrouter/auto');
    expect(facts).toMatchObject({ requested_model: 'openrouter/auto', auto_router_used: true, fallback_used: false });
    expect(facts.model_name).not.toMatch(/^openrouter\//);
    expect(model.getActualModelUsed()).toBe(facts.model_name);
  });

  test.each(['openrouter/auto', 'x/auto-review'])('of %s has auto_router_used for exact router ids only', async (model) => {
    raw.script = () => [SSE_HEAD, sse(chunkOf('a', { model: 'openai/gpt-5-mini' }), finishChunk()), FIN];
    const { response_metadata: facts } = await joined(newModel(raw, { model }).stream(PROMPT));
    expect(facts.auto_router_used).toBe(model === 'openrouter/auto');
    expect(facts.requested_model).toBe(model);
    expect(facts.model_name).toBe('openai/gpt-5-mini');
  });

  test.each(both)('of %s has the fallback and its attempts', async (_, ask) => {
    const model = newModel(emulator, { models: ['google/gemini-2.5-flash'], emulator: { fail: 'openai/gpt-5-mini' } });
    const { response_metadata: facts } = await ask(model);
    expect(facts).toMatchObject({ requested_model: 'openai/gpt-5-mini', model_name: 'google/gemini-2.5-flash', fallback_used: true });
    expect(facts.attempts.length).toBeGreaterThan(1);
    expect(model.getActualModelUsed()).toBe('google/gemini-2.5-flash');
  });

  test.each(both)('of %s has usage, cost, provider, finish reason and generation id', async (_, ask) => {
    const { response_metadata: facts, usage_metadata: usage } = await ask(newModel(emulator, { emulator: { cost: '0.0123' } }));
    expect(facts).toMatchObject({ provider: 'OpenAI', finish_reason: 'stop', cost: 0.0123, total_cost: 0.0123, model_provider: 'openrouter' });
    expect(facts.usage.cost).toBe(0.0123);
    expect(facts.usage.prompt_tokens).toBe(usage.input_tokens);
    expect(facts.generation_id).toBe(emulator.requests[0].generationId);
  });

  test.each(both)('of %s has a total_cost that includes the provider’s bill for an own key', async (_, ask) => {
    const { response_metadata: { cost, total_cost: total, usage } } = await ask(newModel(emulator, { emulator: { byok: true } }));
    expect(usage.is_byok).toBe(true);
    expect(total).toBe(cost + usage.cost_details.upstream_inference_cost);
    expect(total).toBeGreaterThan(cost);
  });

  test.each(['after', 'before', 'with', 'repeat', 'choices-empty', 'choices-null', 'choices-missing', 'zeros'])(
    'of stream has usage and finish reason once, wherever the API sends them: %s',
    async (where) => {
      const how = { repeat: { usageShape: 'repeat' }, zeros: { usageNoise: 'zeros' } }[where] ?? (where.startsWith('choices') ? { usageShape: where } : { usageAt: where });
      const expected = await newModel(emulator).invoke(PROMPT);
      const whole = await joined(newModel(emulator, { emulator: how }).stream(PROMPT));
      expect(whole.usage_metadata).toEqual(expected.usage_metadata);
      expect(whole.response_metadata.usage).toEqual(expected.response_metadata.usage);
      expect(whole.response_metadata).toMatchObject({ finish_reason: 'stop', model_name: 'openai/gpt-5-mini' });
    },
  );

  test('is not mixed up by two concurrent streams; getActualModelUsed() follows the last that ended', async () => {
    const order = [];
    const gates = { a: gate(), b: gate() };
    raw.script = async function* script({ json }) {
      const name = json.messages[0].content;
      yield SSE_HEAD;
      yield event(chunkOf('x', { model: `m/${name}` }));
      await gates[name];
      order.push(name);
      yield sse(chunkOf(name, { model: `m/${name}` }), { ...finishChunk(), model: `m/${name}` });
      yield FIN;
    };
    const model = newModel(raw, { model: 'openrouter/auto' });
    const answers = ['a', 'b'].map((name) => joined(model.withConfig({}).stream(name)));
    await raw.request(1);
    expect(model.getActualModelUsed()).toBeNull();
    gates.b.open();
    expect((await answers[1]).response_metadata.model_name).toBe('m/b');
    expect(model.getActualModelUsed()).toBe('m/b');
    gates.a.open();
    const { response_metadata: { model_name: name }, content } = await answers[0];
    expect([name, content, order]).toEqual(['m/a', 'xa', ['b', 'a']]);
    expect(model.getActualModelUsed()).toBe('m/a');
  });

  test('getActualModelUsed() keeps the model of the last finished answer when a later one fails or is left', async () => {
    const model = newModel(raw, { model: 'openrouter/auto' });
    const answer = (name, ...rest) => [SSE_HEAD, event(chunkOf('x', { model: name })), ...rest];
    raw.script = () => answer('m/whole', sse({ ...finishChunk(), model: 'm/whole' }), FIN);
    await joined(model.stream('a'));
    raw.script = () => answer('m/failed', FIN);
    await expect(joined(model.stream('a'))).rejects.toMatchObject({ code: 'stream_truncated' });
    raw.script = () => answer('m/left');
    for await (const _ of await model.stream('a')) break;
    expect(model.getActualModelUsed()).toBe('m/whole');
  });
});
