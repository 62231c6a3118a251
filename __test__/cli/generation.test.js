'use strict';

const { startEmulator } = require('../../emulator');
const { run } = require('../support/command.js');

let emulator;
let env;
let id;
beforeAll(async () => {
  emulator = await startEmulator();
  env = { OPENROUTER_BASE_URL: emulator.baseURL, OPENROUTER_API_KEY: 'sk-or-v1-canary' };
  ({ id } = JSON.parse((await run(['chat', '--json', '-m', 'openai/gpt-5-mini', 'Hi'], { env })).stdout));
});
afterAll(() => emulator.close());

test('shows what an answer cost, and who gave it', async () => {
  const { code, stdout, stderr } = await run(['generation', id], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const facts = Object.fromEntries(stdout.trimEnd().split('\n').map((line) => [line.slice(0, 11).trim(), line.slice(11).trim()]));
  expect(facts).toMatchObject({
    id,
    cost: expect.stringMatching(/^\$0\.0\d+$/),
    model: 'openai/gpt-5-mini',
    provider: 'OpenAI',
    tokens: expect.stringMatching(/^\d+ tokens of the prompt, \d+ of the answer$/),
    'first token': expect.stringMatching(/^\d+ ms$/),
    ended: 'stop',
  });
});

test('names the router that chose the model', async () => {
  const { id: routed } = JSON.parse((await run(['chat', '--json', '--auto', 'Hi'], { env })).stdout);
  expect((await run(['generation', routed], { env })).stdout).toMatch(/^model +\S+\/\S+, chosen by openrouter\/auto$/m);
});

test('--json prints what the API says, and --content the prompt and the answer', async () => {
  const { stdout } = await run(['generation', id, '--json'], { env });
  expect(JSON.parse(stdout)).toMatchObject({ id, total_cost: expect.any(Number), provider_name: 'OpenAI' });
  const both = JSON.parse((await run(['generation', id, '--json', '--content'], { env })).stdout);
  expect(both).toEqual({ ...JSON.parse(stdout), content: { input: { messages: [] }, output: { completion: `The answer of ${id}`, reasoning: null } } });
  expect((await run(['generation', id, '--content'], { env })).stdout).toMatch(new RegExp(`\\n\\nanswer:\\nThe answer of ${id}\\n$`));
});

test('waits for a generation that the API does not know yet', async () => {
  const late = JSON.parse((await run(['chat', '--json', '/emulate pending=2'], { env })).stdout).id;
  emulator.clear();
  expect(await run(['generation', late], { env })).toMatchObject({ code: 0, stderr: '' });
  expect(emulator.requests).toHaveLength(3);
});

test('--emulator makes a generation if none is named', async () => {
  expect(await run(['generation', '--emulator'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^id +gen-/), stderr: '' });
});

test('without an id is a wrong call', async () => {
  expect(await run(['generation'], { env })).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: Pass the id of a generation\.\n$/) });
});
