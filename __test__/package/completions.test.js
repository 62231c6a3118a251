'use strict';

// What an editor proposes while a program is written, by TypeScript's language service. `|` is the cursor.
const openrouter = require('../..');
const { editor } = require('../support/type-programs.js');

const CLIENT = `import { OpenRouterClient, OpenRouterError, createFetch } from 'openrouter-native';
import type { ErrorCode } from 'openrouter-native';
const client = new OpenRouterClient('sk-or-v1-x');
const messages = [{ role: 'user' as const, content: 'Hi' }];
`;
const request = (fields) => `${CLIENT}await client.chatCompletion({ messages, ${fields} });`;
const message = (fields) => `${CLIENT}await client.chatCompletion({ messages: [${fields}] });`;
const completion = (code) => `${CLIENT}const completion = await client.chatCompletion({ messages });\n${code}`;
const streamed = (code) => `${CLIENT}const stream = await client.chatCompletion({ messages, stream: true });\n${code}`;
const chunks = (code) => streamed(`for await (const chunk of stream) { ${code} }`);
const caught = (code) => `${CLIENT}try { await client.getModels(); } catch (error) { if (error instanceof OpenRouterError) { ${code} } }`;

const OPTIONS = ['apiKey', 'baseURL', 'siteUrl', 'siteName', 'modelOptions', 'autoRouter', 'zdr', 'dataCollection', 'headers', 'proxy', 'ca', 'timeouts', 'maxRetries', 'cache', 'rateLimit', 'logger'];
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const PARTS = ['text', 'image_url', 'input_audio', 'video_url', 'file'];
const EFFORTS = ['max', 'xhigh', 'high', 'medium', 'low', 'minimal', 'none'];
const EVENTS = ['model', 'content', 'reasoning', 'fallback', 'usage', 'end', 'error'];
const FORMATS = ['text', 'json_object', 'json_schema', 'grammar', 'python'];

/** Where the cursor is, the program, and the whole list that the editor proposes. */
const WHOLE = [
  ['the role of a message', message("{ role: '|' }"), ROLES],
  ['the type of a part of a user message', message("{ role: 'user', content: [{ type: '|' }] }"), PARTS],
  ['the type of a part of a system message', message("{ role: 'system', content: [{ type: '|' }] }"), ['text']],
  ['the fields of an image', message("{ role: 'user', content: [{ type: 'image_url', image_url: { | } }] }"), ['url', 'detail']],
  ['the detail of an image', message("{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x', detail: '|' } }] }"), ['auto', 'low', 'high', 'original']],
  ['the fields of a tool message', message("{ role: 'tool', | }"), ['tool_call_id', 'content', 'name']],
  ['the lifetime of a cached prefix', request("cache_control: { type: 'ephemeral', ttl: '|' }"), ['5m', '1h']],
  ['the fields of a function', request("tools: [{ type: 'function', function: { | } }]"), ['name', 'description', 'parameters', 'strict']],
  ['response_format.type', request("response_format: { type: '|' }"), FORMATS],
  ['the fields of json_schema', request("response_format: { type: 'json_schema', json_schema: { | } }"), ['name', 'description', 'schema', 'strict']],
  ['the id of a plugin', request("plugins: [{ id: '|' }]"), [
    'auto-router', 'auto-beta-router', 'jev-router', 'pareto-router', 'switchyard-router', 'fusion', 'web', 'web-fetch', 'file-parser', 'response-healing',
    'context-compression', 'moderation', 'alignment', 'armor',
  ]],
  ['the fields of the plugin web', request("plugins: [{ id: 'web', | }]"), [
    'enabled', 'engine', 'exclude_domains', 'include_domains', 'max_results', 'max_uses', 'mode', 'search_prompt', 'user_location', 'x_search',
  ]],
  ['the PDF engine', request("plugins: [{ id: 'file-parser', pdf: { engine: '|' } }]"), ['mistral-ocr', 'cloudflare-ai', 'native', 'pdf-text']],
  ['the preferences of providers', request('provider: { | }'), [
    'order', 'only', 'ignore', 'allow_fallbacks', 'require_parameters', 'data_collection', 'zdr', 'enforce_distillable_text', 'quantizations', 'sort',
    'max_price', 'preferred_min_throughput', 'preferred_max_latency', 'options',
  ]],
  ['provider.sort', request("provider: { sort: '|' }"), ['price', 'throughput', 'latency', 'exacto']],
  ['provider.data_collection', request("provider: { data_collection: '|' }"), ['allow', 'deny']],
  ['reasoning.effort', request("reasoning: { effort: '|' }"), EFFORTS],
  ['a modality', request("modalities: ['|']"), ['text', 'image', 'audio']],
  ['the service tier', request("service_tier: '|'"), ['auto', 'default', 'fast', 'flex', 'priority', 'scale', 'ultrafast']],
  ['the limits of timeouts', `${CLIENT}new OpenRouterClient({ timeouts: { | } });`, ['connect', 'headers', 'idle', 'total']],
  ['dataCollection', `${CLIENT}new OpenRouterClient({ dataCollection: '|' });`, ['deny', 'allow']],
  ['the name of an event', streamed("stream.on('|', () => {});"), EVENTS],
  ['the options of stop()', streamed('stream.stop({ | });'), ['drain']],
  ['the members of a model switch', streamed('stream.modelSwitch?.|'), ['from', 'to']],
  ['why an answer ended', completion("if (completion.choices[0]?.finish_reason === '|') {}"), ['stop', 'length', 'tool_calls', 'content_filter', 'error', 'function_call']],
  ['the members of credits', `${CLIENT}(await client.getCredits()).|`, ['balance', 'currency', 'usage', 'total', 'source']],
];

