'use strict';

// LibreChat's real traffic: `@librechat/agents`, set up with one line, over the stock fetch and over ours. It needs
// Node.js 24, which plays the scenarios in `agents/` in a process of its own.
const path = require('node:path');

const { installPackage, nodeForAgents } = require('./agents-package/setup.js');
const { runNode } = require('../support/process.js');
const { CLOSE_MS } = require('../support/limits.js');

const node = nodeForAgents();
const SYSTEM = { role: 'developer', content: 'Be kind.' };
const said = (role, text) => ({ role, content: [{ type: 'text', text }] });
const BEES = said('user', 'Tell me about bees');
const TOOL = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const TOOL_CALL = { id: 'call_emulator_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"São Paulo"}' } };
const TOOL_RESULT = { role: 'tool', content: '23 °C', name: 'get_weather', tool_call_id: 'call_emulator_1' };
const THOUGHT = 'The user asks about “Tell me about bees”. First I restate the question, then I weigh two readings — 二つ — and pick the simpler one.';

let all;

const bodiesOf = ({ requests }) => requests.map(({ body }) => body);
const textOf = (told, kind = 'text') => told.filter(([one]) => one === kind).map(([, text]) => text).join('');
const usageOf = (...turns) => turns.map(([input, output, reasoning]) =>
  expect.objectContaining({ input_tokens: input, output_tokens: output, output_token_details: { audio: 0, reasoning } }));

/** Fails unless a scenario came to the same over both. Gives what it came to over ours. */
function same(name) {
  const { theirs, ours } = all.played[name];
  expect(evened(ours)).toEqual(evened(theirs));
  return ours;
}

/** What both must agree on, without what differs from one request to the next by itself. */
function evened({ result, requests, ends }) {
  const text = JSON.stringify({ result, requests, ends }).replace(/gen-[\w-]+/g, 'gen').replace(/127\.0\.0\.1:\d+/g, 'emulator');
  return JSON.parse(text);
}

const why = node ? '' : ' (skipped: they need Node.js 24, which npm has for glibc Linux on x64)';
const describeAgents = node ? describe : describe.skip;

if (node) {
  beforeAll(async () => {
    installPackage();
    const { code, stdout, stderr } = await runNode([path.join(__dirname, 'agents-package', 'play.js')], { command: node, deadlineMs: 150_000 });
    if (code !== 0) throw new Error(`The scenarios ended with ${code}:\n${stderr}`);
    all = JSON.parse(stdout);
  }, 600_000);
}

