'use strict';

const { startEmulator } = require('../../emulator');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { SSE_HEAD, chunkOf, finishChunk, newClient, openStream, readAll, sse } = require('../support/streaming');

const tool = (name, parameter) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: { [parameter]: { type: 'string' } }, required: [parameter] } } });
const TOOLS = [tool('get_weather', 'city'), tool('look_up', 'query')];

let raw;
let emulator;
beforeAll(async () => {
  raw = await startByteServer();
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => Promise.all([raw.close(), emulator.close()]));

const messageOf = (completion) => completion.choices[0].message;
const request = (params) => ({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Weather in “Köln” \\ 🐝?' }], tools: TOOLS, ...params });

/** The tool calls of the same request without `stream`, as the reference. */
async function wholeCalls(params) {
  const whole = await newClient(emulator).chatCompletion(request(params));
  return messageOf(whole).tool_calls.map(({ id, type, function: { name, arguments: args } }) => ({ id, type, function: { name, arguments: args } }));
}

async function finalOf(params) {
  return (await newClient(emulator).chatCompletion(request({ ...params, stream: true }))).finalCompletion();
}

/** The tool calls of a completion, without the fields that a provider may have added. */
const callsOf = (completion) => messageOf(completion).tool_calls?.map(({ id, type, function: { name, arguments: args } }) => ({ id, type, function: { name, arguments: args } }));

/** The completion of a stream whose chunks have these `tool_calls`, one list per chunk. */
async function assembled(deltas, finish = 'tool_calls') {
  raw.script = () => [SSE_HEAD, sse(...deltas.map((calls) => chunkOf(null, { delta: { tool_calls: calls } })), finishChunk(finish)), FIN];
  return (await openStream(raw)).finalCompletion();
}

/** The tool calls of a completion as `[id, name, arguments]`. */
const short = (completion) => callsOf(completion)?.map(({ id, function: { name, arguments: args } }) => [id, name, args]);
const piece = (index, args, more = {}) => ({ ...(index !== null && { index }), ...more, function: { ...(more.name !== undefined && { name: more.name }), arguments: args }, name: undefined });

describe('tool calls are assembled from the deltas of every provider', () => {
  const QUIRKS = ['no-index', 'id-repeated', 'empty-id', 'null-fields', 'first-index-1', 'args-first', 'trailing'];

  test.each([[undefined, 1], ...QUIRKS.map((quirk) => [quirk, 1]), ['same-index', 2], ['interleaved', 2]])('with the quirk %s: %i calls', async (toolQuirk, amount) => {
    const params = { emulator: { ...(toolQuirk && { toolQuirk }) } };
    const expected = await wholeCalls(params);
    const final = await finalOf(params);
    expect(expected).toHaveLength(amount);
    expect(callsOf(final)).toEqual(expected);
    expect(messageOf(final).content ?? '').toBe('');
    expect(final.choices[0].finish_reason).toBe('tool_calls');
  });

  // Calls that share one index, or have none, are told apart by their ids.
  test.each([undefined, 'id-repeated', 'empty-id', 'null-fields', 'first-index-1', 'no-index', 'same-index', 'interleaved', 'trailing'])(
    'two parallel calls never merge (quirk %s)',
    async (toolQuirk) => {
      const params = { emulator: { calls: 2, ...(toolQuirk && { toolQuirk }) } };
      const expected = await wholeCalls(params);
      expect(expected).toHaveLength(2);
      expect(callsOf(await finalOf(params))).toEqual(expected);
    },
  );

  test('empty arguments become {}', async () => {
    expect(short(await finalOf({ emulator: { toolQuirk: 'args-empty' } }))).toEqual([['call_emulator_1', 'get_weather', '{}']]);
  });

  test('arguments that are an object become JSON text', async () => {
    const [call] = callsOf(await finalOf({ emulator: { toolQuirk: 'args-object' } }));
    const [expected] = await wholeCalls({ emulator: {} });
    expect(typeof call.function.arguments).toBe('string');
    expect(JSON.parse(call.function.arguments)).toEqual(JSON.parse(expected.function.arguments));
  });

  test('the legacy function_call stays a function_call', async () => {
    const final = await finalOf({ emulator: { toolQuirk: 'function-call' } });
    const [expected] = await wholeCalls({ emulator: {} });
    expect(messageOf(final).function_call).toEqual(expected.function);
    expect(messageOf(final)).not.toHaveProperty('tool_calls');
    expect(final.choices[0].finish_reason).toBe('function_call');
  });

  test.each([
    ['a whole call in one piece', [[piece(0, '{"a":1}', { id: 'x', name: 'f' })]], [['x', 'f', '{"a":1}']]],
    ['two whole calls in one chunk, without index', [[piece(null, '{"a":1}', { id: 'x', name: 'f' }), piece(null, '{"b":2}', { id: 'y', name: 'f' })]], [['x', 'f', '{"a":1}'], ['y', 'f', '{"b":2}']]],
    ['the same tool twice with the same arguments', [[piece(0, '{}', { id: 'x', name: 'f' })], [piece(1, '{}', { id: 'y', name: 'f' })]], [['x', 'f', '{}'], ['y', 'f', '{}']]],
    ['an index that is a string', [[piece('0', '', { id: 'x', name: 'f' })], [piece('0', '{"a":')], [piece('0', '1}')]], [['x', 'f', '{"a":1}']]],
    ['indexes with gaps', [[piece(3, '{"a":', { id: 'x', name: 'f' })], [piece(3, '1}')], [piece(7, '{}', { id: 'y', name: 'g' })]], [['x', 'f', '{"a":1}'], ['y', 'g', '{}']]],
    ['arguments that are null at first', [[piece(0, null, { id: 'x', name: 'f' })], [piece(0, '{"a":1}')]], [['x', 'f', '{"a":1}']]],
    ['a name in two pieces', [[piece(0, '', { id: 'x', name: 'get_' })], [piece(0, '', { name: 'weather' })], [piece(0, '{}')]], [['x', 'get_weather', '{}']]],
    ['brackets and quotes inside arguments', [[piece(0, '{"a":"}{', { id: 'x', name: 'f' })], [piece(0, '\\"]"}')]], [['x', 'f', '{"a":"}{\\"]"}']]],
    ['halves of an emoji in two pieces', [[piece(0, '{"a":"\uD83D', { id: 'x', name: 'f' })], [piece(0, '\uDC1D"}')]], [['x', 'f', '{"a":"🐝"}']]],
    ['the whole call repeated at the end', [[piece(0, '{"a":', { id: 'x', name: 'f' })], [piece(0, '1}')], [piece(0, '{"a":1}', { id: 'x', name: 'f' })]], [['x', 'f', '{"a":1}']]],
    ['a surplus bracket at the end', [[piece(0, '{"a":1}', { id: 'x', name: 'f' })], [piece(0, '}')], [piece(0, '\n')]], [['x', 'f', '{"a":1}']]],
  ])('from %s', async (_name, deltas, expected) => {
    expect(short(await assembled(deltas))).toEqual(expected);
  });

  test('a call without an id gets one, so that its result can refer to it', async () => {
    const [[id, name, args]] = short(await assembled([[piece(0, '{"a":1}', { name: 'f' })]]));
    expect([name, args]).toEqual(['f', '{"a":1}']);
    expect(id).toMatch(/^\S+$/);
  });
});

describe('a completion has each finished tool call once', () => {
  test('although a message in the last chunk repeats it', async () => {
    const call = { id: 'x', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
    const whole = { ...finishChunk('tool_calls'), choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'tool_calls' }] };
    raw.script = () => [SSE_HEAD, sse(chunkOf(null, { delta: { tool_calls: [{ index: 0, ...call }] } }), whole), FIN];
    expect(short(await (await openStream(raw)).finalCompletion())).toEqual([['x', 'f', '{"a":1}']]);
  });

  test('and partial has no unfinished one', async () => {
    raw.script = () => [SSE_HEAD, sse(...[piece(0, '{"a":', { id: 'x', name: 'f' }), piece(0, '1}'), piece(1, '{"b"', { id: 'y', name: 'g' })].map((call) => chunkOf(null, { delta: { tool_calls: [call] } }))).replace('data: [DONE]\n\n', ''), FIN];
    const stream = await openStream(raw);
    const { error } = await readAll(stream);
    expect(error.code).toBe('stream_truncated');
    expect(error.partial.choices[0].message.tool_calls.map(({ id }) => id)).toEqual(['x']);
  });

  test('and no unfinished one after the finish_reason length', async () => {
    const final = await assembled([[piece(0, '{"a":1}', { id: 'x', name: 'f' })], [piece(1, '{"b":"lon', { id: 'y', name: 'g' })]], 'length');
    expect(short(final)).toEqual([['x', 'f', '{"a":1}']]);
  });
});

describe('finish_reason and stopKind', () => {
  test.each([
    ['tool_calls with calls', {}, 'tool_calls', 1],
    ['stop with calls', { toolQuirk: 'finish-stop' }, 'stop', 1],
    ['tool_calls without calls', { toolQuirk: 'finish-without-calls' }, 'tool_calls', 0],
    ['stop without calls', { text: 'just words' }, 'stop', 0],
  ])('%s: finish_reason stays as sent, stopKind follows from the calls', async (_name, directives, reason, amount) => {
    const final = await finalOf({ emulator: directives });
    expect(final.choices[0].finish_reason).toBe(reason);
    expect(messageOf(final).tool_calls ?? []).toHaveLength(amount);
    expect(final._metadata.stopKind).toBe(amount > 0 ? 'tool_calls' : 'stop');
  });
});

test('tool calls and their results go back as history byte for byte', async () => {
  const client = newClient(emulator);
  const stream = await client.chatCompletion(request({ stream: true, emulator: { calls: 2 }, reasoning: { effort: 'high' } }));
  const message = messageOf(await stream.finalCompletion());
  expect([message.tool_calls.length, message.reasoning_details.length]).toEqual([2, 2]);
  const results = message.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' }));
  const answer = await client.chatCompletion(request({ messages: [{ role: 'user', content: 'x' }, message, ...results] }));
  expect(emulator.requests.at(-1).rawBody).toContain(JSON.stringify([message, ...results]).slice(1, -1));
  expect(messageOf(answer).content).toContain('sunny');
});
