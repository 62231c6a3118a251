'use strict';

// Without a scenario the emulator reads the question: the tools that it calls, their arguments, and JSON answers fit it.
const { startEmulator } = require('../../emulator');
const { answerTo, ask, textOf } = require('./support/ask.js');

let emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(() => emulator.close());

const text = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };
const object = (properties, required) => ({ type: 'object', properties, ...(required && { required }) });
const tool = (name, properties, required, description) => ({ type: 'function', function: { name, description, parameters: object(properties, required) } });
const messagesOf = (content) => [{ role: 'user', content }];

const weather = tool('get_weather', { city: text, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } }, ['city'], 'The weather of a city');
const news = tool('get_news', { topic: text }, ['topic'], 'The news about a topic');

/** The calls in the answer to a question: the name and arguments of each. */
async function callsFor(question, tools, more) {
  const { message } = (await answerTo(emulator, { messages: messagesOf(question), tools, ...more })).choices[0];
  return (message.tool_calls ?? []).map(({ function: call }) => [call.name, JSON.parse(call.arguments)]);
}

describe('arguments come from the question', () => {
  test.each([
    ['What is the weather in Lisbon?', weather, { city: 'Lisbon' }],
    ['What’s the weather like in São Tomé today, in Fahrenheit?', weather, { city: 'São Tomé', unit: 'fahrenheit' }],
    ['weather in lisbon', weather, { city: 'Lisbon' }],
    ['Is it raining in Paris, France?', weather, { city: 'Paris, France' }],
    ['Add 2 and 3', tool('add', { a: number, b: number }), { a: 2, b: 3 }],
    ['How much is 12 * (3 + 4)?', tool('calculator', { expression: text }), { expression: '12 * (3 + 4)' }],
    ['Book a flight from Rio de Janeiro to New York on 5 June 2027 for two adults and 3 children without breakfast',
      tool('book_flight', { origin: text, destination: text, date: { type: 'string', format: 'date' }, children: integer, adults: integer, breakfast: { type: 'boolean' }, note: text }, ['origin', 'destination', 'date', 'adults', 'breakfast']),
      { origin: 'Rio de Janeiro', destination: 'New York', date: '2027-06-05', children: 3, adults: 2, breakfast: false }],
    ['Email ana@example.com and bob@example.com that "lunch is at noon"',
      tool('send_email', { to: { type: 'array', items: text, description: 'email addresses' }, body: text }, ['to', 'body']),
      { to: ['ana@example.com', 'bob@example.com'], body: 'lunch is at noon' }],
    ['Convert 1,250.50 USD to EUR', tool('convert', { amount: number, from_currency: text, toCurrency: text }), { amount: 1250.5, from_currency: 'USD', toCurrency: 'EUR' }],
    ['Translate "good morning" into French', tool('translate', { text, target_language: text }), { text: 'good morning', target_language: 'French' }],
    ['Find the top 5 articles about Rust', tool('search', { query: text, limit: { type: 'integer', maximum: 20 } }, ['query']), { query: 'Find the top 5 articles about Rust', limit: 5 }],
    ['Where is order #1234?', tool('track', { order_id: text }), { order_id: '#1234' }],
    ['Remind me on 2027-03-01 at 3 pm', tool('remind', { when: text, time: text }), { when: '2027-03-01', time: '15:00' }],
    ['Open https://example.com/a?b=c.', tool('browse', { url: { type: 'string', format: 'uri' } }), { url: 'https://example.com/a?b=c' }],
    ['An urgent bug, please', tool('file', { kind: { enum: ['feature', 'bug'] }, urgent: { type: 'boolean' }, owner: { anyOf: [text, { type: 'null' }] } }), { kind: 'bug', urgent: true, owner: null }],
    ['Ship it to Lisbon', { type: 'function', function: { name: 'ship', parameters: { ...object({ to: { $ref: '#/$defs/address' } }), $defs: { address: object({ city: text }) } } } }, { to: { city: 'Lisbon' } }],
  ])('%s', async (question, one, expected) => {
    expect(await callsFor(question, [one])).toEqual([[one.function.name, expected]]);
  });

  test('what the question does not say fits the schema all the same', async () => {
    const schema = object({
      when: { type: 'string', format: 'date-time' }, mail: { type: 'string', format: 'email' }, level: { enum: ['low', 'high'] }, count: { type: 'integer', minimum: 3 },
      share: { type: 'number', maximum: 1 }, list: { type: 'array', items: integer, minItems: 2 }, part: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
      above: { type: 'integer', exclusiveMinimum: 7 }, below: { type: 'integer', maximum: -3 }, short: { type: 'string', maxLength: 4 }, fixed: { const: 7 }, preset: { type: 'string', default: 'x' },
      both: { allOf: [object({ a: integer }), object({ b: integer })] }, none: { type: 'array', items: integer, maxItems: 0 }, loop: { $ref: '#/properties/loop' },
    });
    const [[, values]] = await callsFor('Do it', [{ type: 'function', function: { name: 'do', parameters: schema } }]);
    expect(values).toMatchObject({ level: 'low', count: 3, share: 1, list: [1, 1], part: 0.5, above: 8, below: -3, short: 'Do i', fixed: 7, preset: 'x', both: { a: 1, b: 1 }, none: [] });
    expect([Date.parse(values.when) > 0, /@/.test(values.mail)]).toEqual([true, true]);
  });
});

