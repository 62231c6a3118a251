'use strict';

const { startEmulator } = require('../../emulator');
const { createOpenRouterClient } = require('openrouter-native/librechat');

const MODEL = 'openai/gpt-5-mini';
const OTHER = 'x-ai/grok-4';
const messages = [{ role: 'user', content: 'Tell me about bees' }];

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** A client of one version of LibreChat, and the transactions and log lines that it has written. */
function billed(version, spendTokens = async () => {}) {
  const BaseClient = require(`./app/${version}/app/clients/BaseClient.js`);
  const [transactions, errors] = [[], []];
  const Client = createOpenRouterClient({
    BaseClient,
    logger: { error: (line) => errors.push(line) },
    spendTokens: (transaction, tokens) => {
      transactions.push({ model: transaction.model, ...tokens });
      return spendTokens();
    },
  });
  const client = new Client('sk-or-v1-limit-librechat-billing', { baseURL: emulator.baseURL, modelOptions: { model: MODEL } });
  return { client, transactions, errors };
}

/** Sends a message; the answer comes from `model` and has `words` words. */
async function ask(client, model, words) {
  const emulated = { model, text: Array.from({ length: words }, (_, at) => `w${at}`).join(' ') };
  await client.sendCompletion({ messages, emulator: emulated }, { onProgress: () => {} });
  return client.lastCompletion;
}

test('answers that run concurrently on one client are each billed once, with their own model and tokens', async () => {
  const { client, transactions } = billed('new');
  await Promise.all([ask(client, MODEL, 3), ask(client, OTHER, 30)]);
  const counts = Object.fromEntries(transactions.map(({ model, completionTokens }) => [model, completionTokens]));
  expect(transactions).toHaveLength(2);
  expect(Object.keys(counts).sort()).toEqual([MODEL, OTHER].sort());
  expect(counts[OTHER]).toBeGreaterThan(counts[MODEL]);
});

test.each(['old', 'new'])('an answer of the %s version is billed once, also if LibreChat records its usage again', async (version) => {
  const { client, transactions } = billed(version);
  const [first, second] = [await ask(client, MODEL, 3), await ask(client, OTHER, 30)];
  for (const { usage } of [first, second, first, second]) {
    await client.recordTokenUsage({ promptTokens: 1, completionTokens: 1, usage });
  }
  expect(transactions.map(({ model }) => model)).toEqual([MODEL, OTHER]);
  expect(transactions.map(({ completionTokens }) => completionTokens)).toEqual([first.usage.completion_tokens, second.usage.completion_tokens]);
});

test('a failure of spendTokens is logged; the answer and its usage stay, and billing can be tried again', async () => {
  let isDown = true;
  const { client, transactions, errors } = billed('new', async () => {
    if (isDown) throw new Error('the database is down');
  });
  const { completion } = await client.sendCompletion({ messages, emulator: { text: 'one two' } });
  expect(completion).toBe('one two');
  const { usage } = client.lastCompletion;
  expect(client.usage).toBe(usage);
  expect(errors).toEqual([expect.stringContaining('the database is down')]);
  isDown = false;
  await client.recordTokenUsage({});
  await client.recordTokenUsage({});
  expect(transactions).toHaveLength(2);
});
