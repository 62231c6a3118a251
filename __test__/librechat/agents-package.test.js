'use strict';

// The traffic of the real `@librechat/agents` over the built-in fetch and over the native one. The agents need Node.js 24,
// so `agents-package/play.js` plays the scenarios in a process of its own.
const path = require('node:path');

const { installPackage, nodeForAgents } = require('./agents-package/setup.js');
const { runNode } = require('../support/process.js');
const { CLOSE_MS } = require('../support/limits.js');

const node = nodeForAgents();
const SYSTEM = { role: 'developer', content: 'Be kind.' };
const messageOf = (role, text) => ({ role, content: [{ type: 'text', text }] });
const BEES = messageOf('user', 'Tell me about bees');
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
const textOf = (events, kind = 'text') => events.filter(([one]) => one === kind).map(([, text]) => text).join('');
const usageOf = (...turns) => turns.map(([input, output, reasoning]) =>
  expect.objectContaining({ input_tokens: input, output_tokens: output, output_token_details: { audio: 0, reasoning } }));

/** Expects that a scenario had equal outcomes over both fetches; returns the one over the native fetch. */
function sameOutcome(name) {
  const { theirs, ours } = all.played[name];
  expect(normalised(ours)).toEqual(normalised(theirs));
  return ours;
}

/** An outcome without generation ids and ports, which differ from run to run. */
function normalised({ result, requests, ends }) {
  const text = JSON.stringify({ result, requests, ends }).replace(/gen-[\w-]+/g, 'gen').replace(/127\.0\.0\.1:\d+/g, 'emulator');
  return JSON.parse(text);
}

const skipReason = node ? '' : ' (skipped: they need Node.js 24, which npm has for glibc Linux on x64)';
const describeAgents = node ? describe : describe.skip;

if (node) {
  beforeAll(async () => {
    installPackage();
    const { code, stdout, stderr } = await runNode([path.join(__dirname, 'agents-package', 'play.js')], { command: node, deadlineMs: 150_000 });
    if (code !== 0) throw new Error(`The scenarios ended with ${code}:\n${stderr}`);
    all = JSON.parse(stdout);
  }, 600_000);
}

