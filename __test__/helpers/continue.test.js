'use strict';

const { startEmulator } = require('../../emulator');
const { failureOf } = require('../support/outcomes.js');
const { RST } = require('../support/servers/byte-server');
const { completionOf, saying, modelsOfTests, usageOf } = require('../support/servers/answering-model');
const { SSE_HEAD, chunkOf, event, newClient, readAll } = require('../support/streaming');

const MODEL = 'anthropic/claude-sonnet-4.5';
const MESSAGES = [{ role: 'user', content: 'Tell me about bees' }];
const REQUEST = { model: MODEL, messages: MESSAGES, max_tokens: 10 };
const BEGINNING = 'Bees are insects that live in ';

const startModel = modelsOfTests();
const cut = (message = saying(BEGINNING), more = {}) => completionOf({ message, finish: 'length', cost: 0.1, model: MODEL, ...more });

describe('continueCompletion', () => {
  test('sends the text as the beginning of the answer, and returns both parts as one', async () => {
    const server = await startModel({ message: saying(' hives and gardens.'), cost: 0.2 });
    const whole = await newClient(server).continueCompletion(cut(), REQUEST);
    expect(server.requests[0].json).toEqual({ ...REQUEST, stream: false, messages: [...MESSAGES, saying(BEGINNING.trimEnd())] });
    expect(whole.choices[0]).toMatchObject({ message: saying('Bees are insects that live in hives and gardens.'), finish_reason: 'stop' });
    expect(whole.usage).toMatchObject({ cost: 0.3, completion_tokens: 10 });
  });

  test('goes on from the error of a stream that broke off, and tells the text as it comes', async () => {
    const server = await startModel([SSE_HEAD, event(chunkOf(BEGINNING)), RST], { message: saying(' hives.') });
    const client = newClient(server);
    const { error } = await readAll(await client.chatCompletion({ ...REQUEST, stream: true }));
    expect(error.code).toBe('connection_reset');
    const pieces = [];
    const whole = await client.continueCompletion(error, { ...REQUEST, onProgress: (text) => pieces.push(text) });
    expect(pieces.join('')).toBe(' hives.');
    expect(whole.choices[0].message.content).toBe('Bees are insects that live in hives.');
    expect(server.requests[1].json).toMatchObject({ stream: true });
  });

  test('never joins a second answer to the first', async () => {
    const server = await startModel({ message: saying('Bees are insects that live in hives.') });
    await expect(newClient(server).continueCompletion(cut(), REQUEST)).rejects.toMatchObject({
      code: 'invalid_answer', message: expect.stringMatching(/began another answer/), partial: { choices: [{ message: saying('Bees are insects that live in hives.') }] },
    });
  });

  test.each([
    ['a model that is not known to go on', cut(), { model: 'openai/gpt-5-mini' }, /openai\/gpt-5-mini is not known/],
    ['an edition that refuses it', cut(), { model: 'anthropic/claude-opus-4.6' }, /claude-opus-4\.6 is not known/],
    ['a complete answer', cut(undefined, { finish: 'stop' }), {}, /it is complete/],
    ['an answer with tool calls', cut({ ...saying('x'), tool_calls: [{ id: '1', function: { name: 'f', arguments: '{}' } }] }), {}, /tool calls/],
    ['an answer with reasoning', cut({ ...saying('x'), reasoning: 'Hm.' }), {}, /reasoning/],
    ['a request for reasoning', cut(), { reasoning: { effort: 'low' } }, /reasoning/],
    ['a refusal', cut({ ...saying('x'), refusal: 'No.' }), {}, /refused/],
    ['an answer without text', cut(saying(null)), {}, /no text/],
    ['no answer', {}, {}, /needs the answer/],
    ['no messages', cut(), { messages: [] }, /needs the messages/],
  ])('says that it cannot, and sends nothing, for %s', async (_name, partial, params, expected) => {
    const server = await startModel({ message: saying('x') });
    await expect(newClient(server).continueCompletion(partial, { ...REQUEST, ...params })).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringMatching(expected) });
    expect(server.requests).toHaveLength(0);
  });

  test('takes the caller’s word that a model goes on', async () => {
    const server = await startModel({ message: saying(' hives.') });
    const whole = await newClient(server).continueCompletion(cut(), { ...REQUEST, model: 'deepseek/deepseek-chat', prefill: true });
    expect(whole.choices[0].message.content).toBe('Bees are insects that live in hives.');
    expect(server.requests[0].json).not.toHaveProperty('prefill');
  });

  test.each([
    ['anthropic/claude-3-haiku', true], ['anthropic/claude-3.5-sonnet', true], ['anthropic/claude-3.7-sonnet', true], ['anthropic/claude-sonnet-4', true], ['anthropic/claude-opus-4.1', true],
    ['anthropic/claude-haiku-4.5', true], ['anthropic/claude-sonnet-4.5:nitro', true], ['anthropic/claude-sonnet-4.6', false], ['anthropic/claude-opus-5', false], ['x/anthropic/claude-sonnet-4', false],
  ])('%s: known to go on is %s', async (model, isKnown) => {
    const server = await startModel({ message: saying(' hives.') });
    const result = newClient(server).continueCompletion(cut(), { ...REQUEST, model });
    await (isKnown ? expect(result).resolves.toBeDefined() : expect(result).rejects.toMatchObject({ code: 'invalid_request' }));
  });

  test('usage of the first part that is not known is left out', async () => {
    const server = await startModel({ message: saying(' hives.'), cost: 0.2 });
    const whole = await newClient(server).continueCompletion(cut(undefined, { usage: null }), REQUEST);
    expect(whole.usage).toEqual(usageOf(0.2));
  });
});