test('a schema that contains itself ends', async () => {
  const node = object({ name: text, children: { type: 'array', items: { $ref: '#/$defs/node' } }, other: { $ref: '#/$defs/node' } }, ['name', 'children']);
  const parameters = { ...object({ tree: { $ref: '#/$defs/node' }, all: { type: 'array', items: { $ref: '#' } } }, ['tree', 'all']), $defs: { node } };
  const [[, values]] = await callsFor('Alice and Bob', [{ type: 'function', function: { name: 'grow', parameters } }]);
  expect(values.tree).toMatchObject({ name: 'Alice', children: [{ name: 'Alice' }, { name: 'Bob' }] });
});

describe('the tools that are called', () => {
  test('two cities are two calls of one tool, unless parallel calls are off or the tool takes a list', async () => {
    const question = 'Compare the weather in Lisbon and Porto';
    const both = [['get_weather', { city: 'Lisbon' }], ['get_weather', { city: 'Porto' }]];
    expect(await callsFor(question, [news, weather])).toEqual(both);
    expect(await callsFor(question, [weather], { parallel_tool_calls: false })).toEqual(both.slice(0, 1));
    expect(await callsFor(question, [tool('get_weather', { cities: { type: 'array', items: text } })])).toEqual([['get_weather', { cities: ['Lisbon', 'Porto'] }]]);
  });

  test('the question chooses among the tools, by their names and then by their descriptions', async () => {
    const tools = [weather, news, tool('compute', { expression: text }, undefined, 'Calculates sums and products')];
    expect((await callsFor('What is the weather in Lisbon and the news about bees?', tools))).toEqual([['get_weather', { city: 'Lisbon' }], ['get_news', { topic: 'bees' }]]);
    expect((await callsFor('Calculate 2 + 2', tools))).toEqual([['compute', { expression: '2 + 2' }]]);
  });

  test('tool_choice is honoured', async () => {
    const named = (name) => ({ tool_choice: { type: 'function', function: { name } } });
    const question = 'The weather in Lisbon?';
    expect(await callsFor(question, [weather, news], { tool_choice: 'none' })).toEqual([]);
    expect(await callsFor(question, [weather, news], named('get_news'))).toEqual([['get_news', { topic: 'The weather in Lisbon?' }]]);
    const refused = await ask(emulator, { messages: messagesOf(question), tools: [weather], ...named('get_nothing') });
    expect([refused.status, (await refused.json()).error.message]).toEqual([400, 'tool_choice names the function "get_nothing", which is not in tools']);
    const results = [...messagesOf(question), { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'get_weather', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'a', content: '21 °C' }];
    expect(await textOf(emulator, { messages: results, tools: [weather] })).toContain('21 °C');
    const again = await answerTo(emulator, { messages: results, tools: [weather], tool_choice: 'required' });
    expect(again.choices[0].message.tool_calls).toMatchObject([{ id: 'call_emulator_2', function: { arguments: '{"city":"Lisbon"}' } }]);
  });

  test('the answer uses all results of the tools', async () => {
    const messages = [...messagesOf('Compare'), { role: 'tool', tool_call_id: 'a', content: '21 °C' }, { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: '19 °C' }] }];
    expect(await textOf(emulator, { messages })).toMatch(/21 °C.*19 °C/);
  });

  test('a stream has the same calls', async () => {
    const response = await ask(emulator, { messages: messagesOf('Compare the weather in Lisbon and Porto'), tools: [weather], stream: true });
    const pieces = (await response.text()).split('\n\n').filter((part) => part.startsWith('data: {')).flatMap((part) => JSON.parse(part.slice(6)).choices[0].delta.tool_calls ?? []);
    const joined = (index) => pieces.filter((piece) => piece.index === index).map((piece) => piece.function.arguments).join('');
    expect([joined(0), joined(1)]).toEqual(['{"city":"Lisbon"}', '{"city":"Porto"}']);
  });
});

test.each([
  ['Alice is 30 and lives in Paris', object({ name: text, age: integer, city: text }), { name: 'Alice', age: 30, city: 'Paris' }],
  ['Alice is 30, Bob is 25', object({ people: { type: 'array', items: object({ name: text, age: integer }) } }), { people: [{ name: 'Alice', age: 30 }, { name: 'Bob', age: 25 }] }],
  ['Tell me about bees', object({ n: integer, tags: { type: 'array', items: text } }), { n: 1, tags: ['Tell me about bees'] }],
  ['Rate this: great, 5 stars', object({ sentiment: { enum: ['bad', 'great'] }, stars: integer }), { sentiment: 'great', stars: 5 }],
])('response_format json_schema: %s', async (question, schema, expected) => {
  const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
  expect(JSON.parse(await textOf(emulator, { messages: messagesOf(question), response_format: format }))).toEqual(expected);
});
