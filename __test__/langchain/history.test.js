'use strict';

const { AIMessage, HumanMessage, ToolMessage, mapChatMessagesToStoredMessages, mapStoredMessagesToChatMessages } = require('@langchain/core/messages');

const { startEmulator } = require('../../emulator');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { bodiesOf, joined, newModel } = require('./support/langchain-models');
const { SSE_HEAD, chunkOf, finishChunk, newClient, sse } = require('../support/streaming');

let emulator;
let raw;
beforeAll(async () => {
  emulator = await startEmulator();
  raw = await startByteServer();
});
beforeEach(() => {
  emulator.reset();
  raw.requests.length = 0;
});
afterAll(() => Promise.all([emulator.close(), raw.close()]));

const ways = [
  ['invoke', (model, input) => model.invoke(input)],
  ['stream', (model, input) => joined(model.stream(input))],
  ['streamEvents', async (model, input) => model.streamEvents(input)],
];
const human = (text) => new HumanMessage(text);

/** A response with this message as JSON, as to a request without `stream`. */
const jsonAnswer = (message) => {
  const body = JSON.stringify({ id: 'gen-1', object: 'chat.completion', created: 1, model: 'openai/gpt-5-mini', choices: [{ index: 0, message, finish_reason: 'stop' }] });
  return [`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`, FIN];
};
/** Answers each request with this message: as JSON, or as a stream of one delta. */
const answering = (message) => ({ json }) =>
  json.stream ? [SSE_HEAD, sse(chunkOf(message.content, { delta: message }), finishChunk()), FIN] : jsonAnswer(message);

/** Reasoning details whose key order, numbers and unknown fields must not change. */
const DETAILS = [
  { type: 'reasoning.summary', summary: 'First', format: 'openai-responses-v1', index: 0, 'x-new': { b: 1.5, a: [null] } },
  { format: 'anthropic-claude-v1', type: 'reasoning.text', text: 'Then', signature: 'c2ln', index: 1 },
  { type: 'reasoning.encrypted', data: 'AAEC', id: 'rs_1', index: 2 },
  { type: 'reasoning.future', anything: '…', index: 3 },
];

