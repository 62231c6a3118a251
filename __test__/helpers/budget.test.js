'use strict';

const { inspect } = require('node:util');

const { Budget, OpenRouterClient, createFetch } = require('../..');
const { startEmulator } = require('../../emulator');
const { FIN, HOLD, RST, answer, startByteServer } = require('../support/servers/byte-server');
const { calling, completionOf, saying, startAnsweringModel, usageOf } = require('../support/servers/answering-model');
const { SSE_HEAD, chunkOf, event, finishChunk, gate, newClient, readAll, sse } = require('../support/streaming');
const { until } = require('../support/until');

/** A model of which an answer of 100 tokens costs at most 0.01 USD. */
const MODELS = { data: [{ id: 'openai/gpt-5-mini', context_length: 100_000, top_provider: { max_completion_tokens: 10_000 }, pricing: { prompt: '0', completion: '0.0001' } }] };
const CHAT = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 100 };
const STREAM = { ...CHAT, stream: true };
/** The prices of the list, which no provider may pass under a budget. */
const PRICES = { max_price: { prompt: '0', completion: '100' } };

let emulator;
let servers = [];
beforeAll(async () => { emulator = await startEmulator({ credits: 1000 }); });
beforeEach(() => emulator.reset());
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});
afterAll(() => emulator.close());

/** Starts a server that lists `MODELS`, answers `GET /generation` with `generation`, and chats with the steps of `chat`. */
async function startApi(chat, generation) {
  const server = await startByteServer((request) => {
    const [method, path] = request.lines[0].split(' ');
    const json = (status, value) => [answer(status, JSON.stringify(value)), FIN];
    if (path.endsWith('/models')) return json(200, MODELS);
    if (method === 'GET') return generation === undefined ? json(404, { error: { code: 404, message: 'Not found' } }) : json(200, { data: generation });
    return chat(request);
  });
  servers.push(server);
  return server;
}
const chatsOf = (server) => server.requests.filter(({ lines }) => lines[0].startsWith('POST'));
const json = (value) => [answer(200, JSON.stringify(value)), FIN];
const costing = (cost) => json(completionOf({ message: saying('Hi'), cost }));
const settled = (promises) => Promise.allSettled(promises).then((all) => ({
  values: all.filter(({ status }) => status === 'fulfilled').map(({ value }) => value),
  errors: all.filter(({ status }) => status === 'rejected').map(({ reason }) => reason),
}));