describeAgents(`LibreChat's agents come to the same over both fetches${why}`, () => {
  test('in a Node.js that they support, with nothing asked of the world', () => {
    expect(Number(all.node.split('.')[0])).toBeGreaterThanOrEqual(24);
    expect(all.guarded).toBe('ENOTFOUND');
    expect(all.asked).toEqual(['guard.invalid']);
    expect(all.trouble).toEqual([]);
  });

  test('with two turns: the second request has the first answer in it, and nothing else is new', () => {
    const outcome = same('two turns');
    const [first, second] = outcome.result;
    const [{ text }] = first.content;
    const body = { model: 'openai/gpt-5-mini', stream: true, stream_options: { include_usage: true } };
    expect(bodiesOf(outcome)).toEqual([
      { ...body, messages: [SYSTEM, BEES] },
      { ...body, messages: [SYSTEM, BEES, said('assistant', text), said('user', 'And wasps?')] },
    ]);
    expect(text).toMatch(/^“Tell me about bees”.*👩‍🚀\.$/);
    expect(textOf(first.told)).toBe(text);
    expect(first.told.length).toBeGreaterThan(20);
    expect(textOf(second.told)).toMatch(/“And wasps\?”/);
    for (const { authorization, referer, title } of outcome.requests) {
      expect({ authorization, referer, title }).toEqual({ authorization: 'Bearer sk-or-v1-limit-agents', referer: 'https://librechat.ai', title: 'LibreChat' });
    }
  });

  test('with the usage that LibreChat charges: each answer is counted once', () => {
    const { result: [first, second] } = same('two turns');
    expect(first.usage).toEqual(usageOf([15, 69, 0]));
    expect(second.usage).toEqual(usageOf([95, 75, 0]));
    expect(same('a tool').result.turns[0].usage).toEqual(usageOf([15, 32, 0], [25, 14, 0]));
    expect(same('reasoning').result.usage).toEqual(usageOf([15, 105, 36]));
  });

  test('with a tool loop: the tool runs, the answer uses its result, and the next turn has it all', () => {
    const outcome = same('a tool');
    const { calls, turns: [first, second] } = outcome.result;
    const asked = { role: 'assistant', content: '', tool_calls: [TOOL_CALL] };
    const answer = 'The tool says: 23 °C That settles it — voilà ✅.';
    expect(calls[0]).toEqual({ city: 'São Paulo' });
    expect(textOf(first.told, 'arguments')).toBe(TOOL_CALL.function.arguments);
    expect(textOf(first.told, 'result')).toBe('23 °C');
    expect(textOf(first.told)).toBe(answer);
    const [one, two, three] = bodiesOf(outcome);
    for (const { tools } of [one, two, three]) expect(tools).toEqual([TOOL]);
    expect(one.messages).toEqual([SYSTEM, BEES]);
    expect(two.messages).toEqual([SYSTEM, BEES, asked, TOOL_RESULT]);
    expect(three.messages).toEqual([SYSTEM, BEES, asked, TOOL_RESULT, said('assistant', answer), said('user', 'Thank you')]);
    expect(second.failed).toBeUndefined();
  });

  test('with two calls at once, and with a tool that fails', () => {
    const twice = same('two calls of a tool at once');
    expect(twice.result.calls).toHaveLength(2);
    const results = bodiesOf(twice)[1].messages.filter(({ role }) => role === 'tool');
    expect(results.map(({ content }) => content).sort()).toEqual(['23 °C', '46 °C']);
    const { result } = same('a tool that fails');
    expect(result.toolErrors).toEqual(['no such city']);
    expect(textOf(result.told)).toMatch(/^The tool says: .*no such city/);
  });

  test('with reasoning, which is told as it comes and kept', () => {
    const { result, requests } = same('reasoning');
    expect(requests[0].body.reasoning).toEqual({ effort: 'high' });
    expect(textOf(result.told, 'reasoning')).toBe(THOUGHT);
    expect(result.told.filter(([kind]) => kind === 'reasoning').length).toBeGreaterThan(3);
    expect(result.content[0]).toEqual({ type: 'think', think: THOUGHT });
    expect(result.messages[0].extras.reasoning_content).toBe(THOUGHT);
  });

  test('with reasoning before a tool: its details go back with the result', () => {
    const { messages } = bodiesOf(same('reasoning before a tool'))[1];
    expect(messages[2].reasoning_details).toEqual([
      expect.objectContaining({ type: 'reasoning.text', text: THOUGHT, signature: expect.any(String) }),
      expect.objectContaining({ type: 'reasoning.encrypted', data: expect.any(String) }),
    ]);
  });

  test('with several chats at once, each of which gets its own answer', () => {
    const { theirs, ours } = all.played['several chats at once'];
    const inOrder = (requests) => requests.map(({ body }) => JSON.stringify(body)).sort();
    expect(inOrder(ours.requests)).toEqual(inOrder(theirs.requests));
    expect(evened(ours).result).toEqual(evened(theirs).result);
    expect(ours.result.map(({ told }) => /bee number \d/.exec(textOf(told))[0])).toEqual([0, 1, 2, 3, 4].map((at) => `bee number ${at}`));
  });

  test('with a title', () => {
    const outcome = same('a title');
    const [, { stream, messages }] = bodiesOf(outcome);
    expect(stream).toBe(false);
    expect(messages[0].content).toContain('User: Tell me about bees\nAI: “Tell me about bees”');
    expect(outcome.result.title.length).toBeGreaterThan(10);
  });

  test.each([
    ['an error in mid-stream', { class: 'APIError', message: 'Provider returned error', code: 502 }],
    ['a cut stream', { class: 'TypeError', message: 'terminated' }],
  ])('with %s, after the text that had come', (name, failure) => {
    const { result } = same(name);
    expect(textOf(result.told)).toBe('“Tell me ');
    expect(result.failed).toMatchObject(failure);
  });

  test.each([
    [400, 'BadRequestError'], [401, 'AuthenticationError'], [402, 'APIError'], [403, 'PermissionDeniedError'],
    [404, 'NotFoundError'], [429, 'RateLimitError'], [500, 'InternalServerError'], [503, 'InternalServerError'],
  ])('with a status of %i, which is asked once and keeps its class', (status, kind) => {
    const { result, requests } = same(`status ${status}`);
    expect(result.failed).toMatchObject({ status, class: kind });
    expect(result.failed.message).toMatch(new RegExp(`^${status} .{10,}`));
    expect(requests).toHaveLength(1);
  });

  test('with a retry: LangChain counts, and nobody else', () => {
    const { result, requests } = same('a retry');
    expect(requests).toHaveLength(2);
    expect(result.content[0].text).toContain('bees');
  });

  test.each(['an abort before the answer', 'an abort in mid-stream'])('C1: with %s, which closes the request', (name) => {
    const { result, ends, closedAfterMs } = same(name);
    expect(result.failed.name).toBe('AbortError');
    expect(ends).toEqual(['client']);
    expect(closedAfterMs).toBeLessThan(CLOSE_MS);
  });

  test("with getChatModelClass('openrouter') by itself, of which a stream is left early", () => {
    const { result, ends } = same("the agents' model by itself");
    expect(result.name).toBe('LibreChatOpenRouter');
    expect(result.pieces.join('')).toBe(result.whole.content);
    expect(result.whole.content).toMatch(/^“Tell me about bees”/);
    expect(ends).toEqual(['server', 'server', 'client']);
  });
});

