'use strict';

// Answers that a test prepares: by model, by a script, and by a function.
const OpenAI = require('openai');

const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { answerTo, ask, textOf } = require('./support/ask.js');

const WEATHER = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } };
const LISBON = { name: 'get_weather', arguments: { city: 'Lisbon' } };

let emulator;
afterEach(() => emulator?.close());
const start = async (options) => { emulator = await startEmulator(options); };
const clientOf = () => new OpenRouterClient(emulator.apiKey, { baseURL: emulator.baseURL, maxRetries: 0 });

describe('scenarios by model', () => {
  test('answer the models that requests name, also invented ones, patterns and routing suffixes', async () => {
    await start({ scenarios: {
      'my/model': 'a text',
      'openai/gpt-5-mini': { text: 'Hello', cost: 0.5, usage: { prompt_tokens: 7, completion_tokens: 2 } },
      'x-ai/*': { text: { is: 'JSON' } },
      '*': ({ prompt, body }) => `${body.model} heard ${prompt}`,
    } });
    expect(await textOf(emulator, { model: 'my/model' })).toBe('a text');
    expect((await answerTo(emulator)).usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 2, total_tokens: 9, cost: 0.5 });
    expect(await textOf(emulator, { model: 'openai/gpt-5-mini:nitro' })).toBe('Hello');
    expect(await textOf(emulator, { model: 'x-ai/grok-4' })).toBe('{"is":"JSON"}');
    expect(await textOf(emulator, { model: 'openai/gpt-4o' })).toBe('openai/gpt-4o heard Tell me about bees');
    expect(await textOf(emulator, { model: undefined })).toBe('undefined heard Tell me about bees');
    expect((await clientOf().getModels()).some(({ id }) => id === 'my/model')).toBe(true);
  });

  test('a model that fails leaves the next of the request to answer, as at OpenRouter', async () => {
    await start({ scenarios: { 'a/down': { status: 429, message: 'Busy' }, 'a/up': 'here', 'a/slow': { status: 503, kind: 'unavailable' } } });
    const { model, choices, openrouter_metadata: metadata } = await answerTo(emulator,
      { model: 'a/down', models: ['a/slow', 'a/up'] }, { headers: { 'x-openrouter-metadata': 'enabled' } });
    expect([model, choices[0].message.content]).toEqual(['a/up', 'here']);
    expect(metadata).toMatchObject({ strategy: 'fallback', attempts: [{ model: 'a/down', status: 429 }, { model: 'a/slow', status: 503 }, { model: 'a/up', status: 200 }] });
    const failed = await ask(emulator, { model: 'a/up', models: ['a/down'], emulator: { fail: 'a/up' } });
    expect([failed.status, emulator.requests.length]).toEqual([429, 2]);
    const alone = await ask(emulator, { model: 'a/down' });
    expect([alone.status, (await alone.json()).error.message]).toEqual([429, 'Busy']);
  });

  test('faults in mid-stream reach the client with the text before them', async () => {
    await start({ scenarios: { 'broken/model': { text: 'one two three', errorAt: 2, message: 'It broke' }, 'cut/model': { text: 'one two', cut: 1 } } });
    const failures = await Promise.all(['broken/model', 'cut/model'].map(async (model) => {
      const stream = await clientOf().chatCompletion({ model, messages: [{ role: 'user', content: 'Hi' }], stream: true });
      return stream.finalCompletion().catch(({ code, message, partial }) => [code, message, partial.choices[0].message.content]);
    }));
    expect(failures).toEqual([['provider_error', expect.stringContaining('It broke'), 'one two '], [expect.stringMatching(/^(stream_truncated|connection_reset)$/), expect.any(String), 'one ']]);
  });

  test('tool calls come first, and the text after their results, so that an agent ends', async () => {
    await start({ scenarios: { 'openai/gpt-5-mini': { toolCalls: [LISBON, { name: 'other', arguments: '{"broken', id: 'mine' }], text: 'Sunny' }, 'a/b': { toolCalls: [LISBON] } } });
    const { message, finish_reason: finish } = (await answerTo(emulator)).choices[0];
    expect([finish, message]).toEqual(['tool_calls', expect.objectContaining({ content: null, tool_calls: [
      { index: 0, id: 'call_emulator_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Lisbon"}' } },
      { index: 1, id: 'mine', type: 'function', function: { name: 'other', arguments: '{"broken' } },
    ] })]);
    const messages = [{ role: 'user', content: 'Hi' }, message, { role: 'tool', tool_call_id: 'call_emulator_1', content: '21' }];
    expect(await textOf(emulator, { messages, tools: [WEATHER] })).toBe('Sunny');
    expect(await textOf(emulator, { model: 'a/b', messages, tools: [WEATHER] })).toContain('21');
  });

  test('a request’s own directives win, and `times` counts each model by itself', async () => {
    await start({ directives: { text: 'default' }, scenarios: { 'a/b': { status: 503, times: 1 }, 'a/c': { status: 503, times: 1 }, 'a/d': 'scenario' } });
    const statuses = [];
    for (const model of ['a/b', 'a/c', 'a/b', 'a/c']) statuses.push((await ask(emulator, { model })).status);
    expect(statuses).toEqual([503, 503, 200, 200]);
    expect([await textOf(emulator, { model: 'a/d' }), await textOf(emulator, { model: 'a/d', emulator: { text: 'own' } }), await textOf(emulator)]).toEqual(['scenario', 'own', 'default']);
  });

  test('reasoning, headers, an exact body and a refusal', async () => {
    await start({ scenarios: {
      'a/r': { reasoning: 'Let me think.', text: 'Yes', headers: { 'X-Request-Id': 'req-1', 'content-type': 'application/json; charset=utf-8' } },
      'a/raw': { status: 418, raw: { error: { code: 418, message: 'A teapot' } } },
      'a/no': { refusal: true, text: 'I will not' },
      'a/quiet': { reasoning: '' },
      'a/fine': { status: 200, text: 'fine' },
    } });
    const response = await ask(emulator, { model: 'a/r' });
    expect([response.headers.get('x-request-id'), response.headers.get('content-type')]).toEqual(['req-1', 'application/json; charset=utf-8']);
    expect((await response.json()).choices[0].message).toMatchObject({ content: 'Yes', reasoning: 'Let me think.' });
    const raw = await ask(emulator, { model: 'a/raw' });
    expect([raw.status, await raw.json()]).toEqual([418, { error: { code: 418, message: 'A teapot' } }]);
    expect(await textOf(emulator, { model: 'a/fine' })).toBe('fine');
    expect((await answerTo(emulator, { model: 'a/no' })).choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { refusal: 'I will not' } });
    expect((await answerTo(emulator, { model: 'a/quiet', reasoning: { effort: 'high' } })).choices[0].message).not.toHaveProperty('reasoning');
  });
});

