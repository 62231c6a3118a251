'use strict';

const { startEmulator } = require('../../emulator');
const { run } = require('../support/command.js');

let emulator;
let env;
beforeAll(async () => { emulator = await startEmulator(); });
beforeEach(() => {
  emulator.reset();
  env = { OPENROUTER_API_KEY: 'sk-or-v1-limit-x', OPENROUTER_BASE_URL: emulator.baseURL };
});
afterAll(() => emulator.close());

const chats = () => emulator.requests.filter(({ path }) => path.endsWith('/chat/completions')).map(({ rawBody }) => JSON.parse(rawBody));

test.each([
  [['--temperature', '0', '--top-p', '0.9', '--top-k', '40'], { temperature: 0, top_p: 0.9, top_k: 40 }],
  [['--min-p', '0.05', '--top-a', '0.1', '--repetition-penalty', '1.1'], { min_p: 0.05, top_a: 0.1, repetition_penalty: 1.1 }],
  [['--presence-penalty=-1', '--frequency-penalty', '0.5'], { presence_penalty: -1, frequency_penalty: 0.5 }],
  [['--max-tokens', '64', '--seed', '7', '--verbosity', 'low', '--service-tier', 'flex'], { max_tokens: 64, seed: 7, verbosity: 'low', service_tier: 'flex' }],
  [['--stop', 'END', '--stop', '\n'], { stop: ['END', '\n'] }],
  [['--reasoning', 'high'], { reasoning: { effort: 'high' } }],
  [['--reasoning', 'off'], { reasoning: { effort: 'none' } }],
  [['--reasoning', '2000'], { reasoning: { max_tokens: 2000 } }],
  [['--reasoning', 'low', '--reasoning', 'show'], { reasoning: { effort: 'low' } }],
  [['--reasoning', 'show'], { reasoning: { enabled: true } }],
  [['--provider', 'openai'], { provider: { only: ['openai'] } }],
  [['--provider', 'azure, openai'], { provider: { only: ['azure', 'openai'], order: ['azure', 'openai'] } }],
  [['--max-price', '3, 15'], { provider: { max_price: { prompt: 3, completion: 15 } } }],
  [['--provider', 'azure,openai', '--sort', 'price'], { provider: { only: ['azure', 'openai'], sort: 'price' } }],
  [['--session', 'a1'], { session_id: 'a1' }],
  [['--data-collection', 'deny'], { provider: { data_collection: 'deny' } }],
  [['--param', 'top_logprobs=2', '--param', 'user=me', '--param', 'provider={"ignore":["azure"]}', '--sort', 'price'], { top_logprobs: 2, user: 'me', provider: { ignore: ['azure'], sort: 'price' } }],
])('%j sends exactly %j', async (args, sent) => {
  expect(await run(['chat', ...args, 'Hi'], { env })).toMatchObject({ code: 0 });
  const [{ model, messages, stream, ...rest }] = chats();
  expect({ model, messages, stream }).toEqual({ model: 'openrouter/auto', messages: [{ role: 'user', content: 'Hi' }], stream: true });
  expect(rest).toEqual(sent);
});

test.each([
  [['--temperature', 'hot'], /It must be a number from 0 to 2\./],
  [['--temperature', '3'], /It must be a number from 0 to 2\./],
  [['--top-p', ''], /It must be a number from 0 to 1\./],
  [['--presence-penalty', '-3'], /It must be a number from -2 to 2\./],
  [['--max-tokens', '0'], /It must be a whole number of at least 1\./],
  [['--seed', '1.5'], /It must be a whole number\./],
  [['--max-price', '3'], /It must be two amounts: for the prompt, and for the answer\./],
  [['--max-price', '3,dear'], /It must be a number of US dollars of at least 0\./],
  [['--models', ' , '], /It is empty\./],
  [['--max-cost', 'much'], /It must be a number of US dollars of at least 0\./],
  [['--stop', 'a', '--stop', 'b', '--stop', 'c', '--stop', 'd', '--stop', 'e'], /The API takes at most 4\./],
  [['--reasoning', 'hard'], /Allowed are minimal, low, medium, high, xhigh, max, off, show, or a number of tokens\./],
  [['--reasoning', ''], /It is empty\./],
  [['--sort', 'colour'], /Allowed choices are price, throughput, latency\./],
  [['--param', 'model=a/b'], /Use --model\./],
  [['--param', 'stream=false'], /The command decides it\./],
  [['--param', 'x'], /It must be a name, = and a value: --param top_logprobs=2\./],
])('%j is a wrong call: it says what would be right, and nothing is sent', async (args, message) => {
  const { code, stdout, stderr } = await run(['chat', ...args, 'Hi'], { env });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(emulator.requests).toEqual([]);
});

test('--max-cost sends nothing that may cost more', async () => {
  const shown = await run(['chat', '-m', 'openai/gpt-5-mini', '--max-cost', '0.0001', '--max-tokens', '100000', 'Hi'], { env });
  expect(shown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: The budget of 0\.0001 USD does not cover [^\n]* Lower --max-tokens, [^\n]* raise --max-cost\.\n$/) });
  const unknown = await run(['chat', '--max-cost', '1', 'Hi'], { env });
  expect(unknown.stderr).toMatch(/^error: A budget \(--max-cost\) must know [^\n]* Set --max-price [^\n]* and --max-tokens, or --reserve, [^\n]*\.\n$/);
  expect(chats()).toEqual([]);
  const priced = ['--max-cost', '1', '--max-price', '1,2', '--max-tokens', '100'];
  expect(await run(['chat', ...priced, '/emulate text=one'], { env })).toMatchObject({ code: 0, stdout: 'one\n' });
  expect(await run(['chat', '--max-cost', '1', '--reserve', '0.5', '/emulate text=one'], { env })).toMatchObject({ code: 0, stdout: 'one\n' });
  expect(await run(['chat', '-m', 'openai/gpt-5-mini', '--max-cost', '0.1', '--max-tokens', '100', '/emulate text=one'], { env })).toMatchObject({ code: 0, stdout: 'one\n' });
});
