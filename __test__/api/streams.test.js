'use strict';

const { inspect } = require('node:util');

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes.js');
const { readAll } = require('../support/streaming.js');

const MODEL = 'openai/gpt-5-mini';
const tools = {
  responses: [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }],
  messages: [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }],
};

let emulator;
let clients = 0;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(() => emulator.close());

const newClient = (options) => new OpenRouterClient(`sk-or-v1-limit-api-streams-${(clients += 1)}`, { baseURL: emulator.baseURL, maxRetries: 0, ...options });

/** The endpoints that stream: the parameters of a request, the events of a stream by type, and the text of a whole answer. */
const STREAMS = [
  ['responses', { input: 'Tell me about bees' }, ['response.created', 'response.completed'], (answer) => answer.output_text, 'finalResponse'],
  ['messages', { messages: [{ role: 'user', content: 'Tell me about bees' }], max_tokens: 500 }, ['message_start', 'message_stop'], (answer) => answer.content[0].text, 'finalMessage'],
  ['completions', { prompt: 'Tell me about bees' }, [undefined, undefined], (answer) => answer.choices[0].text, 'finalCompletion'],
];

describe.each(STREAMS)('client.%s', (name, more, [first, last], textOf, final) => {
  const ask = (params = {}, settings, client = newClient()) => client[name]({ model: MODEL, ...more, ...params }, settings);
  const open = (directives, settings, client) => ask({ stream: true, emulator: directives }, settings, client);

  test('resolves to the whole answer', async () => {
    const answer = await ask();
    expect(answer.model).toBe(MODEL);
    expect(textOf(answer)).toContain('bees');
    expect(answer.usage.cost).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  });

  test('streams the events as the API sends them, and knows the facts of the answer', async () => {
    const stream = await open();
    expect(stream.generationId).toMatch(/^gen-/);
    const { items, error } = await readAll(stream);
    expect(error).toBeNull();
    expect([items[0].type, items.at(-1).type]).toEqual([first, last]);
    expect(stream).toMatchObject({ model: MODEL, requestedModel: MODEL, cost: stream.usage.cost, totalCost: stream.usage.cost });
    expect(stream.metrics).toMatchObject({ events: items.length, firstTokenMs: expect.any(Number) });
  });

  test('streams the text alone, which is that of the whole answer', async () => {
    const whole = textOf(await ask());
    const { items } = await readAll((await open()).text());
    expect(items.join('')).toBe(whole);
  });

  test(`${final}() resolves to the answer that is not streamed, also without a reader and after the end`, async () => {
    const whole = await ask();
    const stream = await open();
    const answers = [await stream[final](), await stream[final](), await stream.final()];
    for (const answer of answers) {
      expect(textOf(answer)).toBe(textOf(whole));
      expect(answer.usage).toMatchObject({ cost: whole.usage.cost });
      expect(answer.model).toBe(MODEL);
    }
    const read = await open();
    const [answer] = await Promise.all([read[final](), readAll(read)]);
    expect(textOf(answer)).toBe(textOf(whole));
  });

  test('gives the bytes as they came', async () => {
    const stream = await open();
    const record = emulator.requests.at(-1);
    const bytes = await new Response(stream.toReadableStream()).text();
    expect(Buffer.byteLength(bytes)).toBe(record.bytesWritten);
    expect(bytes).toContain(': OPENROUTER PROCESSING');
  });

  test.each([
    ['an error in the middle', { 'error-at': 3 }, 'provider_error', 3],
    ['a connection that is cut', { cut: 3 }, 'stream_truncated', 3],
    ['a body that ends properly before the answer does', { cut: 3, 'cut-how': 'clean' }, 'stream_truncated', 3],
  ])('%s fails the reads and the final answer, and the error has what had arrived', async (_, directives, code, deltas) => {
    const stream = await open(directives);
    const ended = stream[final]().catch((error) => error);
    const { items, error } = await readAll(stream.text());
    expect(error).toMatchObject({ code, generationId: stream.generationId });
    expect(await ended).toBe(error);
    expect(items.join('')).not.toBe('');
    expect(JSON.stringify(error.partial)).toContain(JSON.stringify(items.join('')).slice(1, -1));
    expect(emulator.requests.at(-1).deltas).toBe(deltas);
  });

  test('a failure before the first event rejects the call, which is sent again only within maxRetries', async () => {
    const before = emulator.requests.length;
    const error = await failureOf(open({ 'error-at': 0 }));
    expect(error).toMatchObject({ code: 'provider_error', partial: undefined });
    expect(emulator.requests.length - before).toBe(1);
    const stream = await open({ 'error-at': 0, times: 1, id: `${name}-again` }, { maxRetries: 1 });
    expect((await readAll(stream)).error).toBeNull();
    expect(emulator.requests.length - before).toBe(3);
  });

  test('the cost of each answer is subtracted from the balance once', async () => {
    const client = newClient();
    const start = emulator.requests.length;
    const before = (await client.getCredits()).balance;
    const whole = await ask({}, undefined, client);
    const stream = await open({}, undefined, client);
    await readAll(stream);
    const { balance } = await client.getCredits();
    expect(before - balance).toBeCloseTo(whole.usage.cost + stream.cost, 12);
    expect(emulator.requests.slice(start).filter(({ path }) => path.endsWith('/key'))).toHaveLength(1);
  });

  test('an abort ends the reads with an AbortError, keeps what had come, and closes the request', async () => {
    const controller = new AbortController();
    const stream = await open({ stall: 2 }, { signal: controller.signal });
    const record = emulator.requests.at(-1);
    const texts = [];
    const error = await failureOf(async () => {
      for await (const text of stream.text()) {
        texts.push(text);
        controller.abort(new Error('enough'));
      }
    });
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', cause: controller.signal.reason });
    expect(JSON.stringify(error.partial)).toContain(JSON.stringify(texts.join('')).slice(1, -1));
    expect((await record.closed).by).toBe('client');
    expect(await failureOf(stream[final]())).toMatchObject({ code: 'aborted' });
  });

  test('an abort between two reads gives the next read and the final answer the same error', async () => {
    const stream = await open({ stall: 2 });
    const texts = stream.text();
    await texts.next();
    const ended = failureOf(stream[final]());
    stream.abort(new Error('enough'));
    const error = await ended;
    expect(error).toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
    const { error: read } = await readAll(texts);
    expect(read).toBe(error);
  });

  test('leaving the loop closes the request', async () => {
    const stream = await open({ stall: 3 });
    const record = emulator.requests.at(-1);
    for await (const _ of stream) break;
    expect((await record.closed).by).toBe('client');
    expect(await failureOf(stream[final]())).toMatchObject({ code: 'aborted' });
  });

  test('a second reader is refused, and a look at the stream shows no text of the answer', async () => {
    const stream = await open();
    const { items } = await readAll(stream.text());
    expect(() => stream.text()).toThrow('has its reader already');
    expect(inspect(stream)).not.toContain(items.at(0).trim());
    expect(inspect(stream)).toContain("state: 'finished'");
  });

  test('the limit of a silent stream is timeouts.idle, which comments do not extend', async () => {
    const stream = await open({ stall: 2, comments: 5 }, { timeouts: { idle: 50 } });
    const { error } = await readAll(stream);
    expect(error).toMatchObject({ code: 'timeout', phase: 'idle' });
  });

  test('an answer above maxResponseBytes fails, streamed or not', async () => {
    const client = newClient({ maxResponseBytes: 300 });
    expect(await failureOf(ask({}, undefined, client))).toMatchObject({ code: 'response_too_large' });
    const streamed = await failureOf(async () => { for await (const _ of await open({ chunks: 200 }, undefined, client)); });
    expect(streamed).toMatchObject({ code: 'response_too_large' });
  });
});

