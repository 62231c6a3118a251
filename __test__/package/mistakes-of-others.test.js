'use strict';

// Nine mistakes that `openai`'s types report, and nine that those of `@openrouter/sdk` report: this package's types report each,
// too. Every program is compiled with the mistake and without it, against both packages.
const { compile } = require('../support/type-programs.js');

const OURS = `import { OpenRouterClient } from 'openrouter-native';
const client = new OpenRouterClient('sk-or-v1-x');
`;
const OPENAI = `import OpenAI from 'openai';
const client = new OpenAI({ apiKey: 'sk-or-v1-x' });
`;
const SDK = `import { OpenRouter } from '@openrouter/sdk';
const client = new OpenRouter({ apiKey: 'sk-or-v1-x' });
`;

const ours = (params, then = '') => `${OURS}const answer = await client.chatCompletion({ model: 'a/b', ${params} });\n${then}`;
const openai = (params, then = '') => `${OPENAI}const answer = await client.chat.completions.create({ model: 'a/b', ${params} });\n${then}`;
const sdk = (params, then = '') => `${SDK}const answer = await client.chat.send({ chatRequest: { model: 'a/b', ${params} } });\n${then}`;

const HI = "messages: [{ role: 'user', content: 'Hi' }]";
const withHi = (params) => `${HI}, ${params}`;
const call = (fields) => `messages: [{ role: 'assistant', tool_calls: [{ ${fields} }] }]`;

/** A mistake: what is wrong, then for each of the two packages the program with it and without it. */
const OF_OPENAI = [
  ['a misspelt role', ...both("messages: [{ role: 'asistant', content: 'Hi' }]", HI)],
  ['content that is a number', ...both("messages: [{ role: 'user', content: 42 }]", HI)],
  ['a tool message without tool_call_id', ...both("messages: [{ role: 'tool', content: '{}' }]", "messages: [{ role: 'tool', content: '{}', tool_call_id: 'a' }]")],
  ['an image that is a bare string', ...both("messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'https://x' }] }]", "messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x' } }] }]")],
  ['arguments of a tool call as an object', ...both(call("id: 'a', type: 'function', function: { name: 'f', arguments: {} }"), call("id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }"))],
  ['a tool without the name of its function', ...both(withHi("tools: [{ type: 'function', function: {} }]"), withHi("tools: [{ type: 'function', function: { name: 'f' } }]"))],
  ['a json_schema without a name', ...both(withHi("response_format: { type: 'json_schema', json_schema: { schema: {} } }"), withHi("response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } }"))],
  ['a misspelt tool_choice', ...both(withHi("tool_choice: 'any'"), withHi("tool_choice: 'required'"))],
  ['content that may be null', ...both(HI, HI, 'answer.choices[0]!.message.content.trim();', "answer.choices[0]!.message.content?.trim();")],
];

/** The programs of a mistake for this package and for `openai`, whose parameters have the same names. */
function both(wrong, right, thenWrong = '', thenRight = '') {
  return [[ours(wrong, thenWrong), ours(right, thenRight)], [openai(wrong, thenWrong), openai(right, thenRight)]];
}

const OF_SDK = [
  ['a misspelt role', [ours("messages: [{ role: 'usr', content: 'Hi' }]"), ours(HI)], [sdk("messages: [{ role: 'usr', content: 'Hi' }]"), sdk(HI)]],
  ['a misspelt parameter', [ours(withHi('temprature: 1')), ours(withHi('temperature: 1'))], [sdk(withHi('temprature: 1')), sdk(withHi('temperature: 1'))]],
  ['a temperature as text', [ours(withHi("temperature: '1'")), ours(withHi('temperature: 1'))], [sdk(withHi("temperature: '1'")), sdk(withHi('temperature: 1'))]],
  ['models as text', [ours(withHi("models: 'a/b'")), ours(withHi("models: ['a/b']"))], [sdk(withHi("models: 'a/b'")), sdk(withHi("models: ['a/b']"))]],
  ['stream as text', [ours(withHi("stream: 'true'")), ours(withHi('stream: true'))], [sdk(withHi("stream: 'true'")), sdk(withHi('stream: true'))]],
  ['a misspelt order of providers', [ours(withHi("provider: { sort: 'cheapest' }")), ours(withHi("provider: { sort: 'price' }"))], [sdk(withHi("provider: { sort: 'cheapest' }")), sdk(withHi("provider: { sort: 'price' }"))]],
  ["data collection 'none'", [ours(withHi("provider: { data_collection: 'none' }")), ours(withHi("provider: { data_collection: 'deny' }"))], [sdk(withHi("provider: { dataCollection: 'none' }")), sdk(withHi("provider: { dataCollection: 'deny' }"))]],
  ['an unknown plugin', [ours(withHi("plugins: [{ id: 'websearch' }]")), ours(withHi("plugins: [{ id: 'web' }]"))], [sdk(withHi("plugins: [{ id: 'websearch' }]")), sdk(withHi("plugins: [{ id: 'web' }]"))]],
  ['a misspelt option of the client', [`${OURS}new OpenRouterClient({ apikey: 'x' });`, `${OURS}new OpenRouterClient({ apiKey: 'x' });`], [`${SDK}new OpenRouter({ apikey: 'x' });`, `${SDK}new OpenRouter({ apiKey: 'x' });`]],
];

describe.each([['openai', OF_OPENAI], ['@openrouter/sdk', OF_SDK]])('a mistake that the types of %s report is reported here, too', (name, mistakes) => {
  let messages;
  beforeAll(() => {
    const programs = mistakes.flatMap(([title, [wrong, right], [theirWrong, theirRight]]) => [
      [`${title}: ours, wrong`, wrong], [`${title}: ours, right`, right], [`${title}: theirs, wrong`, theirWrong], [`${title}: theirs, right`, theirRight],
    ]);
    messages = compile(Object.fromEntries(programs));
  }, 180_000);

  test.each(mistakes.map(([title]) => title))('%s', (title) => {
    expect(messages[`${title}: theirs, right`]).toEqual([]);
    expect(messages[`${title}: theirs, wrong`]).not.toEqual([]);
    expect(messages[`${title}: ours, right`]).toEqual([]);
    expect(messages[`${title}: ours, wrong`]).not.toEqual([]);
  });
});