describe('reasoning goes back to the API unchanged', () => {
  test.each(ways)('%s: reasoning_details byte for byte, in order, through two turns', async (_, ask) => {
    raw.script = answering({ role: 'assistant', content: 'Hello', reasoning: 'FirstThen', reasoning_details: DETAILS });
    const model = newModel(raw);
    const first = await ask(model, [human('a')]);
    const second = await ask(model, [human('a'), first, human('b')]);
    await ask(model, [human('a'), first, human('b'), second, human('c')]);
    const assistant = { role: 'assistant', content: 'Hello', reasoning: 'FirstThen', reasoning_details: DETAILS };
    const user = (content) => ({ role: 'user', content });
    const sent = bodiesOf(raw).map(({ messages }) => JSON.stringify(messages));
    expect(sent[1]).toBe(JSON.stringify([user('a'), assistant, user('b')]));
    expect(sent[2]).toBe(JSON.stringify([user('a'), assistant, user('b'), assistant, user('c')]));
  });

  test.each(ways)('%s: fragments are merged as the client merges them', async (_, ask) => {
    const params = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Bees?' }], reasoning: { enabled: true } };
    const stream = await newClient(emulator).chatCompletion({ ...params, stream: true });
    const { choices: [{ message: streamed }] } = await stream.finalCompletion();
    const { choices: [{ message: whole }] } = await newClient(emulator).chatCompletion(params);
    const expected = ask === ways[0][1] ? whole : streamed;
    const model = newModel(emulator, { reasoning: { enabled: true } });
    await model.invoke([human('Bees?'), await ask(model, [human('Bees?')]), human('More')]);
    const { messages } = bodiesOf(emulator).at(-1);
    expect(JSON.stringify(messages[1].reasoning_details)).toBe(JSON.stringify(expected.reasoning_details));
    expect(messages[1].reasoning).toBe(expected.reasoning);
    expect(messages[1].content).toBe(expected.content);
  });

  test('from a conversation that was stored and loaded', async () => {
    raw.script = answering({ role: 'assistant', content: 'Hello', reasoning_details: DETAILS });
    const model = newModel(raw);
    const answer = await joined(model.stream([human('a')]));
    const stored = JSON.parse(JSON.stringify(mapChatMessagesToStoredMessages([answer])));
    await model.invoke([human('a'), ...mapStoredMessagesToChatMessages(stored), human('b')]);
    expect(JSON.stringify(bodiesOf(raw)[1].messages[1].reasoning_details)).toBe(JSON.stringify(DETAILS));
  });

  test.each(ways.slice(0, 2))('%s: with unknown fields, but without the fields of messages from other model classes', async (_, ask) => {
    raw.script = answering({ role: 'assistant', content: 'Hi', extra_content: { google: { thought_signature: 'x' } }, annotations: [{ type: 'file', file: { hash: 'h' } }] });
    const answer = await ask(newModel(raw), [human('a')]);
    const foreign = new AIMessage({ content: 'Yo', additional_kwargs: { stop_reason: 'end_turn', usage: {} }, response_metadata: { model_provider: 'anthropic' } });
    await newModel(raw).invoke([human('a'), answer, human('b'), foreign, human('c')]);
    const { messages } = bodiesOf(raw)[1];
    expect(messages[1]).toEqual({ role: 'assistant', content: 'Hi', extra_content: { google: { thought_signature: 'x' } }, annotations: [{ type: 'file', file: { hash: 'h' } }] });
    expect(messages[3]).toEqual({ role: 'assistant', content: 'Yo' });
  });

  test('with a tool call, whose arguments stay as the model wrote them', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'add', arguments: '{ "a": 1,\n"b": 2.0 }' }, extra_content: { google: { thought_signature: 'sig' } } };
    for (const [, ask] of ways.slice(0, 2)) {
      raw.requests.length = 0;
      raw.script = answering({ role: 'assistant', content: null, reasoning_details: DETAILS, tool_calls: [{ index: 0, ...call }] });
      const model = newModel(raw);
      const answer = await ask(model, [human('a')]);
      expect(answer.tool_calls).toEqual([{ id: 'call_1', name: 'add', args: { a: 1, b: 2 }, type: 'tool_call' }]);
      await model.invoke([human('a'), answer, new ToolMessage({ content: '3', tool_call_id: 'call_1' })]);
      const [, assistant, result] = bodiesOf(raw)[1].messages;
      expect(assistant.tool_calls[0]).toMatchObject(call);
      expect(JSON.stringify(assistant.reasoning_details)).toBe(JSON.stringify(DETAILS));
      expect(result).toEqual({ role: 'tool', content: '3', tool_call_id: 'call_1' });
    }
  });

  test('with a tool call that the application changed, as it is now', async () => {
    raw.script = answering({ role: 'assistant', content: null, tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }] });
    const model = newModel(raw);
    const answer = await joined(model.stream([human('a')]));
    const changed = new AIMessage({ ...answer, tool_calls: [{ ...answer.tool_calls[0], args: { a: 7 } }] });
    await model.invoke([human('a'), changed, new ToolMessage({ content: '7', tool_call_id: 'call_1' })]);
    expect(bodiesOf(raw)[1].messages[1].tool_calls).toEqual([{ id: 'call_1', type: 'function', function: { name: 'add', arguments: '{"a":7}' } }]);
  });
});

describe('images', () => {
  const modalities = { modelKwargs: { modalities: ['text', 'image'] } };

  test.each(ways)('%s: are in the content, and go back in the next turn', async (_, ask) => {
    const { choices: [{ message: { images, content } }] } = await newClient(emulator).chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Draw' }], modalities: ['text', 'image'] });
    const model = newModel(emulator, modalities);
    const answer = await ask(model, [human('Draw')]);
    const urls = answer.content.filter(({ type }) => type === 'image').map(({ url }) => url);
    expect(urls).toEqual(images.map(({ image_url: { url } }) => url));
    expect(answer.text).toBe(content);
    await model.invoke([human('Draw'), answer, human('Again')]);
    expect(bodiesOf(emulator).at(-1).messages[1]).toMatchObject({ role: 'assistant', content, images: images.map(({ image_url }) => ({ image_url })) });
  });

  test('of the user are sent', async () => {
    const url = 'data:image/png;base64,AAAA';
    await newModel(emulator).invoke([new HumanMessage({ content: [{ type: 'text', text: 'See' }, { type: 'image_url', image_url: { url } }] })]);
    expect(bodiesOf(emulator)[0].messages[0].content).toEqual([{ type: 'text', text: 'See' }, { type: 'image_url', image_url: { url } }]);
  });
});