describeAgents(`Under LibreChat's agents the package adds${why}`, () => {
  const ours = (name) => all.played[name].ours;

  test('the auto router, ZDR as the API has it, and who answered', () => {
    const outcome = ours('the switches');
    expect(bodiesOf(outcome)).toEqual([expect.objectContaining({ model: 'openrouter/auto', provider: { zdr: true, data_collection: 'deny' } })]);
    expect(outcome.result.heard).toEqual([
      ['onModel', 'openai/gpt-5-mini'],
      ['onUsage', expect.objectContaining({ prompt_tokens: 15, completion_tokens: 69, cost: expect.any(Number) })],
    ]);
  });

  test('what LangChain would drop from an llmConfig', () => {
    const [body] = bodiesOf(ours('the flags of an llmConfig'));
    expect(body).toMatchObject({ model: 'openai/gpt-5-mini', models: ['x-ai/grok-4'], provider: { zdr: true, sort: 'price' } });
  });

  test('word of a fallback, and of an error in mid-stream', () => {
    const { result } = ours('a fallback');
    expect(result.heard).toContainEqual(['onFallback', expect.objectContaining({ from: 'openai/gpt-5-mini', to: 'x-ai/grok-4' })]);
    expect(result.messages[0].metadata.model_name).toBe('x-ai/grok-4');
    const broken = ours('an error that is heard of').result;
    expect(broken.heard.at(-1)).toEqual(['onError', expect.stringContaining('Provider returned error')]);
    expect(broken.failed.message).toBe('Provider returned error');
  });
});

describeAgents(`ChatOpenRouter is a provider of LibreChat's agents${why}`, () => {
  const ours = (name) => all.played[name].ours;

  test('by registerProvider', () => {
    expect(ours("the agents' class for it").result).toEqual({ isOurs: true });
  });

  test('a tool loop with reasoning: the tool runs, and what was thought goes back as it came', () => {
    const outcome = ours('ChatOpenRouter with a tool');
    const { calls, told, usage } = outcome.result;
    expect(calls).toEqual([{ city: 'São Paulo' }]);
    expect(textOf(told, 'reasoning')).toBe(THOUGHT + THOUGHT);
    expect(textOf(told)).toBe('The tool says: 23 °C That settles it — voilà ✅.');
    expect(usage).toEqual(usageOf([15, 68, 36], [25, 50, 36]));
    const [first, second] = bodiesOf(outcome);
    const system = { ...SYSTEM, role: 'system' };
    expect(first.messages).toEqual([system, BEES]);
    expect(second.messages.slice(0, 2)).toEqual([system, BEES]);
    expect(second.messages[2]).toEqual({
      role: 'assistant',
      content: '',
      tool_calls: [TOOL_CALL],
      reasoning: THOUGHT,
      reasoning_details: [
        { type: 'reasoning.text', text: THOUGHT, format: 'anthropic-claude-v1', index: 0, signature: expect.any(String) },
        { type: 'reasoning.encrypted', data: expect.any(String), id: 'reasoning_1', format: 'anthropic-claude-v1', index: 1 },
      ],
    });
    expect(second.messages[3]).toEqual(TOOL_RESULT);
  });

  test('several chats at once, and a title', () => {
    const texts = ours('ChatOpenRouter in several chats at once').result.map(({ told }) => textOf(told));
    expect(texts.map((text) => /bee number \d/.exec(text)[0])).toEqual([0, 1, 2, 3, 4].map((at) => `bee number ${at}`));
    expect(ours('ChatOpenRouter with a title').result.title.length).toBeGreaterThan(10);
  });

  test('failures keep their status, and the text that had come', () => {
    const { result: { told, failed } } = ours('ChatOpenRouter with an error in mid-stream');
    expect(textOf(told)).toBe('“Tell me ');
    expect(failed).toMatchObject({ class: 'OpenRouterError', status: 502 });
    expect(ours('ChatOpenRouter with a status of 402').result.failed).toMatchObject({ class: 'OpenRouterError', status: 402, code: 'insufficient_credits' });
  });

  test('C1: an abort in mid-stream closes the request', () => {
    const { result, ends, closedAfterMs } = ours('ChatOpenRouter with an abort');
    expect(result.failed.name).toBe('AbortError');
    expect(ends).toEqual(['client']);
    expect(closedAfterMs).toBeLessThan(CLOSE_MS);
  });
});
