'use strict';

// The compiler reports the mistakes that users make. Each row has a program with a mistake in it, and the same program without
// it: the first must not compile, the second must.
const { compile } = require('../support/type-programs.js');

const CLIENT = `import { OpenRouterClient, OpenRouterError, createFetch } from 'openrouter-native';
const client = new OpenRouterClient('sk-or-v1-x');
const messages = [{ role: 'user' as const, content: 'Hi' }];
`;
const request = (fields) => `${CLIENT}await client.chatCompletion({ messages, ${fields} });`;
const message = (fields) => `${CLIENT}await client.chatCompletion({ model: 'a/b', messages: [${fields}] });`;
const part = (fields) => message(`{ role: 'user', content: [${fields}] }`);
const created = (fields) => `${CLIENT}new OpenRouterClient({ ${fields} });`;
const completion = (code) => `${CLIENT}const completion = await client.chatCompletion({ model: 'a/b', messages });\n${code}`;
const streamed = (code) => `${CLIENT}const stream = await client.chatCompletion({ model: 'a/b', messages, stream: true });\n${code}`;
const chunks = (code) => streamed(`for await (const chunk of stream) { ${code} }`);

/** What is wrong, the form of the program, and what stands in it: with the mistake, and without. */
const MISTAKES = [
  // Messages.
  ['a misspelt role', message, "{ role: 'asistant', content: 'Hi' }", "{ role: 'assistant', content: 'Hi' }"],
  ['a message without a role', message, "{ content: 'Hi' }", "{ role: 'user', content: 'Hi' }"],
  ['content that is a number', message, "{ role: 'user', content: 42 }", "{ role: 'user', content: '42' }"],
  ['a user message without content', message, "{ role: 'user' }", "{ role: 'user', content: '' }"],
  ['a message that is a string', message, "'Hi'", "{ role: 'user', content: 'Hi' }"],
  ['a tool message without tool_call_id', message, "{ role: 'tool', content: '{}' }", "{ role: 'tool', content: '{}', tool_call_id: 'a' }"],
  ['tool_call_id in a user message', message, "{ role: 'user', content: 'Hi', tool_call_id: 'a' }", "{ role: 'tool', content: 'Hi', tool_call_id: 'a' }"],
  ['tool calls in a user message', message, "{ role: 'user', content: 'Hi', tool_calls: [] }", "{ role: 'assistant', content: 'Hi', tool_calls: [] }"],
  ['a tool call without an id', message, "{ role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f', arguments: '' } }] }", "{ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] }"],
  ['arguments of a tool call as an object', message, "{ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }] }", "{ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] }"],
  ['an image in a system message', message, "{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'x' } }] }", "{ role: 'system', content: [{ type: 'text', text: 'x' }] }"],
  ['messages that are one message', (value) => `${CLIENT}await client.chatCompletion({ model: 'a/b', messages: ${value} });`, 'messages[0]!', 'messages'],
  ['a request without messages', (value) => `${CLIENT}await client.chatCompletion({ ${value} });`, "model: 'a/b'", "model: 'a/b', messages"],
  // Parts of messages.
  ['an unknown type of a part', part, "{ type: 'image', image_url: { url: 'x' } }", "{ type: 'image_url', image_url: { url: 'x' } }"],
  ['an image that is a bare string', part, "{ type: 'image_url', image_url: 'https://x' }", "{ type: 'image_url', image_url: { url: 'https://x' } }"],
  ['a part with the field of another type', part, "{ type: 'text', content: 'x' }", "{ type: 'text', text: 'x' }"],
  ['a sound without its format', part, "{ type: 'input_audio', input_audio: { data: 'x' } }", "{ type: 'input_audio', input_audio: { data: 'x', format: 'wav' } }"],
  ['a misspelt field of a file', part, "{ type: 'file', file: { fileData: 'x' } }", "{ type: 'file', file: { file_data: 'x' } }"],
  ['an unknown detail of an image', part, "{ type: 'image_url', image_url: { url: 'x', detail: 'medium' } }", "{ type: 'image_url', image_url: { url: 'x', detail: 'high' } }"],
  ['an unknown cache_control', part, "{ type: 'text', text: 'x', cache_control: { type: 'permanent' } }", "{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }"],
  // Tools.
  ['a tool without the name of its function', request, "tools: [{ type: 'function', function: { parameters: {} } }]", "tools: [{ type: 'function', function: { name: 'f', parameters: {} } }]"],
  ['a tool whose name stands beside function', request, "tools: [{ type: 'function', name: 'f', parameters: {} }]", "tools: [{ type: 'function', function: { name: 'f', parameters: {} } }]"],
  ['a tool without a type', request, "tools: [{ function: { name: 'f' } }]", "tools: [{ type: 'function', function: { name: 'f' } }]"],
  ['parameters of a tool as text', request, "tools: [{ type: 'function', function: { name: 'f', parameters: '{}' } }]", "tools: [{ type: 'function', function: { name: 'f', parameters: {} } }]"],
  ['parameters of a tool as a list', request, "tools: [{ type: 'function', function: { name: 'f', parameters: ['a'] } }]", "tools: [{ type: 'function', function: { name: 'f', parameters: { a: {} } } }]"],
  ['a schema of zod where JSON Schema belongs', (value) => `import * as z from 'zod';\n${request(`tools: [{ type: 'function', function: { name: 'f', parameters: ${value} } }]`)}`, 'z.object({})', 'z.toJSONSchema(z.object({}))'],
  ['an unknown tool of OpenRouter', request, "tools: [{ type: 'openrouter:websearch' }]", "tools: [{ type: 'openrouter:web_search' }]"],
  ['an unknown parameter of a tool of OpenRouter', request, "tools: [{ type: 'openrouter:web_search', parameters: { maxResults: 1 } }]", "tools: [{ type: 'openrouter:web_search', parameters: { max_results: 1 } }]"],
  ['a misspelt tool_choice', request, "tool_choice: 'any'", "tool_choice: 'required'"],
  ['a tool_choice without the name of the function', request, "tool_choice: { type: 'function' }", "tool_choice: { type: 'function', function: { name: 'f' } }"],
  // Other parameters.
  ['a misspelt parameter', request, 'temprature: 1', 'temperature: 1'],
  ['a parameter in camel case', request, 'maxTokens: 1', 'max_tokens: 1'],
  ['a temperature as text', request, "temperature: '0.5'", 'temperature: 0.5'],
  ['max_tokens as text', request, "max_tokens: '100'", 'max_tokens: 100'],
  ['stream as text', request, "stream: 'true'", 'stream: true'],
  ['models as text', request, "models: 'a/b'", "models: ['a/b']"],
  ['a model that is an object', request, "model: { id: 'a/b' }", "model: 'a/b'"],
  ['stop as a number', request, 'stop: 5', "stop: '5'"],
  ['an unknown response_format', request, "response_format: { type: 'json' }", "response_format: { type: 'json_object' }"],
  ['response_format as text', request, "response_format: 'json_object'", "response_format: { type: 'json_object' }"],
  ['a json_schema without a name', request, "response_format: { type: 'json_schema', json_schema: { schema: {} } }", "response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } }"],
  ['a schema beside json_schema', request, "response_format: { type: 'json_schema', schema: {} }", "response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } }"],
  ['an unknown plugin', request, "plugins: [{ id: 'websearch' }]", "plugins: [{ id: 'web' }]"],
  ['a plugin as text', request, "plugins: ['web']", "plugins: [{ id: 'web' }]"],
  ['an unknown field of a plugin', request, "plugins: [{ id: 'web', max_result: 3 }]", "plugins: [{ id: 'web', max_results: 3 }]"],
  ['a field of another plugin', request, "plugins: [{ id: 'web', pdf: {} }]", "plugins: [{ id: 'file-parser', pdf: {} }]"],
  ['a misspelt provider.sort', request, "provider: { sort: 'cheapest' }", "provider: { sort: 'price' }"],
  ["provider.data_collection 'none'", request, "provider: { data_collection: 'none' }", "provider: { data_collection: 'deny' }"],
  ['provider.zdr as text', request, "provider: { zdr: 'true' }", 'provider: { zdr: true }'],
  ['provider.order as text', request, "provider: { order: 'openai' }", "provider: { order: ['openai'] }"],
  ['a misspelt preference', request, 'provider: { allowFallbacks: false }', 'provider: { allow_fallbacks: false }'],
  ['an unknown kind of price', request, 'provider: { max_price: { input: 1 } }', 'provider: { max_price: { prompt: 1 } }'],
  ['an unknown quantization', request, "provider: { quantizations: ['8bit'] }", "provider: { quantizations: ['int8'] }"],
  ['an unknown reasoning effort', request, "reasoning: { effort: 'maximum' }", "reasoning: { effort: 'max' }"],
  ['an unknown modality', request, "modalities: ['images']", "modalities: ['image']"],
  ['an unknown service_tier', request, "service_tier: 'cheap'", "service_tier: 'flex'"],
  ['metadata that are not texts', request, 'metadata: { a: 1 }', "metadata: { a: '1' }"],
  ['extraBody as text', request, "extraBody: '{}'", 'extraBody: { a_new_parameter: 1 }'],
  // Options of a client and of a call.
  ['a misspelt zdr', created, 'zrd: true', 'zdr: true'],
  ['baseUrl', created, "baseUrl: 'https://x'", "baseURL: 'https://x'"],
  ['timeouts as a number', created, 'timeouts: 5', 'timeouts: { headers: 5 }'],
  ['an unknown limit', created, 'timeouts: { read: 5 }', 'timeouts: { headers: 5 }'],
  ['an unknown dataCollection', created, "dataCollection: 'none'", "dataCollection: 'deny'"],
  ['maxRetries as text', created, "maxRetries: '3'", 'maxRetries: 3'],
  ['a misspelt parameter in modelOptions', created, 'modelOptions: { temprature: 1 }', 'modelOptions: { temperature: 1 }'],
  ['a key that is a number', created, 'apiKey: 42', "apiKey: '42'"],
  ['a key as an option of createFetch', (value) => `${CLIENT}createFetch({ ${value} });`, "apiKey: 'sk-or-v1-x'", 'zdr: true'],
  ['a base URL in a call', request, "baseURL: 'https://x'", 'zdr: true'],
  ['a text for getModels', (value) => `${CLIENT}await client.getModels(${value});`, "'x'", 'true'],
  ['an assignment to a setting', (value) => `${CLIENT}${value}`, 'client.zdr = true;', 'console.log(client.zdr);'],
  // Completions.
  ['a completion that is not awaited', (value) => `${CLIENT}const completion = ${value} client.chatCompletion({ model: 'a/b', messages });\nconsole.log(completion.text);`, '', 'await'],
  ['content that may be null', completion, 'completion.choices[0]!.message.content.trim();', 'completion.text.trim();'],
  ['usage that may be absent', completion, 'completion.usage.total_tokens.toFixed();', 'completion.usage?.total_tokens.toFixed();'],
  ['a delta of a completion', completion, 'completion.choices[0]!.delta.content;', 'completion.choices[0]!.message.content;'],
  ['tool calls that may be absent', completion, 'completion.choices[0]!.message.tool_calls.length;', 'completion.choices[0]!.message.tool_calls?.length;'],
  ['arguments of a tool call as an object', completion, 'completion.choices[0]!.message.tool_calls?.[0]?.function.arguments.city;', 'JSON.parse(completion.choices[0]!.message.tool_calls![0]!.function.arguments).city;'],
  ['reading the chunks of a completion', completion, 'for await (const chunk of completion) console.log(chunk);', 'console.log(completion);'],
  ['a cost that may be absent', completion, 'completion.usage!.cost.toFixed(4);', 'completion.usage!.cost?.toFixed(4);'],
  // Streams.
  ['a message of a chunk', chunks, 'chunk.choices?.[0]?.message.content;', 'chunk.choices?.[0]?.delta.content;'],
  ['choices of a chunk that may be absent', chunks, 'chunk.choices[0]?.delta;', 'chunk.choices?.[0]?.delta;'],
  ['awaiting text()', streamed, 'const text: string = await stream.text();', 'const { text } = await stream.finalCompletion();'],
  ['the choices of a stream', streamed, 'stream.choices;', 'stream.partial.choices;'],
  ['an unknown event', streamed, "stream.on('contents', () => {});", "stream.on('content', () => {});"],
  ['a listener with another argument', streamed, "stream.on('usage', (text: string) => text);", "stream.on('content', (text: string) => text);"],
  ['an error code taken for a number', (value) => `${CLIENT}const error = new OpenRouterError('x');\nconst code: number = error.${value};`, 'code', 'status ?? 0'],
];

const wrong = ([title], index) => `${index} wrong: ${title}`;
const right = ([title], index) => `${index} right: ${title}`;

describe('the compiler', () => {
  let messages;
  beforeAll(() => {
    const programs = MISTAKES.flatMap((row, index) => [[wrong(row, index), row[1](row[2])], [right(row, index), row[1](row[3])]]);
    messages = compile(Object.fromEntries(programs));
  }, 120_000);

  test.each(MISTAKES.map((row, index) => [row[0], wrong(row, index), right(row, index)]))('reports %s', (_, mistake, corrected) => {
    expect(messages[corrected]).toEqual([]);
    expect(messages[mistake]).not.toEqual([]);
  });

  const ofRequests = MISTAKES.map((row, index) => [...row, index]).filter(([, form]) => [request, message, part].includes(form));
  test.each(ofRequests.map((row) => [row[0], wrong(row, row[4])]))('names %s in one message, without a list of overloads', (_, mistake) => {
    expect(messages[mistake]).toHaveLength(1);
    expect(messages[mistake][0]).not.toMatch(/overload/i);
  });
});
