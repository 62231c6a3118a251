'use strict';

// What OpenRouter refuses, and how it answers beyond texts: a program that passes against the emulator should pass there.
const { startEmulator } = require('../../emulator');
const { answerTo, ask } = require('./support/ask.js');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(() => emulator.close());

const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
const picture = [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] }];
const auto = (plugin) => ({ model: 'openrouter/auto', plugins: [{ id: 'auto-router', ...plugin }] });

test.each([
  ['a role that does not exist', { messages: [{ role: 'wizard', content: 'x' }] }, /^Input validation failed: messages\[0\]\.role must be one of system, developer, user, assistant, tool$/],
  ['a tool result without its call', { messages: [{ role: 'user', content: 'x' }, { role: 'tool', content: 'x' }] }, /messages\[1\]\.tool_call_id is required$/],
  ['temperature 3', { temperature: 3 }, /temperature must be a number from 0 to 2$/],
  ['a temperature that is text', { temperature: '1' }, /temperature must be a number/],
  ['stream: "true"', { stream: 'true' }, /stream must be true or false$/],
  ['five stops', { stop: ['1', '2', '3', '4', '5'] }, /stop must be text, or a list of at most 4 texts$/],
  ['an unknown effort', { reasoning_effort: 'huge' }, /reasoning_effort must be one of max, /],
  ['two efforts', { reasoning_effort: 'low', reasoning: { effort: 'high' } }, /^reasoning_effort contradicts reasoning\.effort$/],
  ['a schema without a name', { response_format: { type: 'json_schema', json_schema: { schema: {} } } }, /json_schema\.name is required$/],
  ['models that are not a list', { models: 'a/b' }, /models must be a list$/],
])('400 for %s', async (_, body, message) => {
  const response = await ask(emulator, body);
  expect([response.status, (await response.json()).error]).toEqual([400, { code: 400, message: expect.stringMatching(message), metadata: { error_type: 'invalid_request' } }]);
});

test('null is as good as an absent parameter', async () => {
  expect((await ask(emulator, { temperature: null, stop: null, stream: null, tools: null, models: null })).status).toBe(200);
});

test('a model without tools or image input is not tried: the next one answers, or a 404 says why', async () => {
  const without = 'meta-llama/llama-3-8b-instruct';
  const refused = async (body) => [(await ask(emulator, body)).status, (await answerTo(emulator, body)).error.message];
  expect(await refused({ model: without, tools })).toEqual([404, expect.stringMatching(/^No endpoints found that support tool use\./)]);
  expect(await refused({ model: without, messages: picture })).toEqual([404, 'No endpoints found that support image input']);
  expect((await answerTo(emulator, { model: without, models: ['openai/gpt-4o'], tools })).model).toBe('openai/gpt-4o');
});

test('the plugin of the auto router limits its choice', async () => {
  expect((await answerTo(emulator, auto({ allowed_models: ['anthropic/*'] }))).model).toMatch(/^anthropic\//);
  expect((await answerTo(emulator, auto({ excluded_models: ['openai/*', 'anthropic/*'] }))).model).toMatch(/^google\//);
  expect((await answerTo(emulator, auto({ enabled: false, allowed_models: ['x-ai/*'] }))).model).toBe('openai/gpt-5-mini');
  const none = await ask(emulator, auto({ allowed_models: ['openai/*'], excluded_models: ['openai/*'] }));
  expect([none.status, (await none.json()).error.message]).toEqual([404, 'No models match the restrictions of the plugin auto-router.']);
  // The other auto router ignores the plugin of this one.
  expect((await answerTo(emulator, { ...auto({ allowed_models: ['x-ai/*'] }), model: 'openrouter/auto-beta' })).model).toBe('openai/gpt-5-mini');
});

test('GET /generation needs an id', async () => {
  expect((await fetch(`${emulator.baseURL}/generation`, { headers: { authorization: 'Bearer sk-or-x' } })).status).toBe(400);
});

describe('the response cache', () => {
  const on = { 'x-openrouter-cache': 'true' };
  const cacheOf = ({ headers }) => ['status', 'age', 'ttl', 'source-id'].map((name) => headers.get(`x-openrouter-cache-${name}`));
  beforeEach(() => emulator.reset());

  test.each([[false], [true]])('repeats an answer to the same bytes for nothing, under a new id (stream: %s)', async (stream) => {
    const body = { stream, model: 'openrouter/auto' };
    const send = async (headers, other) => {
      const response = await ask(emulator, { ...body, ...other }, { headers });
      return [cacheOf(response), response.headers.get('x-generation-id'), await response.text()];
    };
    const [first, id, text] = await send({ ...on, 'x-openrouter-cache-ttl': '60' });
    expect(first).toEqual(['MISS', null, '60', null]);
    const cost = emulator.account.usage;
    const [second, newId, again] = await send({ ...on, 'x-openrouter-metadata': 'enabled' });
    expect(second).toEqual(['HIT', '0', '300', id]);
    const contentOf = (answer) => [...answer.matchAll(/"content":"[^"]*"/g)].join();
    expect([contentOf(again), newId === id, again.includes(newId), again.includes('openrouter_metadata')]).toEqual([contentOf(text), false, true, false]);
    expect(again).toContain('"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,"cost":0,');
    expect([cost > 0, emulator.account.usage]).toEqual([true, cost]);
    expect((await send({ ...on, 'x-openrouter-cache-clear': 'true' }))[0][0]).toBe('MISS');
    expect((await send(on, { temperature: 1 }))[0][0]).toBe('MISS');
    expect((await send({ 'x-openrouter-cache': 'false' }))[0]).toEqual([null, null, null, null]);
  });

  test('keeps no errors and no answers that ended early, nor those of another key', async () => {
    const statusOf = async (body, key) => {
      const response = await ask(emulator, body, { headers: on, ...(key && { key }) });
      await response.text().catch(() => {});
      return [response.status, cacheOf(response)[0]];
    };
    for (const fault of [{ stream: true, emulator: { cut: 1 } }, { stream: true, emulator: { errorAt: 1 } }, { emulator: { errorIn200: 'top' } }]) {
      expect([await statusOf(fault), await statusOf(fault)]).toEqual([[200, 'MISS'], [200, 'MISS']]);
    }
    expect([await statusOf({}), await statusOf({}, 'sk-or-other'), await statusOf({})]).toEqual([[200, 'MISS'], [200, 'MISS'], [200, 'HIT']]);
    expect((await ask(emulator, {}, { headers: { ...on, 'x-openrouter-cache-ttl': '0' } })).status).toBe(400);
  });
});