describeAgents(`LibreChat's agents have the same outcome over both fetches${skipReason}`, () => {
  test('in a Node.js that they support, without a lookup of any other host', () => {
    expect(Number(all.node.split('.')[0])).toBeGreaterThanOrEqual(24);
    expect(all.guarded).toBe('ENOTFOUND');
    expect(all.lookups).toEqual(['guard.invalid']);
    expect(all.trouble).toEqual([]);
  });

  test('with two turns: the second request adds the first answer and the new message', () => {
    const outcome = sameOutcome('two turns');
    const [first, second] = outcome.result;
    const [{ text }] = first.content;
    const body = { model: 'openai/gpt-5-mini', stream: true, stream_options: { include_usage: true } };
    expect(bodiesOf(outcome)).toEqual([
      { ...body, messages: [SYSTEM, BEES] },
      { ...body, messages: [SYSTEM, BEES, messageOf('assistant', text), messageOf('user', 'And wasps?')] },
    ]);
    expect(text).toMatch(/^“Tell me about bees”.*👩‍🚀\.$/);
    expect(textOf(first.events)).toBe(text);
    expect(first.events.length).toBeGreaterThan(20);
    expect(textOf(second.events)).toMatch(/“And wasps\?”/);
    for (const { authorization, referer, title } of outcome.requests) {
      expect({ authorization, referer, title }).toEqual({ authorization: 'Bearer sk-or-v1-limit-agents', referer: 'https://librechat.ai', title: 'LibreChat' });
    }
  });

  test('with the usage that LibreChat charges, once for each answer', () => {
    const { result: [first, second] } = sameOutcome('two turns');
    expect(first.usage).toEqual(usageOf([15, 69, 0]));
    expect(second.usage).toEqual(usageOf([95, 75, 0]));
    expect(sameOutcome('a tool').result.turns[0].usage).toEqual(usageOf([15, 32, 0], [25, 14, 0]));
    expect(sameOutcome('reasoning').result.usage).toEqual(usageOf([15, 105, 36]));
  });

  test('with a tool loop: the tool runs, the answer uses its result, and the next turn has both', () => {
    const outcome = sameOutcome('a tool');
    const { calls, turns: [first, second] } = outcome.result;
    const withCall = { role: 'assistant', content: '', tool_calls: [TOOL_CALL] };
    const answer = 'The tool says: 23 °C That settles it — voilà ✅.';
    expect(calls[0]).toEqual({ city: 'São Paulo' });
    expect(textOf(first.events, 'arguments')).toBe(TOOL_CALL.function.arguments);
    expect(textOf(first.events, 'result')).toBe('23 °C');
    expect(textOf(first.events)).toBe(answer);
    const [one, two, three] = bodiesOf(outcome);
    for (const { tools } of [one, two, three]) expect(tools).toEqual([TOOL]);
    expect(one.messages).toEqual([SYSTEM, BEES]);
    expect(two.messages).toEqual([SYSTEM, BEES, withCall, TOOL_RESULT]);
    expect(three.messages).toEqual([SYSTEM, BEES, withCall, TOOL_RESULT, messageOf('assistant', answer), messageOf('user', 'Thank you')]);
    expect(second.failed).toBeUndefined();
  });

  test('with two tool calls at once, and with a tool that fails', () => {
    const twice = sameOutcome('two calls of a tool at once');
    expect(twice.result.calls).toHaveLength(2);
    const results = bodiesOf(twice)[1].messages.filter(({ role }) => role === 'tool');
    expect(results.map(({ content }) => content).sort()).toEqual(['23 °C', '46 °C']);
    const { result } = sameOutcome('a tool that fails');
    expect(result.toolErrors).toEqual(['no such city']);
    expect(textOf(result.events)).toMatch(/^The tool says: .*no such city/);
  });

  test('with reasoning, which is streamed and kept', () => {
    const { result, requests } = sameOutcome('reasoning');
    expect(requests[0].body.reasoning).toEqual({ effort: 'high' });
    expect(textOf(result.events, 'reasoning')).toBe(THOUGHT);
    expect(result.events.filter(([kind]) => kind === 'reasoning').length).toBeGreaterThan(3);
    expect(result.content[0]).toEqual({ type: 'think', think: THOUGHT });
    expect(result.messages[0].extras.reasoning_content).toBe(THOUGHT);
  });

  test('with reasoning before a tool call: reasoning_details go back with the tool result', () => {
    const { messages } = bodiesOf(sameOutcome('reasoning before a tool'))[1];
    expect(messages[2].reasoning_details).toEqual([
      expect.objectContaining({ type: 'reasoning.text', text: THOUGHT, signature: expect.any(String) }),
      expect.objectContaining({ type: 'reasoning.encrypted', data: expect.any(String) }),
    ]);
  });

  test('with several concurrent chats, each with its own answer', () => {
    const { theirs, ours } = all.played['several chats at once'];
    const inOrder = (requests) => requests.map(({ body }) => JSON.stringify(body)).sort();
    expect(inOrder(ours.requests)).toEqual(inOrder(theirs.requests));
    expect(normalised(ours).result).toEqual(normalised(theirs).result);
    expect(ours.result.map(({ events }) => /bee number \d/.exec(textOf(events))[0])).toEqual([0, 1, 2, 3, 4].map((at) => `bee number ${at}`));
  });

  test('with a title', () => {
    const outcome = sameOutcome('a title');
    const [, { stream, messages }] = bodiesOf(outcome);
    expect(stream).toBe(false);
    expect(messages[0].content).toContain('User: Tell me about bees\nAI: “Tell me about bees”');
    expect(outcome.result.title.length).toBeGreaterThan(10);
  });

  test.each([
    ['an error in mid-stream', { class: 'APIError', message: 'Provider returned error', code: 502 }],
    ['a cut stream', { class: 'TypeError', message: 'terminated' }],
  ])('with %s, after the text before it', (name, failure) => {
    const { result } = sameOutcome(name);
    expect(textOf(result.events)).toBe('“Tell me ');
    expect(result.failed).toMatchObject(failure);
  });

  test.each([
    [400, 'BadRequestError'], [401, 'AuthenticationError'], [402, 'APIError'], [403, 'PermissionDeniedError'],
    [404, 'NotFoundError'], [429, 'RateLimitError'], [500, 'InternalServerError'], [503, 'InternalServerError'],
  ])('with a status of %i: one request, and the same error class', (status, kind) => {
    const { result, requests } = sameOutcome(`status ${status}`);
    expect(result.failed).toMatchObject({ status, class: kind });
    expect(result.failed.message).toMatch(new RegExp(`^${status} .{10,}`));
    expect(requests).toHaveLength(1);
  });

  test('with a retry, which only LangChain makes', () => {
    const { result, requests } = sameOutcome('a retry');
    expect(requests).toHaveLength(2);
    expect(result.content[0].text).toContain('bees');
  });

  test.each(['an abort before the answer', 'an abort in mid-stream'])('with %s, which closes the request', (name) => {
    const { result, ends, closedAfterMs } = sameOutcome(name);
    expect(result.failed.name).toBe('AbortError');
    expect(ends).toEqual(['client']);
    expect(closedAfterMs).toBeLessThan(CLOSE_MS);
  });

  test("with getChatModelClass('openrouter') alone, also when a stream is left early", () => {
    const { result, ends } = sameOutcome("the agents' model alone");
    expect(result.name).toBe('LibreChatOpenRouter');
    expect(result.pieces.join('')).toBe(result.whole.content);
    expect(result.whole.content).toMatch(/^“Tell me about bees”/);
    expect(ends).toEqual(['server', 'server', 'client']);
  });
});