describe.each(['responses', 'messages'])('tools of client.%s', (name) => {
  const [, more] = STREAMS.find(([known]) => known === name);
  const ask = (params) => newClient()[name]({ model: MODEL, ...more, tools: tools[name], tool_choice: name === 'responses' ? 'required' : { type: 'any' }, ...params, emulator: { calls: 1 } });

  test('a streamed call is assembled like the one that is not streamed', async () => {
    const callIn = (answer) => (answer.output ?? answer.content).find(({ type }) => ['function_call', 'tool_use'].includes(type));
    const whole = callIn(await ask());
    const streamed = callIn(await (await ask({ stream: true })).final());
    expect(streamed.name).toBe('weather');
    expect(streamed.arguments ?? streamed.input).toEqual(whole.arguments ?? whole.input);
  });
});

test('reasoning of a response is streamed and assembled', async () => {
  const stream = await newClient().responses({ model: 'deepseek/deepseek-r1', input: 'Think about bees', reasoning: { effort: 'high' }, stream: true });
  const { items } = await readAll(stream);
  const thoughts = items.filter(({ type }) => type === 'response.reasoning_text.delta').map(({ delta }) => delta).join('');
  const answer = await stream.finalResponse();
  expect(thoughts).not.toBe('');
  expect(answer.output[0]).toMatchObject({ type: 'reasoning', content: [{ text: thoughts }] });
});
