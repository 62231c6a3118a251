'use strict';

const { createOpenRouterClient } = require('openrouter-native/librechat');
const { OpenRouterError } = require('../..');
const { FIN, startByteServer } = require('../support/servers/byte-server');
const { joined, newModel } = require('./support/langchain-models');
const { failureOf } = require('../support/outcomes');
const { SSE_HEAD, sse } = require('../support/streaming');

let raw;
beforeAll(async () => { raw = await startByteServer(); });
afterAll(() => raw.close());

/** Answers with these choices as JSON, or with the chunks as a stream. */
function answerWith({ whole, chunks }) {
  const facts = { id: 'gen-1', model: 'm/x', created: 1 };
  const text = JSON.stringify({ ...facts, object: 'chat.completion', choices: whole });
  const json = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  const events = chunks.map((choices) => ({ ...facts, object: 'chat.completion.chunk', choices }));
  raw.script = ({ json: body }) => (body.stream ? [SSE_HEAD, sse(...events), FIN] : [json]);
}
const message = (fields) => ({
  whole: [{ index: 0, message: { role: 'assistant', content: null, ...fields }, finish_reason: 'stop' }],
  chunks: [[{ index: 0, delta: { role: 'assistant', content: null, ...fields } }], [{ index: 0, delta: {}, finish_reason: 'stop' }]],
});
const choice = (fields) => ({ whole: [{ index: 0, message: fields, finish_reason: 'stop' }], chunks: [[{ index: 0, delta: fields, finish_reason: 'stop' }]] });
const bare = (choices) => ({ whole: choices, chunks: [choices] });
const call = (args, more) => ({ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: args }, ...more });
const calls = (...all) => message({ tool_calls: all });

const seen = ({ content, text, tool_calls: good, invalid_tool_calls: bad }) => ({ content, text, good: good.map(({ id, name, args }) => ({ id, name, args })), bad: bad.map(({ id, name, args }) => ({ id, name, args })) });
const one = (args, id = 'c1') => ({ good: [{ id, name: 'f', args }] });

const WHOLE = [
  ['arguments that are empty', calls(call('')), one({})],
  ['arguments that are blank', calls(call(' ')), one({})],
  ['arguments that are null', calls(call(null)), one({})],
  ['arguments that are left out', calls(call(undefined)), one({})],
  ['arguments that are an object', calls(call({ a: 1 })), one({ a: 1 })],
  ['arguments that are a list', calls(call([1])), { bad: [{ id: 'c1', name: 'f', args: '[1]' }] }],
  ['arguments that are a text in JSON', calls(call('"x"')), { bad: [{ id: 'c1', name: 'f', args: '"x"' }] }],
  ['a call without an id', calls(call('{}', { id: undefined })), one({}, 'call_0')],
  ['a call with an empty id', calls(call('{}', { id: '' })), one({}, 'call_0')],
  ['a call whose id is a number', calls(call('{}', { id: 7 })), one({}, '7')],
  ['a call without function', calls({ id: 'c1', name: 'f', arguments: '{"a":1}' }), one({ a: 1 })],
  ['a call without a name', calls(call('{}', { function: { arguments: '{}' } })), { good: [{ id: 'c1', name: '', args: {} }] }],
  ['a call that is sent twice', calls(call('{"a":1}'), call('{"a":1}')), one({ a: 1 })],
  ['a list of calls with null in it', calls(null, call('{"a":2}')), one({ a: 2 })],
  ['calls that are no list', message({ tool_calls: {}, content: 'x' }), { content: 'x' }],
  ['a message that is null', choice(null), {}],
  ['a message that is left out', choice(undefined), {}],
  ['a message that is a text', choice('hi'), {}],
  ['a message without a role', choice({ content: 'hi' }), { content: 'hi' }],
  ['a message whose role is null', choice({ role: null, content: 'hi' }), { content: 'hi' }],
  ['content in parts', message({ content: [{ type: 'text', text: 'he' }, { type: 'text', text: 'llo' }] }), { content: 'hello' }],
  ['content with thoughts in it', message({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }, null, { type: 'text', text: 'hello' }] }), { content: 'hello' }],
  ['content that is an object', message({ content: { a: 1 } }), {}],
  ['content that is a number', message({ content: 5 }), {}],
  ['images and details that are no lists', message({ content: 'x', images: 5, annotations: 7, reasoning_details: 5 }), { content: 'x' }],
  ['images with null in it', message({ content: 'x', images: [null] }), { content: 'x' }],
];

const NO_CHOICES = [['[]', []], ['left out', undefined], ['null', null], ['[null]', [null]]];

describe('ChatOpenRouter reads an answer by the same rules, whether it is streamed or not', () => {
  test.each(WHOLE)('%s', async (_, answer, { content = '', good = [], bad = [] }) => {
    answerWith(answer);
    const expected = { content, text: content, good, bad };
    expect(seen(await newModel(raw).invoke('hi'))).toEqual(expected);
    expect(seen(await joined(newModel(raw).stream('hi')))).toEqual(expected);
    // LangChain's converter of events has content blocks, and no rule for arguments that are no object.
    const ofEvents = seen(await newModel(raw).streamEvents('hi'));
    if (bad.length === 0) expect({ ...ofEvents, content }).toEqual(expected);
  });

  test.each(NO_CHOICES)('choices that are %s: an error that keeps what had arrived', async (_, choices) => {
    answerWith(bare(choices));
    for (const ask of [() => newModel(raw).invoke('hi'), () => joined(newModel(raw).stream('hi')), async () => newModel(raw).streamEvents('hi')]) {
      const error = await failureOf(ask);
      expect(error).toBeInstanceOf(OpenRouterError);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(malformed_response|stream_truncated)$/), partial: { id: 'gen-1', model: 'm/x' } });
    }
  });

  test('the thoughts in the parts of content are the reasoning of an answer', async () => {
    answerWith(message({ content: [{ type: 'thinking', thinking: 'hm' }, { type: 'text', text: 'hello' }] }));
    expect((await newModel(raw).invoke('hi')).additional_kwargs.reasoning_content).toBe('hm');
    expect((await joined(newModel(raw).stream('hi'))).additional_kwargs.reasoning_content).toBe('hm');
  });

  test.each([['null', 'null'], ['a list', '[]'], ['a number', '5'], ['a text', '"x"']])('a body that is %s is no bare TypeError', async (_, text) => {
    raw.script = () => [`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`];
    expect(await failureOf(newModel(raw).invoke('hi'))).toBeInstanceOf(OpenRouterError);
  });
});

describe("LibreChat's class reads answers by these rules, too", () => {
  class BaseClient {}
  const Client = createOpenRouterClient({ BaseClient, completionShape: 'object' });
  const ask = (opts) => new Client('sk-or-v1-limit-whole', { baseURL: raw.baseURL, modelOptions: { model: 'm/x' }, maxRetries: 0 }).sendCompletion([{ role: 'user', content: 'hi' }], opts);

  test.each(WHOLE)('%s', async (_, answer, { content = '', good = [], bad = [] }) => {
    answerWith(answer);
    const { completion, metadata } = await ask();
    const found = (metadata.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({ id, name, args: JSON.parse(args) }));
    expect([completion, found]).toEqual([content, [...good, ...bad.map(({ args, ...rest }) => ({ ...rest, args: JSON.parse(args) }))]]);
    let told = '';
    expect((await ask({ onProgress: (text) => { told += text; } })).completion).toBe(content);
    expect(told).toBe(content);
  });
});
