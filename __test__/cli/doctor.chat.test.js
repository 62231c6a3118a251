'use strict';

const { startEmulator } = require('../../emulator');
const { run } = require('../support/command.js');

const KEY = 'sk-or-v1-limit-canary-0123456789';
const PAID = ['chat', 'fallback', 'retention'];

let emulator;
let env;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: emulator.baseURL };
});
afterAll(() => emulator.close());

/** Runs `doctor --json` with `args`; returns its exit code, and its checks that ask a model by name. */
async function examine(...args) {
  const { code, stdout, stderr } = await run(['doctor', '--json', ...args], { env });
  expect(`${stdout}${stderr}`).not.toContain('canary');
  const { checks } = JSON.parse(stdout);
  return { code, ...Object.fromEntries(checks.filter(({ name }) => PAID.includes(name)).map(({ name, ...check }) => [name, check])) };
}

const chats = () => emulator.requests.filter(({ path }) => path.endsWith('/chat/completions')).map(({ body }) => body);

test('doctor alone sends no chat', async () => {
  expect(await examine()).toEqual({ code: 0 });
  expect(chats()).toEqual([]);
});

test('--chat sends a stream, a chat that must go on from a model which is down, and two with zero data retention', async () => {
  expect(await examine('--chat')).toEqual({
    code: 0,
    chat: { status: 'ok', advice: null, message: expect.stringMatching(/^openai\/gpt-5-mini streamed its answer in \d+ events, the first after \d+ ms, for \$0\.0\d+$/) },
    fallback: { status: 'ok', advice: null, message: 'after a 503 for the first model, openai/gpt-5-mini answered' },
    retention: { status: 'ok', advice: null, message: 'both requests had provider.zdr: true, and openai/gpt-5-mini answered them' },
  });
  expect(chats().map(({ model, models, stream, provider }) => ({ model, models, stream, provider }))).toEqual([
    { model: 'openai/gpt-5-mini', stream: true },
    { model: 'openai/gpt-5-mini' },
    { model: 'openai/gpt-5-mini', provider: { zdr: true } },
    { model: 'openai/gpt-5-mini', provider: { zdr: true } },
  ]);
});

test('--model implies --chat, and is the model of every chat', async () => {
  expect(await examine('--model', 'anthropic/claude-sonnet-4.5')).toMatchObject({ code: 0, retention: { status: 'ok' } });
  expect(chats().map(({ model }) => model)).toEqual(Array(4).fill('anthropic/claude-sonnet-4.5'));
});

test('a model that does not answer fails the chat, and what builds on it is skipped', async () => {
  expect(await examine('--model', 'nobody/nothing')).toMatchObject({
    code: 1,
    chat: { status: 'failed', message: expect.stringContaining('not a valid model') },
    fallback: { status: 'skipped' },
    retention: { status: 'skipped' },
  });
});

test('a model without an endpoint that retains no data fails the check of retention only', async () => {
  const zdr = (await (await fetch(`${emulator.baseURL}/endpoints/zdr`)).json()).data.map(({ model_id: id }) => id);
  const { data } = await (await fetch(`${emulator.baseURL}/models`)).json();
  const { id } = data.find((one) => !zdr.includes(one.id) && one.id.includes('/') && !one.id.startsWith('openrouter/') && one.architecture.output_modalities.join() === 'text');
  expect(await examine('--model', id)).toMatchObject({
    code: 1,
    chat: { status: 'ok' },
    fallback: { status: 'ok' },
    retention: { status: 'failed', message: expect.stringMatching(/data policy|endpoints/i) },
  });
});