describe('with the models of the emulator', () => {
  let emulator;
  beforeAll(async () => { emulator = await startEmulator({ seed: 1, models: [...IDS, 'anthropic/claude-opus-4.6'] }); });
  beforeEach(() => emulator.reset());
  afterAll(() => emulator.close());
  const IDS = ['anthropic/claude-sonnet-4.5', 'anthropic/claude-3.7-sonnet', 'openai/gpt-5-mini', 'google/gemini-2.5-flash', 'deepseek/deepseek-chat'];
  const messages = [{ role: 'user', content: 'Tell me about bees' }];
  const posts = () => emulator.requests.filter(({ method }) => method === 'POST');

  test.each(IDS.map((model) => [model, model.startsWith('anthropic/')]))('%s goes on exactly where the list says that it does: %p', async (model, isListed) => {
    const client = newClient(emulator);
    const { text } = await client.chatCompletion({ model, messages });
    const part = await client.chatCompletion({ model, messages, max_tokens: 15 });
    expect(part.choices[0].finish_reason).toBe('length');
    emulator.clear();
    if (isListed) {
      expect((await client.continueCompletion(part, { messages })).text).toBe(text);
      return;
    }
    expect(await failureOf(client.continueCompletion(part, { messages }))).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('not known to go on') });
    expect(posts()).toHaveLength(0);
    // It would begin again, which is noticed.
    const error = await failureOf(client.continueCompletion(part, { messages, prefill: true }));
    expect(error.code).toBe('invalid_answer');
  });

  test('the newest models of Anthropic are not on the list, because they refuse', async () => {
    const client = newClient(emulator);
    const model = 'anthropic/claude-opus-4.6';
    const part = await client.chatCompletion({ model, messages, max_tokens: 15 });
    emulator.clear();
    expect(await failureOf(client.continueCompletion(part, { messages }))).toMatchObject({ message: expect.stringContaining('not known to go on') });
    expect(posts()).toHaveLength(0);
    expect(await failureOf(client.continueCompletion(part, { messages, prefill: true }))).toMatchObject({ status: 400 });
  });
});