describe('a script', () => {
  test('answers POST requests in order, and GET requests do not use it up', async () => {
    await start();
    emulator.script([{ toolCalls: [LISBON], text: 'Let me look.' }, ({ prompt }) => ({ text: prompt.toUpperCase() }), 'the end']);
    const [choice] = (await answerTo(emulator)).choices;
    expect([choice.message.content, choice.message.tool_calls[0].function.name]).toEqual(['Let me look.', 'get_weather']);
    await clientOf().getModels(true);
    expect(emulator.answersLeft).toBe(2);
    expect([await textOf(emulator), await textOf(emulator), emulator.answersLeft]).toEqual(['TELL ME ABOUT BEES', 'the end', 0]);
  });

  test('a request too many fails with a sentence that the test sees, once', async () => {
    await start();
    emulator.script(['only this']);
    const client = new OpenAI({ apiKey: emulator.apiKey, baseURL: emulator.baseURL });
    const send = () => client.chat.completions.create({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] });
    expect((await send()).choices[0].message.content).toBe('only this');
    await expect(send()).rejects.toThrow("500 The emulator's script has 1 answers, and POST /api/v1/chat/completions for openai/gpt-5-mini is request 2. Add an answer to the script");
    expect(emulator.requests.map(({ status }) => status)).toEqual([200, 500]);
    await expect(clientOf().chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] })).rejects.toMatchObject({ code: 'server_error', message: expect.stringContaining('is request 3') });
    emulator.script(null);
    expect((await ask(emulator)).status).toBe(200);
  });

  test('reset() ends it, and wrong scripts are refused', async () => {
    await start();
    emulator.script([]);
    expect((await ask(emulator)).status).toBe(500);
    emulator.reset();
    expect([(await ask(emulator)).status, emulator.requests.length]).toEqual([200, 1]);
    expect(() => emulator.script('text')).toThrow('script() takes a list of answers, or null.');
    expect(() => emulator.script(['a', 5])).toThrow('Answer 2 of the script must be a text');
    expect(() => emulator.script([{ status: 99 }])).toThrow('"status": 99 is not a status from 200 to 599');
  });
});

describe('a function', () => {
  test('answers every request that it wants to, and may be async', async () => {
    await start({ scenarios: { 'openai/gpt-5-mini': 'by model' } });
    emulator.respond(async ({ method, path, body, keyDigest }) => {
      if (path.endsWith('/key')) return { raw: { data: { limit: 3, limit_remaining: 2, usage: 1 } } };
      return method === 'POST' && body.messages[0].content === 'Hi' ? { text: typeof keyDigest } : undefined;
    });
    expect([await textOf(emulator, { messages: [{ role: 'user', content: 'Hi' }] }), await textOf(emulator)]).toEqual(['string', 'by model']);
    expect(await clientOf().getCredits(true)).toMatchObject({ balance: 2 });
    emulator.respond(null);
    expect(await textOf(emulator, { messages: [{ role: 'user', content: 'Hi' }] })).toBe('by model');
    expect(() => emulator.respond({})).toThrow('respond() takes a function, or null.');
  });

  test.each([
    ['throws', () => { throw new Error('my mistake'); }, 'The function given to respond() failed: my mistake'],
    ['returns a wrong answer', () => 5, 'The function given to respond() failed: The answer that it returned must be a text'],
    ['returns a wrong directive', () => ({ txt: 1 }), 'The function given to respond() failed: Unknown emulator directive "txt". Did you mean "text"?'],
  ])('that %s fails the request with that sentence', async (_, responder, message) => {
    await start();
    emulator.respond(responder);
    const response = await ask(emulator);
    expect([response.status, (await response.json()).error.message, response.headers.get('x-should-retry')]).toEqual([500, expect.stringContaining(message), 'false']);
  });
});
