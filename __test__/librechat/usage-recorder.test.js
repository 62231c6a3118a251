'use strict';

const { ChatOpenAI } = require('@langchain/openai');

const { startEmulator } = require('../../emulator');
const { configureAgents, createOpenRouterClient, createUsageRecorder } = require('openrouter-native/librechat');
const { createFetch } = require('../..');
const { cleanEnvironment, failureOf } = require('../support/outcomes.js');
const { until } = require('../support/until.js');
const { Ledger } = require('./app/shared/ledger.js');

const KEY = 'sk-or-v1-limit-librechat-recorder';
const MODEL = 'openai/gpt-5-mini';
const FALLBACK = 'anthropic/claude-sonnet-4.5';
const ADA = '65f000000000000000000ada';
const BOB = '65f000000000000000000b0b';
const START = 1_000_000;
const MEMORY_TOOLS = ['set_memory', 'delete_memory'].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } }));

let emulator;
let ledger;
let recorder;
let problems;
let restore;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  restore = cleanEnvironment();
  emulator.reset();
  ledger = new Ledger();
  for (const user of [ADA, BOB]) ledger.balances.set(user, START);
  problems = [];
  recorder = recording();
});
afterEach(async () => {
  await recorder.close();
  restore();
});
afterAll(() => emulator.close());

function recording(options = {}) {
  return createUsageRecorder(ledger.methods, { logger: { error: (...line) => problems.push(line) }, ...options });
}

/** Creates the model as `@librechat/agents` does, from what LibreChat's `getOpenAIConfig` returns. */
function modelOf({ user = ADA, emulator: directives, options, ...llm } = {}) {
  const target = {
    llmConfig: { model: MODEL, apiKey: KEY, maxRetries: 0, user, streaming: true, streamUsage: true, modelKwargs: { emulator: directives }, ...llm },
    configOptions: { baseURL: emulator.baseURL, defaultHeaders: { 'x-session-id': 'conversation-1' } },
    tools: [],
  };
  configureAgents(target, options);
  return new ChatOpenAI({ ...target.llmConfig, configuration: target.configOptions });
}

/** Reads an answer as LibreChat's agents do. (`invoke` would count the tokens of a stream, and fetch the tokenizer for that.) */
async function ask(model, input = 'Tell me about bees') {
  if (!model.streaming) return model.invoke(input);
  let reply;
  for await (const chunk of await model.stream(input)) reply = reply?.concat(chunk) ?? chunk;
  return reply;
}

/** Does what `AgentClient` does after an answer. */
function billAsLibreChat(collectedUsage, more = {}) {
  const deps = { pricing: recorder.methods, bulkWriteOps: { insertMany: ledger.methods.bulkInsertTransactions, updateBalance: ledger.methods.updateBalance } };
  return ledger.recordCollectedUsage(deps, { user: ADA, conversationId: 'conversation-1', balance: { enabled: true }, collectedUsage, ...more });
}

const recordsOf = () => ledger.transactions.filter(({ tokenType }) => tokenType === 'credits');
const recorded = (count = 1) => until(() => recordsOf().length >= count && recordsOf(), 'the costs were recorded');
const spent = (user = ADA) => START - ledger.balances.get(user);
/** What the emulator has charged for its last requests, in credits. */
const charged = (cost) => Number((cost * 1e6).toPrecision(12));