/** Where the cursor is, the program, and what must be proposed there and what must not. */
const PARTIAL = [
  ['tool_choice', request("tool_choice: '|'"), ['none', 'auto', 'required'], ['any']],
  ['the type of a tool', request("tools: [{ type: '|' }]"), ['function', 'openrouter:web_search', 'openrouter:datetime', 'openrouter:image_generation'], ['web']],
  ['the parameters of a request', `${CLIENT}await client.chatCompletion({ | });`, ['messages', 'model', 'models', 'stream', 'tools', 'response_format', 'provider', 'plugins', 'reasoning', 'signal', 'zdr', 'extraBody'], ['apiKey', 'baseURL', 'req']],
  ['the parameters of a request that streams', `${CLIENT}await client.chatCompletion({ messages, stream: true, | });`, ['model', 'onProgress', 'temperature'], ['messages', 'stream']],
  ['the parameters in modelOptions', `${CLIENT}new OpenRouterClient({ modelOptions: { | } });`, ['model', 'temperature', 'max_tokens', 'provider', 'extraBody'], ['messages', 'signal']],
  ['the members of a client', `${CLIENT}client.|`, ['chatCompletion', 'getModels', 'getCredits', 'getGeneration', 'usage', 'actualModelUsed'], []],
  ['the members of a completion', completion('completion.|'), ['text', 'choices', 'usage', 'model', 'provider', 'id', '_metadata'], []],
  ['the members of a message', completion('completion.choices[0]?.message.|'), ['role', 'content', 'tool_calls', 'reasoning', 'images', 'annotations', 'refusal'], ['delta']],
  ['the members of a usage', completion('completion.usage?.|'), ['prompt_tokens', 'completion_tokens', 'total_tokens', 'cost', 'is_byok'], ['promptTokens']],
  ['the members of a delta', chunks('chunk.choices?.[0]?.delta.|'), ['content', 'reasoning', 'tool_calls', 'role'], ['message']],
  ['the members of a stream', streamed('stream.|'), ['text', 'finalCompletion', 'on', 'abort', 'stop', 'partial', 'usage', 'cost', 'model', 'fallback', 'metrics', 'toReadableStream'], ['choices', 'then']],
  ['the members of an error', caught('error.|'), ['code', 'status', 'message', 'retryAfter', 'attempts', 'partial', 'requestId', 'generationId'], []],
  ['the code of an error', caught("if (error.code === '|') {}"), [
    'invalid_request', 'invalid_api_key', 'insufficient_credits', 'forbidden', 'moderation', 'not_found', 'no_endpoints', 'timeout', 'rate_limited',
    'overloaded', 'connection_failed', 'aborted', 'stream_truncated', 'missing_api_key', 'invalid_option', 'privacy_not_possible',
  ], ['AbortError', 'unauthorized']],
  ['the options of createFetch', `${CLIENT}createFetch({ | });`, ['zdr', 'dataCollection', 'onUsage', 'onModel', 'proxy', 'timeouts'], ['apiKey', 'req']],
];

describe('the editor proposes', () => {
  let propose;
  beforeAll(() => { propose = editor(); });

  test.each(WHOLE)('exactly the known values for %s', (_, program, names) => {
    expect(propose(program).sort()).toEqual([...names].sort());
  });

  test.each(PARTIAL)('%s', (_, program, names, wrong) => {
    const proposed = propose(program);
    expect(proposed).toEqual(expect.arrayContaining(names));
    expect(proposed.filter((name) => wrong.includes(name))).toEqual([]);
  });

  test.each([
    ['alone', 'new OpenRouterClient({ | });'],
    ['after a key', "new OpenRouterClient('sk-or-v1-x', { | });"],
    ['while a name is typed', 'new OpenRouterClient({ si| });'],
  ])("the options of a client without LibreChat's: %s", (_, code) => {
    const proposed = propose(CLIENT + code);
    expect(proposed).toEqual(expect.arrayContaining(code.includes("'") ? OPTIONS.slice(1) : OPTIONS));
    expect(proposed.filter((name) => ['req', 'res', 'endpointOption', 'openRouterApiKey'].includes(name))).toEqual([]);
  });

  test('what the package exports, and no helper types', () => {
    const proposed = propose("import { | } from 'openrouter-native';");
    expect(proposed).toEqual(expect.arrayContaining([...Object.keys(openrouter), 'ChatMessage', 'ChatCompletionParams', 'ErrorCode', 'LibreChatOptions']));
    expect(proposed.filter((name) => ['Open', 'Switches', 'PartSettings', 'SchemaOfJSON'].includes(name))).toEqual([]);
  });
});