describeAgents(`Under LibreChat's agents the package adds${skipReason}`, () => {
  const ours = (name) => all.played[name].ours;

  test('the auto router and the privacy settings to requests, and reports model and usage', () => {
    const outcome = ours('autoRouter, zdr and dataCollection');
    expect(bodiesOf(outcome)).toEqual([expect.objectContaining({ model: 'openrouter/auto', provider: { zdr: true, data_collection: 'deny' } })]);
    expect(outcome.result.reported).toEqual([
      ['onModel', 'openai/gpt-5-mini'],
      ['onUsage', expect.objectContaining({ prompt_tokens: 15, completion_tokens: 69, cost: expect.any(Number) })],
    ]);
  });

  test('the options of an llmConfig that LangChain drops', () => {
    const [body] = bodiesOf(ours('zdr, provider and models in llmConfig'));
    expect(body).toMatchObject({ model: 'openai/gpt-5-mini', models: ['x-ai/grok-4'], provider: { zdr: true, sort: 'price' } });
  });

  test('larger deltas: the same steps, reasoning and text in fewer events', () => {
    const { result } = ours('larger deltas');
    const { ours: other } = all.played['reasoning before a tool'];
    for (const kind of ['text', 'reasoning', 'arguments', 'result']) expect(textOf(result.events, kind)).toBe(textOf(other.result.events, kind));
    const kinds = (events) => events.map(([kind]) => kind).filter((kind, at, list) => kind !== list[at - 1]);
    expect(kinds(result.events)).toEqual(kinds(other.result.events));
    expect(result.events.length).toBeLessThan(other.result.events.length / 2);
    expect(result.content).toEqual(other.result.content);
    expect(result.usage).toEqual(other.result.usage);
  });

  test('reports of a fallback, and of an error in mid-stream', () => {
    const { result } = ours('a fallback');
    expect(result.reported).toContainEqual(['onFallback', expect.objectContaining({ from: 'openai/gpt-5-mini', to: 'x-ai/grok-4' })]);
    expect(result.messages[0].metadata.model_name).toBe('x-ai/grok-4');
    const shown = ours('a fallback that is shown');
    expect(shown.result.content[0]).toEqual({ type: 'think', think: expect.stringMatching(/^x-ai\/grok-4 answers instead of openai\/gpt-5-mini\./) });
    expect(textOf(shown.result.events)).toMatch(/^The tool says/);
    expect(bodiesOf(shown)[0].models).toEqual(['x-ai/grok-4']);
    expect(JSON.stringify(bodiesOf(shown)[1])).not.toContain('answers instead');
    const broken = ours('an error with onError').result;
    expect(broken.reported.at(-1)).toEqual(['onError', expect.stringContaining('Provider returned error')]);
    expect(broken.failed.message).toBe('Provider returned error');
  });
});

describeAgents(`ChatOpenRouter is a provider of LibreChat's agents${skipReason}`, () => {
  const ours = (name) => all.played[name].ours;

  test('by registerProvider', () => {
    expect(ours('the registered class').result).toEqual({ isOurs: true });
  });

  test('a tool loop with reasoning: the tool runs, and the reasoning goes back unchanged', () => {
    const outcome = ours('ChatOpenRouter with a tool');
    const { calls, events, usage } = outcome.result;
    expect(calls).toEqual([{ city: 'São Paulo' }]);
    expect(textOf(events, 'reasoning')).toBe(THOUGHT + THOUGHT);
    expect(textOf(events)).toBe('The tool says: 23 °C That settles it — voilà ✅.');
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

  test('several concurrent chats, and a title', () => {
    const texts = ours('ChatOpenRouter in several chats at once').result.map(({ events }) => textOf(events));
    expect(texts.map((text) => /bee number \d/.exec(text)[0])).toEqual([0, 1, 2, 3, 4].map((at) => `bee number ${at}`));
    expect(ours('ChatOpenRouter with a title').result.title.length).toBeGreaterThan(10);
  });

  test('failures keep their status, and the text before them', () => {
    const { result: { events, failed } } = ours('ChatOpenRouter with an error in mid-stream');
    expect(textOf(events)).toBe('“Tell me ');
    expect(failed).toMatchObject({ class: 'OpenRouterError', status: 502 });
    expect(ours('ChatOpenRouter with a status of 402').result.failed).toMatchObject({ class: 'OpenRouterError', status: 402, code: 'insufficient_credits' });
  });

  test('an abort in mid-stream closes the request', () => {
    const { result, ends, closedAfterMs } = ours('ChatOpenRouter with an abort');
    expect(result.failed.name).toBe('AbortError');
    expect(ends).toEqual(['client']);
    expect(closedAfterMs).toBeLessThan(CLOSE_MS);
  });
});