describe('createUsageRecorder() bills what OpenRouter charged', () => {
  test.each([
    ['a chat', {}, { cost: 0.5 }, 500_000, 'message'],
    ['the auto router', { model: 'openrouter/auto' }, { cost: 0.00021775 }, 217.75, 'message'],
    ['a key of the provider (BYOK)', {}, { byok: true, cost: 0.00003 }, 30, 'message'],
    ['a fallback', { modelKwargs: { models: [FALLBACK], emulator: { fail: MODEL, cost: 0.02 } } }, {}, 20_000, 'message', FALLBACK],
    ['a title, which is not streamed', { streaming: false }, { cost: 0.001 }, 1000, 'title'],
    ['usage behind [DONE]', {}, { cost: 0.25, usageAt: 'after-done' }, 250_000, 'message'],
  ])('for %s, once, and LibreChat charges nothing beside it', async (_, llm, directives, credits, context, model = MODEL) => {
    const reply = await ask(modelOf({ emulator: directives, ...llm }));
    const [record] = await recorded();
    if (reply.usage_metadata) await billAsLibreChat([{ model: llm.model ?? MODEL, ...reply.usage_metadata }]);
    expect(record).toMatchObject({ user: ADA, conversationId: 'conversation-1', model, context, tokenValue: -credits, rate: 1 });
    expect(spent()).toBeCloseTo(credits, 6);
    expect(recordsOf()).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  test('for the turn after a tool and for memory', async () => {
    const model = modelOf({ emulator: { cost: 0.01 } });
    await ask(model, [['user', 'Hi'], { role: 'assistant', content: '', tool_calls: [{ id: 'c', name: 'f', args: {} }] }, { role: 'tool', tool_call_id: 'c', content: '1' }]);
    await modelOf({ emulator: { cost: 0.02, text: 'ok' }, streaming: false }).bindTools(MEMORY_TOOLS).invoke('Remember me');
    expect((await recorded(2)).map(({ context, tokenValue }) => [context, tokenValue])).toEqual([['message', -10_000], ['memory', -20_000]]);
    expect(spent()).toBe(30_000);
  });

  test.each([
    ['aborted', { text: 'one two three four', stall: 2 }, async (model) => {
      const controller = new AbortController();
      for await (const chunk of await model.stream('Count', { signal: controller.signal })) if (chunk.content) controller.abort();
    }],
    ['cut off', { cut: 5 }, (model) => ask(model)],
  ])('for an answer that was %s, which LibreChat does not charge for', async (_, directives, run) => {
    await failureOf(() => run(modelOf({ emulator: { pending: 1, ...directives } })));
    const [record] = await recorded();
    // LibreChat bills an abort by an estimate, with another function.
    await recorder.methods.spendTokens({ user: ADA, model: MODEL, context: 'incomplete', balance: { enabled: true } }, { promptTokens: 10, completionTokens: 20 });
    const lookup = emulator.requests.findLast(({ path }) => path.endsWith('/generation'));
    expect(lookup.status).toBe(200);
    expect(record.tokenValue).toBeLessThan(0);
    expect(spent()).toBeCloseTo(-record.tokenValue, 6);
  });

  test('to the user who asked, also when users chat at the same time', async () => {
    await Promise.all([
      ask(modelOf({ user: ADA, emulator: { cost: 0.1, gap: 2 } })),
      ask(modelOf({ user: BOB, emulator: { cost: 0.2, gap: 1 } })),
      ask(modelOf({ user: ADA, emulator: { cost: 0.03 } })),
    ]);
    await recorded(3);
    expect([spent(ADA), spent(BOB)]).toEqual([130_000, 200_000]);
  });

  test('of any fetch of the process: plain createFetch, too', async () => {
    const body = JSON.stringify({ model: MODEL, user: BOB, messages: [{ role: 'user', content: 'Hi' }], emulator: { cost: 0.3 } });
    await (await createFetch()(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body })).text();
    await recorded();
    expect(spent(BOB)).toBe(300_000);
  });
});

describe('createUsageRecorder()', () => {
  test('records a generation once, by which way it is reported and however many recorders there are', async () => {
    const answers = [];
    const second = recording();
    await ask(modelOf({ emulator: { cost: 0.1 }, options: { onSettled: (answer) => { answers.push(answer); } } }));
    await recorded();
    expect(await recorder.record(answers[0])).toBe(false);
    await second.close();
    expect(recordsOf()).toHaveLength(1);
    expect(spent()).toBe(100_000);
  });

  test('leaves the models of other endpoints, and the check of the balance, to the prices of the table', async () => {
    await ask(modelOf({ emulator: { cost: 0.1 } }));
    await recorded();
    expect(recorder.methods.getMultiplier({ model: 'gpt-4o', tokenType: 'completion' })).toBe(10);
    expect(recorder.methods.getMultiplier({ model: MODEL, tokenType: 'completion' })).toBe(0);
    expect(ledger.canSpend(recorder.methods, { user: ADA, model: MODEL, endpoint: 'OpenRouter', amount: 10_000_000 })).toBe(false);
    await recorder.methods.spendTokens({ user: ADA, model: 'gpt-4o', balance: { enabled: true } }, { promptTokens: 2, completionTokens: 1 });
    expect(spent()).toBe(100_015);
  });

  test('bills by `models` where two endpoints have models of one name', async () => {
    await recorder.close();
    recorder = recording({ models: (model) => model.startsWith('openai/') });
    expect(recorder.methods.getMultiplier({ model: MODEL, tokenType: 'prompt' })).toBe(0);
    expect(recorder.methods.getMultiplier({ model: 'x-ai/grok-4', tokenType: 'prompt' })).toBe(6);
  });

  test('only records if the balance is off, by a value or for one user', async () => {
    for (const balance of [false, { enabled: false }, async ({ user }) => user !== ADA]) {
      await recorder.close();
      recorder = recording({ balance });
      const before = recordsOf().length;
      await ask(modelOf({ emulator: { cost: 0.1 } }));
      await recorded(before + 1);
    }
    expect(spent()).toBe(0);
  });

  test('logs what cannot be recorded, with the generation and without the key, and never records it twice', async () => {
    await ask(modelOf({ user: null, emulator: { cost: 0.1 } }));
    ledger.methods.createTransaction = async () => { throw new Error('the database is down'); };
    await recorder.close();
    recorder = recording();
    await ask(modelOf({ emulator: { cost: 0.2 } }));
    await until(() => problems.length === 2, 'both problems were logged');
    expect(problems.map(([line]) => line)).toEqual([
      expect.stringMatching(/belongs to no user.*openrouter\.ai\/activity/),
      expect.stringMatching(/could not be written: the database is down/),
    ]);
    expect(problems[1][1]).toEqual({ generationId: expect.stringMatching(/^gen-/), cost: 0.2, user: ADA, model: MODEL });
    expect(JSON.stringify(problems)).not.toContain(KEY);
  });

  test('refuses a missing function, an unknown option and a wrong one', () => {
    for (const [parts, options, message] of [
      [{}, {}, /createTransaction/], [undefined, {}, /createTransaction/], [ledger.methods, { balances: true }, /balance/], [ledger.methods, { userOf: 'x' }, /userOf/],
    ]) {
      expect(() => createUsageRecorder(parts, options)).toThrow(expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(message) }));
    }
  });
});

test("LibreChat's own class bills what OpenRouter charged, with the prices of the answer, beside a recorder", async () => {
  const BaseClient = require('./app/new/app/clients/BaseClient.js');
  const Client = createOpenRouterClient({ BaseClient, spendTokens: (...spent) => recorder.methods.spendTokens(...spent) });
  await ask(modelOf({ emulator: { cost: 0.1 } }));
  await recorded();
  const client = new Client(KEY, { baseURL: emulator.baseURL, modelOptions: { model: MODEL } });
  Object.assign(client, { user: ADA, conversationId: 'conversation-1' });
  await client.sendCompletion({ messages: [{ role: 'user', content: 'Hi' }], emulator: { cost: 0.4 } }, { onProgress: () => {} });
  const values = ledger.transactions.filter(({ tokenType }) => tokenType !== 'credits').map(({ tokenValue }) => tokenValue);
  expect(values).toHaveLength(2);
  expect(values[0] + values[1]).toBeCloseTo(-charged(0.4), 6);
});
