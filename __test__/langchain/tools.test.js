'use strict';

const { createAgent, tool } = require('langchain');
const { z } = require('zod');

const { startEmulator } = require('../../emulator');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { bodiesOf, joined, newModel } = require('./support/langchain-models');
const { SSE_HEAD, chunkOf, finishChunk, sse } = require('../support/streaming');

const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } };
const lookUp = { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] } } };
const PROMPT = 'Weather in “Köln” \\ 🐝?';

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

const bound = (directives) => newModel(emulator, { emulator: directives }).bindTools([weather, lookUp]);

describe('the tool calls of a stream equal those of invoke(), however the provider sends them', () => {
  const QUIRKS = ['no-index', 'id-repeated', 'empty-id', 'null-fields', 'first-index-1', 'same-index', 'interleaved', 'trailing', 'finish-stop'];

  test.each([undefined, ...QUIRKS])('two calls with the quirk %s', async (toolQuirk) => {
    const directives = { calls: 2, ...(toolQuirk && { toolQuirk }) };
    const { tool_calls: expected } = await bound({ calls: 2 }).invoke(PROMPT);
    const whole = await joined(bound(directives).stream(PROMPT));
    expect(whole.tool_calls).toEqual(expected);
    expect(whole.invalid_tool_calls).toEqual([]);
    expect(expected).toHaveLength(2);
    const { tool_calls: ofEvents } = await bound(directives).streamEvents(PROMPT);
    expect(ofEvents.map(({ name, args, id }) => ({ name, args, id, type: 'tool_call' }))).toEqual(expected);
  });

  test.each(['args-first', 'args-object'])('a call with the quirk %s', async (toolQuirk) => {
    const { tool_calls: expected } = await bound({}).invoke(PROMPT);
    expect((await joined(bound({ toolQuirk }).stream(PROMPT))).tool_calls).toEqual(expected);
  });

  test('empty arguments become {}', async () => {
    expect((await joined(bound({ toolQuirk: 'args-empty' }).stream(PROMPT))).tool_calls).toMatchObject([{ name: 'get_weather', args: {} }]);
    expect((await bound({ toolQuirk: 'args-empty' }).streamEvents(PROMPT)).tool_calls).toMatchObject([{ name: 'get_weather', args: {} }]);
  });

  test('a call that is sent twice appears once', async () => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'pay', arguments: '{"eur":5}' } };
    raw.script = () => [SSE_HEAD, sse(...[call, call].map((one) => chunkOf(null, { delta: { tool_calls: [one] } })), finishChunk('tool_calls')), FIN];
    const { tool_calls: calls, invalid_tool_calls: invalid } = await joined(newModel(raw).stream('Pay'));
    expect(calls).toEqual([{ id: 'call_1', name: 'pay', args: { eur: 5 }, type: 'tool_call' }]);
    expect(invalid).toEqual([]);
  });

  test('tool_call_chunks have the arguments as they arrive', async () => {
    const pieces = [];
    for await (const { tool_call_chunks: chunks } of await bound({}).stream(PROMPT)) pieces.push(...chunks);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces[0]).toMatchObject({ name: 'get_weather', id: 'call_emulator_1', index: 0 });
    const { tool_calls: [{ args }] } = await bound({}).invoke(PROMPT);
    expect(JSON.parse(pieces.map((piece) => piece.args).join(''))).toEqual(args);
  });
});

describe('agents', () => {
  const add = (called) => tool(({ a, b }) => {
    called.push([a, b]);
    return String(a + b);
  }, { name: 'add', description: 'Adds', schema: z.object({ a: z.number(), b: z.number() }) });

  test.each(['invoke', 'stream'])('createAgent().%s: the tool runs once, and its result and the reasoning go back', async (way) => {
    const called = [];
    const model = newModel(emulator, { reasoning: { effort: 'low' } });
    const agent = createAgent({ model, tools: [add(called)] });
    const input = { messages: [{ role: 'user', content: 'Add' }] };
    let state;
    if (way === 'invoke') state = await agent.invoke(input);
    else for await (const [mode, data] of await agent.stream(input, { streamMode: ['messages', 'values'] })) if (mode === 'values') state = data;
    expect(called).toHaveLength(1);
    expect(state.messages.map(({ type }) => type)).toEqual(['human', 'ai', 'tool', 'ai']);
    const [first, second] = bodiesOf(emulator);
    expect(emulator.requests).toHaveLength(2);
    expect(first.tools.map(({ function: { name } }) => name)).toEqual(['add']);
    expect(first.reasoning).toEqual({ effort: 'low' });
    const [, assistant, result] = second.messages;
    expect(JSON.stringify(assistant.reasoning_details)).toBe(JSON.stringify(state.messages[1].additional_kwargs.reasoning_details));
    expect(assistant.reasoning_details.map(({ type }) => type)).toEqual(['reasoning.text', 'reasoning.encrypted']);
    expect(assistant.tool_calls[0].id).toBe(result.tool_call_id);
    expect(result.content).toBe(String(called[0][0] + called[0][1]));
    expect(model.getActualModelUsed()).toBe('openai/gpt-5-mini');
  });

  test('autoRouter and zdr apply to every request of an agent, and the global fetch is not replaced', async () => {
    const { fetch } = globalThis;
    const model = newModel(emulator, { autoRouter: true, zdr: true });
    const state = await createAgent({ model, tools: [add([])] }).invoke({ messages: [{ role: 'user', content: 'Add' }] });
    const bodies = bodiesOf(emulator);
    expect(bodies).toHaveLength(2);
    for (const body of bodies) expect(body).toMatchObject({ model: 'openrouter/auto', provider: { zdr: true } });
    expect(model.getActualModelUsed()).toBe(state.messages.at(-1).response_metadata.model_name);
    expect(model.getActualModelUsed()).not.toMatch(/^openrouter\//);
    expect(globalThis.fetch).toBe(fetch);
  });

  test('tools of OpenRouter itself are sent unchanged', async () => {
    await newModel(emulator).bindTools([{ type: 'openrouter:web_search' }]).invoke('Search').catch(() => {});
    expect(bodiesOf(emulator)[0].tools).toEqual([{ type: 'openrouter:web_search' }]);
  });
});
