'use strict';

// `completion.text`: the text of the first answer.
const { OpenRouterClient } = require('../..');
const { startEmulator } = require('../../emulator');
const { answer, FIN, startAnsweringServer, startByteServer } = require('../support/servers/byte-server.js');
const { SSE_HEAD, chunkOf, finishChunk, sse } = require('../support/streaming.js');

const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Hi' }];

let server;
afterEach(() => server?.close());

const clientAt = (baseURL) => new OpenRouterClient('sk-or-v1-text', { baseURL, maxRetries: 0 });
const bodyWith = (message, more) => ({ id: 'gen-1', object: 'chat.completion', created: 1, model: MODEL, choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }], ...more });

/** Returns the completion that the client makes of an answer with this body. */
async function completionOf(body) {
  server = await startAnsweringServer(answer(200, JSON.stringify(body)));
  return clientAt(server.baseURL).chatCompletion({ model: MODEL, messages });
}

/** Returns the completion that a stream of these chunks adds up to. */
async function finalOf(...chunks) {
  server = await startByteServer();
  server.script = () => [SSE_HEAD, sse(...chunks), FIN];
  return (await clientAt(server.baseURL).chatCompletion({ model: MODEL, messages, stream: true })).finalCompletion();
}

describe('the text of a completion', () => {
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };

  test.each([
    ['its content', bodyWith({ content: 'Hello 🐝' }), 'Hello 🐝'],
    ['empty if the model only calls tools', bodyWith({ content: null, tool_calls: [call] }), ''],
    ['empty if the message has no content', bodyWith({}), ''],
    ['empty if there is no answer', { ...bodyWith({}), choices: [] }, ''],
    ['empty if choices are null', { ...bodyWith({}), choices: null }, ''],
    ['that of the parts that have text', bodyWith({ content: [{ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'x' } }, null, { type: 'text', text: 'b' }] }), 'ab'],
  ])('is %s', async (_, body, text) => {
    expect((await completionOf(body)).text).toBe(text);
  });

  test('is that of the first of several answers', async () => {
    const choices = ['one', 'two'].map((content, index) => ({ index, message: { role: 'assistant', content }, finish_reason: 'stop' }));
    expect((await completionOf({ ...bodyWith({}), choices })).text).toBe('one');
  });

  test('is not among the fields of the completion, so that comparisons, copies and JSON have only what the API sent', async () => {
    const body = bodyWith({ content: 'Hi' }, { usage: null });
    const completion = await completionOf(body);
    expect(completion).toStrictEqual(body);
    expect(Object.keys(completion)).toEqual(Object.keys(body));
    expect(JSON.stringify(completion)).toBe(JSON.stringify(body));
    expect(structuredClone(completion)).toEqual(body);
  });

  test('follows a message that the caller has changed', async () => {
    const completion = await completionOf(bodyWith({ content: 'Hi' }));
    completion.choices[0].message.content = 'changed';
    expect(completion.text).toBe('changed');
  });

  test('does not replace a field of that name that the API sends', async () => {
    const completion = await completionOf(bodyWith({ content: 'Hi' }, { text: 'sent' }));
    expect([completion.text, Object.keys(completion).includes('text')]).toEqual(['sent', true]);
  });

  test('is there after a stream', async () => {
    const completion = await finalOf(chunkOf('Hel'), chunkOf('lo'), finishChunk());
    expect(completion.text).toBe('Hello');
    expect(JSON.parse(JSON.stringify(completion))).not.toHaveProperty('text');
  });

  test('is no hindrance to sending the message back', async () => {
    const emulator = await startEmulator();
    try {
      const client = clientAt(emulator.baseURL);
      const { choices: [{ message }] } = await client.chatCompletion({ model: MODEL, messages, emulator: { text: 'One' } });
      await client.chatCompletion({ model: MODEL, messages: [...messages, message, { role: 'user', content: 'More' }] });
      expect(emulator.requests.at(-1).body.messages[1]).toEqual(message);
    } finally {
      await emulator.close();
    }
  });
});