describe('a hundred concurrent chats under a budget of 1 USD', () => {
  const many = (send) => settled(Array.from({ length: 100 }, (_, index) => send(index)));
  /** An answer of 1,000 tokens of openai/gpt-5 costs at most 0.01 USD, and the prompt a little more. */
  const params = { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'Go' }], max_tokens: 1000, emulator: { cost: 0.01, delay: 5 } };

  test.each([
    ['chatCompletion', async (budget) => {
      const client = newClient(emulator, { budget });
      return many((index) => client.chatCompletion({ ...params, stream: index % 2 === 0 }).then((result) => result.finalCompletion?.() ?? result));
    }],
    ['many clients', (budget) => many(() => newClient(emulator, { budget }).chatCompletion(params))],
    ['one call each', (budget) => many(() => newClient(emulator).chatCompletion({ ...params, budget }))],
    ['createFetch', async (budget) => {
      const fetch = createFetch({ budget });
      const { values } = await many(async () => {
        const headers = { authorization: 'Bearer sk-or-v1-many', 'content-type': 'application/json' };
        const response = await fetch(`${emulator.baseURL}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(params) });
        return { status: response.status, body: await response.json() };
      });
      return { values: values.filter(({ status }) => status === 200), errors: values.filter(({ status }) => status === 402).map(({ body }) => ({ code: body.error.metadata.error_type })) };
    }],
  ])('by %s never spend 1.01', async (_door, send) => {
    const budget = new Budget({ maxCost: 1 });
    const before = emulator.account.usage;
    const { values, errors } = await send(budget);
    const spent = emulator.account.usage - before;
    expect(values.length + errors.length).toBe(100);
    expect(errors.map(({ code }) => code)).toEqual(errors.map(() => 'budget_exceeded'));
    expect(spent).toBeLessThanOrEqual(1);
    // Nearly all of it was used: the reservations were not too large.
    expect(spent).toBeGreaterThan(0.9);
    expect(budget.toJSON()).toEqual({ maxCost: 1, spent: expect.closeTo(spent, 9), reserved: 0, remaining: expect.closeTo(1 - spent, 9) });
    expect(emulator.requests.filter(({ path }) => path.endsWith('/chat/completions'))).toHaveLength(values.length);
  });
});

describe('what is reserved', () => {
  test('stays until the answer tells its cost, which takes its place', async () => {
    const hold = gate();
    const server = await startApi(async function* () { await hold; yield* costing(0.002); });
    const budget = new Budget({ maxCost: 0.015 });
    const client = newClient(server, { budget });
    const first = client.chatCompletion(CHAT);
    await until(() => chatsOf(server).length === 1, 'the chat was sent');
    expect(budget.reserved).toBe(0.01);
    await expect(client.chatCompletion(CHAT)).rejects.toMatchObject({ code: 'budget_exceeded' });
    expect(chatsOf(server)).toHaveLength(1);
    hold.open();
    await first;
    expect(budget.toJSON()).toEqual({ maxCost: 0.015, spent: 0.002, reserved: 0, remaining: 0.013 });
    await client.chatCompletion(CHAT);
    expect(budget.spent).toBe(0.004);
  });

  test('includes the bill of the caller’s own provider key', async () => {
    const usage = usageOf(0.001, { is_byok: true, cost_details: { upstream_inference_cost: 0.005 } });
    const server = await startApi(() => json(completionOf({ message: saying('Hi'), cost: null, usage })));
    const budget = new Budget(1);
    await newClient(server, { budget }).chatCompletion(CHAT);
    expect(budget.spent).toBe(0.006);
  });

  test.each([
    ['an HTTP error', () => [answer(502, '{"error":{"code":502,"message":"x"}}'), FIN]],
    ['an error inside a 200', () => json({ id: 'gen-1', error: { code: 503, message: 'x' } })],
    ['an error as the first event', () => [SSE_HEAD, event({ error: { code: 502, message: 'x' } }), FIN]],
  ])('is given back after %s', async (_name, chat) => {
    const budget = new Budget(1);
    await expect(newClient(await startApi(chat), { budget }).chatCompletion(STREAM)).rejects.toMatchObject({ status: expect.any(Number) });
    expect(budget.toJSON()).toMatchObject({ spent: 0, reserved: 0 });
  });

  test('is given back for the failed request of a retry, and settled once', async () => {
    let count = 0;
    const server = await startApi(() => {
      count += 1;
      return count === 1 ? [answer(503, '{"error":{"code":503,"message":"x"}}'), FIN] : costing(0.002);
    });
    const budget = new Budget(0.015);
    await newClient(server, { budget, maxRetries: 1 }).chatCompletion(CHAT);
    expect(chatsOf(server)).toHaveLength(2);
    expect(budget.toJSON()).toMatchObject({ spent: 0.002, reserved: 0 });
  });

  test('is settled by a stream that a gateway sends unasked, and by one that drains', async () => {
    const stream = () => [SSE_HEAD, sse(chunkOf('Hi'), { ...finishChunk(), usage: usageOf(0.002) }), FIN];
    const server = await startApi(stream);
    const budget = new Budget(1);
    const client = newClient(server, { budget });
    await client.chatCompletion(CHAT);
    await until(() => budget.spent === 0.002, 'the cost is known');
    await (await client.chatCompletion(STREAM)).stop({ drain: true });
    await until(() => budget.spent === 0.004, 'the cost is known');
    expect(budget.reserved).toBe(0);
  });

  test('is settled in the background for an answer that does not tell its cost', async () => {
    const server = await startApi(() => costing(null), { id: 'gen-scripted', total_cost: 0.005 });
    const budget = new Budget(1);
    await newClient(server, { budget }).chatCompletion(CHAT);
    await until(() => budget.spent === 0.005, 'the cost is known');
    expect(budget.reserved).toBe(0);
  });

  test('is given back if there was no connection', async () => {
    const server = await startApi(() => costing(0.002));
    const client = newClient(server, { budget: new Budget(1) });
    await client.getModels();
    await server.close();
    servers = [];
    const budget = new Budget(1);
    await expect(client.chatCompletion({ ...CHAT, budget })).rejects.toMatchObject({ code: 'connection_failed' });
    expect(budget.reserved).toBe(0);
  });

  test('stays after a reset, because the model may be paid', async () => {
    const server = await startApi(() => [RST]);
    const budget = new Budget(1);
    await expect(newClient(server, { budget }).chatCompletion(CHAT)).rejects.toMatchObject({ code: 'connection_reset' });
    expect(budget.toJSON()).toMatchObject({ spent: 0, reserved: 0.01 });
  });

  test('is settled in the background when a stream is left, once GET /generation tells its cost', async () => {
    const server = await startApi(() => [SSE_HEAD, event(chunkOf('Hi')), HOLD], { id: 'gen-head', total_cost: 0.003 });
    const budget = new Budget(1);
    const stream = await newClient(server, { budget }).chatCompletion(STREAM);
    for await (const _ of stream) break;
    await until(() => budget.spent === 0.003, 'the cost is known');
    expect(budget.reserved).toBe(0);
    expect(server.requests.map(({ lines }) => lines[0]).at(-1)).toContain('/generation?id=gen-head');
  });

  test('is settled by the answer to getGeneration, of whichever client', async () => {
    let cost = null;
    const server = await startByteServer(({ lines }) => {
      if (lines[0].includes('/models')) return json(MODELS);
      if (lines[0].includes('/generation')) return cost === null ? [answer(400, '{"error":{"code":400,"message":"x"}}'), FIN] : json({ data: { id: 'gen-head', total_cost: cost } });
      return [SSE_HEAD, event(chunkOf('Hi')), RST];
    });
    servers.push(server);
    const budget = new Budget(1);
    const { error } = await readAll(await newClient(server, { budget }).chatCompletion(STREAM));
    expect(error.code).toBe('connection_reset');
    await until(() => server.requests.some(({ lines }) => lines[0].includes('/generation')), 'the cost was asked for');
    expect(budget.reserved).toBe(0.01);
    cost = 0.004;
    await newClient(server).getGeneration(error.generationId);
    expect(budget.toJSON()).toMatchObject({ spent: 0.004, reserved: 0 });
  });
});

describe('a chat that is not covered', () => {
  test('is refused with a sentence that has the figures, and nothing is sent', async () => {
    const server = await startApi(() => costing(0.002));
    const client = newClient(server, { maxCost: 0.005 });
    const error = await client.chatCompletion(CHAT).catch((one) => one);
    expect(error.code).toBe('budget_exceeded');
    expect(error.message).toBe('The budget of 0.005 USD does not cover this request, which may cost up to 0.01 USD for an answer of 100 tokens: 0 USD are spent, and 0 USD are reserved for other requests. Nothing was sent. Lower max_tokens, wait for the other requests, or raise maxCost.');
    expect(chatsOf(server)).toHaveLength(0);
  });

  test('is refused if one of several budgets does not cover it, and the others keep nothing', async () => {
    const server = await startApi(() => costing(0.002));
    const [rich, poor] = [new Budget(1), new Budget(0.001)];
    await expect(newClient(server, { budget: rich }).chatCompletion({ ...CHAT, budget: [poor] })).rejects.toMatchObject({ code: 'budget_exceeded' });
    expect(rich.reserved).toBe(0);
  });

  test('is refused if its price is not known, unless max_price limits it', async () => {
    const server = await startApi(() => costing(0.002));
    const client = newClient(server, { maxCost: 1 });
    const auto = { ...CHAT, model: 'openrouter/auto' };
    await expect(client.chatCompletion(auto)).rejects.toMatchObject({ code: 'budget_exceeded', message: expect.stringMatching(/openrouter\/auto.*provider\.max_price/) });
    await client.chatCompletion({ ...auto, provider: { max_price: { prompt: 1, completion: 2 } } });
    expect(chatsOf(server)).toHaveLength(1);
  });

  test('gets a limit of tokens that the budget covers, if it has none of its own', async () => {
    const server = await startApi(() => costing(0.002));
    const { max_tokens: _, ...open } = CHAT;
    await newClient(server).chatCompletion({ ...open, maxCost: 0.05 });
    expect(chatsOf(server)[0].json).toEqual({ ...open, provider: PRICES, max_completion_tokens: 500 });
    // With room for the longest answer, its length is not limited.
    await newClient(server).chatCompletion({ ...open, maxCost: 1 });
    expect(chatsOf(server)[1].json).toEqual({ ...open, provider: PRICES });
    await expect(newClient(server).chatCompletion({ ...open, maxCost: 0.02 })).rejects.toMatchObject({ code: 'budget_exceeded' });
  });
});

describe('an answer that goes on past max_tokens', () => {
  const endless = () => [SSE_HEAD, ...Array.from({ length: 400 }, () => event(chunkOf('x'))), HOLD];

  test('is stopped, with what had come', async () => {
    const server = await startApi(endless);
    const { items, error } = await readAll(await newClient(server, { maxCost: 1 }).chatCompletion(STREAM));
    expect(error).toMatchObject({ code: 'budget_exceeded', partial: { choices: [{ message: { content: 'x'.repeat(165) } }] } });
    expect(items).toHaveLength(165);
    expect(await chatsOf(server)[0].closed).toMatchObject({ by: 'client' });
  });

  test('is stopped in a fetch, too', async () => {
    const server = await startApi(endless);
    const fetch = createFetch({ maxCost: 1 });
    const response = await fetch(`${server.baseURL}/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-x' }, body: JSON.stringify(STREAM) });
    await expect(response.text()).rejects.toMatchObject({ message: 'terminated', cause: { code: 'ERR_BUDGET_EXCEEDED' } });
    expect(await chatsOf(server)[0].closed).toMatchObject({ by: 'client' });
  });

  test('is not stopped within the limit', async () => {
    const server = await startApi(() => [SSE_HEAD, sse(...Array.from({ length: 100 }, () => chunkOf('x')), { ...finishChunk(), usage: usageOf(0.01) }), FIN]);
    const budget = new Budget(1);
    expect((await readAll(await newClient(server, { budget }).chatCompletion(STREAM))).error).toBeNull();
    await until(() => budget.spent === 0.01, 'the cost is known');
  });
});

describe('createFetch with a budget', () => {
  const post = (fetch, server, path, body) => fetch(`${server.baseURL}${path}`, { method: 'POST', headers: { authorization: 'Bearer sk-or-v1-x' }, body: JSON.stringify(body) });

  test('answers 402 for a chat that is not covered, and sends nothing', async () => {
    const server = await startApi(() => costing(0.002));
    const response = await post(createFetch({ maxCost: 0.001 }), server, '/chat/completions', CHAT);
    expect([response.status, response.statusText, (await response.json()).error]).toEqual([402, 'Payment Required', { code: 402, message: expect.stringMatching(/does not cover/), metadata: { error_type: 'budget_exceeded' } }]);
    expect(chatsOf(server)).toHaveLength(0);
  });

  test('answers 402 for requests whose cost is not known', async () => {
    const server = await startApi(() => json({}));
    const fetch = createFetch({ maxCost: 1 });
    expect((await post(fetch, server, '/whatever', { model: 'a', input: 'b' })).status).toBe(402);
    expect((await fetch(`${server.baseURL}/models`)).status).toBe(200);
    expect(chatsOf(server)).toHaveLength(0);
  });

  test('settles the cost of a chat that passes through', async () => {
    const server = await startApi(() => costing(0.002));
    const budget = new Budget(1);
    await (await post(createFetch({ budget }), server, '/chat/completions', { ...CHAT, maxCost: 0.5 })).json();
    expect(budget.toJSON()).toMatchObject({ spent: 0.002, reserved: 0 });
    expect(chatsOf(server)[0].json).toEqual({ ...CHAT, provider: PRICES });
  });
});

test.each([
  ['embeddings by a model without a price', (client) => client.embeddings({ model: 'a/b', input: 'x' }), /not known for a\/b.*Set reserve/],
  ['responses by a model without a price', (client) => client.responses({ model: 'a/b', input: 'x' }), /not known for a\/b.*max_price/],
  ['responses by the default model', (client) => client.responses({ input: 'x' }), /the default model of the account/],
  ['requests to an endpoint that is not known', (client) => client.request('POST', '/whatever', { body: {} }), /nothing tells that of this one.*reserve/],
  ['requests whose body is no JSON', (client) => client.request('POST', '/responses', { body: new FormData() }), /nothing tells that of this one.*reserve/],
])('a client with a budget refuses %s, and sends nothing', async (_name, call, words) => {
  const server = await startApi(() => json({}));
  const client = newClient(server, { budget: new Budget(1) });
  await expect(call(client)).rejects.toMatchObject({ code: 'budget_exceeded', message: expect.stringMatching(words) });
  expect(chatsOf(server)).toHaveLength(0);
  expect(await client.getModels()).toHaveLength(1);
});

describe('runTools with maxCost', () => {
  const tool = { name: 'look', run: () => 'seen' };

  test('ends before a request that the rest does not cover', async () => {
    const model = await startAnsweringModel([{ message: calling(['look', {}]), cost: 0.03 }]);
    servers.push(model);
    const server = await startApi((request) => model.script(request));
    const result = await newClient(server).runTools({ ...CHAT, tools: [tool], maxCost: 0.065 });
    expect(result).toMatchObject({ stopReason: 'max_cost', cost: 0.06, isCostComplete: true });
    expect(result.messages.at(-1)).toEqual({ role: 'tool', tool_call_id: 'call_1', content: 'seen' });
    expect(chatsOf(server)).toHaveLength(2);
  });

  test('rejects if it does not cover the first one', async () => {
    const server = await startApi(() => costing(0.002));
    await expect(newClient(server).runTools({ ...CHAT, tools: [tool], maxCost: 0.001 })).rejects.toMatchObject({ code: 'budget_exceeded', run: { cost: 0, isCostComplete: true } });
  });
});

describe('a budget of ChatOpenRouter', () => {
  test.each([['a key', 'sk-or-v1-langchain-budget'], ['a function that returns one', async () => 'sk-or-v1-langchain-budget']])('holds for all its requests, with %s', async (_name, apiKey) => {
    const { ChatOpenRouter } = require('../../adapters/langchain');
    const server = await startApi(() => costing(0.004));
    const model = new ChatOpenRouter({ model: CHAT.model, apiKey, baseURL: server.baseURL, maxTokens: 100, maxCost: 0.015, maxRetries: 0 });
    await model.invoke('Hi');
    await model.invoke('Hi');
    await expect(model.invoke('Hi')).rejects.toMatchObject({ code: 'budget_exceeded' });
    expect(chatsOf(server)).toHaveLength(2);
  });
});

describe('a Budget', () => {
  test('shows its amounts', () => {
    const budget = new Budget({ maxCost: 2.5 });
    const figures = { maxCost: 2.5, spent: 0, reserved: 0, remaining: 2.5 };
    expect(JSON.parse(JSON.stringify(budget))).toEqual(figures);
    expect(budget).toMatchObject(figures);
    expect(inspect(budget)).toMatch(/^Budget \{ maxCost: 2.5, spent: 0/);
  });

  test.each([[-1], [NaN], [Infinity], ['1'], [undefined], [{ maxCost: '1' }]])('of %p is refused', (limit) => {
    expect(() => new Budget(limit)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  });

  test.each([
    ['budget', 5], ['budget', {}], ['budget', [new Budget(1), null]], ['maxCost', -1], ['maxCost', '1'],
  ])('%s: %p is refused by clients, calls and createFetch', async (name, value) => {
    const refused = expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(name) });
    expect(() => new OpenRouterClient('sk-or-v1-x', { [name]: value })).toThrow(refused);
    expect(() => createFetch({ [name]: value })).toThrow(refused);
    await expect(newClient(emulator).chatCompletion({ ...CHAT, [name]: value })).rejects.toEqual(refused);
  });

  test('is no default parameter of requests', () => {
    expect(() => new OpenRouterClient('sk-or-v1-x', { modelOptions: { maxCost: 1 } })).toThrow(/modelOptions\.maxCost/);
  });
});
