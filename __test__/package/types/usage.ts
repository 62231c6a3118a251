// Uses the types of everything that the package exports. Compiled by `npx tsc -p __test__/package/types`, never run; each
// line below `@ts-expect-error` is a mistake that the compiler must report.
import {
  Budget,
  ChatCompletionStream,
  OpenRouterClient,
  OpenRouterError,
  clearCache,
  createFetch,
  creditLevel,
  defineTool,
  explainPrivacy,
  getStats,
  modelInfo,
} from 'openrouter-native';
import type {
  CallPromise,
  Capability,
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionParams,
  ChatMessage,
  CompletionMetadata,
  CreditLevel,
  Credits,
  ErrorCode,
  Fallback,
  FinalCompletion,
  Generation,
  LibreChatOptions,
  Model,
  ModelInfo,
  OpenRouterClientOptions,
  PartialCompletion,
  Stats,
  StreamMetrics,
  Usage,
} from 'openrouter-native';

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

// ---------------------------------------------------------------------------------------------------------- clients
const options: OpenRouterClientOptions = {
  apiKey: 'sk-or-v1-x',
  baseURL: 'http://127.0.0.1:8787/api/v1',
  allowInsecureHttp: false,
  siteUrl: process.env['DOMAIN_CLIENT'],
  siteName: null,
  modelOptions: { model: 'openai/gpt-5-mini', temperature: 0.2, zdr: true, extraBody: { some_new_parameter: { nested: [1] } } },
  autoRouter: false,
  zdr: true,
  dataCollection: 'deny',
  headers: { 'X-A': 'b', 'X-Gone': null },
  modelsPerRequest: 3,
  routerMetadata: true,
  proxy: 'socks5://user:password@localhost:1080',
  ca: [new Uint8Array(), 'PEM'],
  timeouts: { connect: 5000, headers: null, idle: 60_000, total: Infinity },
  maxRetries: 0,
  cache: { creditsTTL: 0, modelsTTL: 60_000 },
  maxEventBytes: 1024,
  maxResponseBytes: 1024,
  rateLimit: { requestsPerMinute: 20 },
  logger: console,
};
const fromLibreChat: LibreChatOptions = {
  ...options,
  openRouterApiKey: 'sk-or-v1-x',
  endpointOption: { autoRouter: true, modelOptions: { zdr: true }, endpoint: 'OpenRouter' },
  req: {},
  res: {},
};
new OpenRouterClient();
new OpenRouterClient('sk-or-v1-x');
new OpenRouterClient(null, { headers: new Headers({ a: 'b' }) });
new OpenRouterClient('sk-or-v1-x', { headers: [['a', 'b']], logger: false, ca: 'PEM' });
new OpenRouterClient(fromLibreChat);
new OpenRouterClient('sk-or-v1-x', { req: {}, res: {}, zdr: true });
const client = new OpenRouterClient(options);

// @ts-expect-error a key is a string
new OpenRouterClient(42);
// @ts-expect-error apikey is not an option
new OpenRouterClient({ apikey: 'sk-or-v1-x' });
// @ts-expect-error milliseconds are numbers
new OpenRouterClient({ timeouts: { idle: '5s' } });
// @ts-expect-error read is not a timeout
new OpenRouterClient({ timeouts: { read: 5 } });
// @ts-expect-error dataCollection is 'deny' or 'allow'
new OpenRouterClient({ dataCollection: 'maybe' });
// @ts-expect-error zdr is a boolean
new OpenRouterClient({ zdr: 'true' });
// @ts-expect-error a header's value is not an object
new OpenRouterClient({ headers: { a: {} } });

same<typeof client.apiKey, string>(true);
same<typeof client.options, LibreChatOptions>(true);
same<typeof client.siteUrl, string | undefined>(true);
same<typeof client.usage, Usage | null>(true);
const settings: [string, string | undefined, boolean, boolean, number, number] = [
  client.baseURL, client.siteName, client.autoRouter, client.zdr, client.cacheSettings.creditsTTL, client.cacheSettings.modelsTTL,
];
const keys: [string, string, string | null, string | null] = [client.inputTokensKey, client.outputTokensKey, client.actualModelUsed, client.getActualModelUsed()];
const authorization: string | undefined = client.buildHeaders()['Authorization'];
const model: string | null | undefined = client.modelOptions.model;
client.toJSON();
// @ts-expect-error settings are read-only
client.modelOptions = { model: 'a/b' };
// @ts-expect-error settings are read-only
client.zdr = false;
// @ts-expect-error settings are read-only
client.apiKey = 'sk-or-v1-y';
client.usage = null;

class Mine extends OpenRouterClient {
  constructor(readonly user: string) {
    super(null, { logger: { warn: (message: string) => message.length } });
  }

  override getCredits(forceRefresh = false): CallPromise<Credits> {
    return super.getCredits(forceRefresh);
  }
}
const mine: OpenRouterClient = new Mine('u');

mine.chatCompletion({ messages: [] }, { signal: AbortSignal.timeout(5), headers: new Headers(), timeouts: { total: 5 }, maxRetries: 0 });
mine.getModels({ force: true, signal: null });
mine.getGeneration('gen-1', { timeouts: { total: 5 }, headers: { 'X-A': 'b' } });
// @ts-expect-error the options of a call are known
mine.chatCompletion({ messages: [] }, { timeout: 5 });
// @ts-expect-error force is a boolean
mine.getModels({ force: 'true' });

// --------------------------------------------------------------------------------------------------------- requests
const history: ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,' } }] },
  { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } }] },
  { role: 'tool', tool_call_id: 'call_1', content: '{}' },
];
const params = {
  messages: history,
  model: 'openai/gpt-5-mini',
  models: ['anthropic/claude-sonnet-4.5'],
  provider: { order: ['openai'], zdr: true, sort: 'price', max_price: { prompt: 1, completion: '2' } },
  plugins: [{ id: 'web', max_results: 3 }],
  tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }, { type: 'openrouter:web_search' }],
  tool_choice: { type: 'function', function: { name: 'weather' } },
  response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } },
  reasoning: { effort: 'high' },
  extraBody: { a_parameter_of_next_year: true },
} satisfies ChatCompletionParams;

async function requests(signal: AbortSignal): Promise<void> {
  const completion = await client.chatCompletion({ ...params, signal, autoRouter: true, zdr: true, timeouts: { total: 1000 }, maxRetries: 1, headers: { a: 'b' } });
  same<typeof completion, ChatCompletion>(true);
  const plain = await client.chatCompletion({ messages: history, stream: false });
  same<typeof plain, ChatCompletion>(true);
  const stream = await client.chatCompletion({ messages: history, stream: true, onProgress: (text) => text.toUpperCase() });
  same<typeof stream, ChatCompletionStream>(true);
  const either = await client.chatCompletion({ messages: history, stream: Math.random() > 0.5 });
  same<typeof either, ChatCompletion | ChatCompletionStream>(true);
  if (either instanceof ChatCompletionStream) await either.stop();
  else console.log(either.usage);

  const [choice] = completion.choices;
  const text: string = completion.text;
  const content: string | null | undefined = choice?.message.content;
  const calls = choice?.message.tool_calls?.map((call) => JSON.parse(call.function.arguments) as unknown);
  const metadata: CompletionMetadata | undefined = completion._metadata;
  const future: unknown = completion['a_field_of_next_year'];
  if (choice?.finish_reason === 'length' || choice?.finish_reason === 'a_new_reason') console.log(text, content, calls, metadata?.attempts[0]?.provider, future);
  if (choice) await client.chatCompletion({ messages: [...history, choice.message, { role: 'tool', tool_call_id: 'call_1', content: '{}' }] });

  // @ts-expect-error messages are required
  await client.chatCompletion({ model: 'a/b' });
  // @ts-expect-error a message is not a string
  await client.chatCompletion({ messages: ['Hi'] });
  // @ts-expect-error a temperature is a number
  await client.chatCompletion({ messages: history, temperature: 'hot' });
  // @ts-expect-error models are a list
  await client.chatCompletion({ messages: history, models: 'a/b' });
  // @ts-expect-error onProgress takes text
  await client.chatCompletion({ messages: history, stream: true, onProgress: (count: number) => count });
  // @ts-expect-error a completion without stream has no chunks
  for await (const chunk of completion) console.log(chunk);
  // @ts-expect-error a choice may be undefined
  console.log(completion.choices[0].message);
}

// ---------------------------------------------------------------------------------------------------------- streams
async function streams(): Promise<void> {
  const open = () => client.chatCompletion({ ...params, stream: true });
  for await (const chunk of await open()) {
    same<typeof chunk, ChatCompletionChunk>(true);
    const delta = chunk.choices?.[0]?.delta;
    const pieces: Array<string | null | undefined> = [delta?.content, delta?.reasoning, delta?.tool_calls?.[0]?.function?.arguments];
    console.log(pieces, chunk.usage?.cost, delta?.['a_field_of_next_year']);
    // @ts-expect-error the chunk with the usage may have no choices
    console.log(chunk.choices[0]);
  }
  for await (const text of (await open()).text()) console.log(text.length);

  const stream = await open();
  const iterator = stream[Symbol.asyncIterator]();
  const step = await iterator.next();
  if (!step.done) console.log(step.value.id);
  await iterator.return();

  const ids: Array<string | null> = [stream.id, stream.generationId, stream.model, stream.provider, stream.finishReason];
  const costs: Array<number | null> = [stream.cost, stream.totalCost];
  const requested: string = stream.requestedModel;
  same<typeof stream.usage, Usage | null>(true);
  same<typeof stream.fallback, Fallback | null>(true);
  same<typeof stream.metrics, StreamMetrics>(true);
  same<typeof stream.partial, PartialCompletion>(true);
  const response = new Response(stream.body);
  const readable: ReadableStream<Uint8Array> = stream.toReadableStream();
  console.log(ids, costs, requested, response, readable, stream.metrics.tokensPerSecond, stream.partial.choices[0]?.message.content);

  stream
    .on('model', (name) => name.length)
    .on('content', (text) => text.length)
    .once('reasoning', (text) => text.length)
    .on('fallback', ({ from, to, reason, attempts }) => [from, to, reason, attempts])
    .on('usage', (usage) => usage.total_tokens)
    .on('end', () => {})
    .off('error', (error) => error.partial?.choices);
  const final = await stream.finalCompletion();
  same<typeof final, FinalCompletion>(true);
  console.log(final._metadata.stopKind);
  stream.abort(new Error('enough'));
  const usage: Usage | null = await stream.stop({ drain: true });
  await stream[Symbol.asyncDispose]();
  console.log(usage);

  // @ts-expect-error data is not an event
  stream.on('data', () => {});
  // @ts-expect-error content is text
  stream.on('content', (count: number) => count);
  // @ts-expect-error the end event has no value
  stream.on('end', (value) => value);
  // @ts-expect-error usage is read-only
  stream.usage = null;
  // @ts-expect-error a cost may be null
  stream.cost.toFixed(2);
  // @ts-expect-error the constructor is private
  new ChatCompletionStream();
}

// ----------------------------------------------------------------------------------------------- credits and models
async function lists(signal: AbortSignal): Promise<void> {
  const credits = await client.getCredits(true, { signal });
  same<typeof credits, Credits>(true);
  const source: 'credits' | 'key' = credits.source;
  const currency: 'USD' = credits.currency;
  const level: CreditLevel = creditLevel(credits.balance);
  console.log(credits.usage?.toFixed(2), credits.total?.toFixed(2), source, currency, level, creditLevel(undefined));
  // @ts-expect-error a balance may be null
  credits.balance.toFixed(2);
  // @ts-expect-error source is read-only
  credits.source = 'key';
  // @ts-expect-error a balance is a number
  creditLevel('5');

  const models = await client.getModels(false, { signal });
  await client.getModels(false, { signal: { aborted: false, onabort: null } });
  // @ts-expect-error no signal
  await client.getModels(false, { signal: { aborted: false } });
  same<typeof models, Model[]>(true);
  models.sort((a, b) => a.created - b.created);
  const [first] = models;
  if (first) {
    const info: ModelInfo = modelInfo(first);
    const capabilities: Capability[] = info.capabilities;
    console.log(info.contextLength, info.maxOutput, info.promptPrice, info.completionPrice, info.free, capabilities, first['a_field_of_next_year']);
    const price: string = first.pricing.prompt;
    const inputs: readonly string[] = first.architecture.input_modalities;
    console.log(price, inputs, first.top_provider.max_completion_tokens);
    // @ts-expect-error models are read-only, because callers share them
    first.id = 'mine';
    // @ts-expect-error the lists of a model are read-only too
    first.supported_parameters.push('mine');
    // @ts-expect-error a price may be null
    info.promptPrice.toFixed(6);
  }
  modelInfo({ id: 'a/b' });
  modelInfo(null);

  const generation: Generation = await client.getGeneration('gen-1', { signal });
  console.log(generation.total_cost.toFixed(6), generation.cancelled);
  // @ts-expect-error an id is required
  await client.getGeneration();
  // @ts-expect-error the last argument is an object
  await client.getCredits(false, signal.reason as string);
}

const privacy = explainPrivacy({ url: '/responses', body: { model: 'a/b', input: 'Hi' }, zdr: true, dataCollection: 'deny' });
const action: 'merge' | 'pass' | 'refuse' = privacy.action;
console.log(privacy.endpoint, privacy.floors.zdr, privacy.floors.dataCollection, action, privacy.reason, privacy.uncovered.join(), privacy.body?.['provider']);
// @ts-expect-error dataCollection is 'deny' or 'allow'
explainPrivacy({ dataCollection: 'no' });
clearCache();
clearCache('sk-or-v1-x');
// @ts-expect-error clearCache takes a key, not a client
clearCache(client);
const stats: Stats = getStats();
const counters: number[] = [
  stats.activeStreams, stats.requests, stats.retries, stats.credits.hits, stats.credits.misses, stats.models.coalesced,
  stats.models.backgroundRefreshes, stats.models.staleServed,
];

// ------------------------------------------------------------------------------------------------------------ fetch
async function fetches(): Promise<void> {
  const fetcher: typeof fetch = createFetch({
    autoRouter: true,
    zdr: true,
    dataCollection: 'deny',
    proxy: 'http://localhost:3128',
    timeouts: { connect: 5000 },
    onModel: (name) => name.length,
    onUsage: (usage) => usage.cost,
    onFallback: ({ from, to }) => [from, to],
    onError: (error) => error.code,
  });
  const response = await fetcher(new URL('https://openrouter.ai/api/v1/models'), { method: 'GET' });
  createFetch();
  // @ts-expect-error createFetch takes no key: each request has its own
  createFetch({ apiKey: 'sk-or-v1-x' });
  console.log(response.status);
}

// --------------------------------------------------------------------------------------------------- other endpoints
async function endpoints(client: OpenRouterClient): Promise<unknown[]> {
  const response = await client.responses({ model: 'a/b', input: 'Hi' }, { zdr: true, responseCache: false });
  const stream = await client.responses({ model: 'a/b', input: 'Hi', stream: true });
  for await (const event of stream) event.delta?.trim();
  const message = await (await client.messages({ model: 'a/b', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }], stream: true })).finalMessage();
  const { data } = await client.embeddings({ model: 'a/b', input: ['x'] }, { batchSize: 100 });
  const vector: Float32Array | undefined = data[0]?.embedding;
  const numbers: number[] | undefined = (await client.embeddings({ model: 'a/b', input: 'x', encoding_format: 'float' })).data[0]?.embedding;
  const sound: ArrayBuffer = await (await client.speech({ model: 'a/b', input: 'Hi' })).arrayBuffer();
  const text: string = (await client.transcription({ model: 'a/b', file: new Uint8Array(), format: 'wav' })).text;
  const job = await client.videos({ model: 'a/b', prompt: 'x' }, { interval: 10, onProgress: ({ status }) => status.length });
  const { key } = await client.keys.create({ name: 'n' });
  const named: string | null | undefined = await client.request('GET', '/x', { stream: true }).then(async (events) => { for await (const { event } of events) return event; return undefined; });
  const bytes: Uint8Array = await client.request('GET', '/x', { as: 'bytes' });
  const typed = await client.request<{ count: number }>('GET', '/models/count', { query: { output_modalities: ['image'] } });
  // @ts-expect-error a response is no message
  response.content.length;
  // @ts-expect-error the input is required
  client.responses({ model: 'a/b' });
  // @ts-expect-error a misspelt setting
  client.rerank({ model: 'a/b', query: 'x', documents: [] }, { timeout: 5 });
  // @ts-expect-error a transcription needs sound
  client.transcription({ model: 'a/b' });
  // @ts-expect-error presets are only read
  client.presets.create({ name: 'x' });
  // @ts-expect-error a ttl is a number
  client.getKey({ responseCache: { ttl: '5' } });
  return [response.output_text, message.content, vector, numbers, sound, text, job.status, key, named, bytes, typed.count, (await client.getEndpoints('a/b')).endpoints[0]?.latency_last_30m?.p50];
}

// ------------------------------------------------------------------------------------------------ calls with responses
async function responses(): Promise<unknown[]> {
  const client = new OpenRouterClient('sk-or-v1-x');
  const { data, response, requestId, rateLimit, cache } = await client.getModels().withResponse();
  const streamed = await client.chatCompletion({ model: 'a/b', messages: [], stream: true }).withResponse();
  for await (const text of streamed.data.text()) text.trim();
  const plain: Promise<string> = client.getModels().then((models) => models[0]?.id ?? '');
  // @ts-expect-error a derived promise is a plain one
  plain.withResponse();
  // @ts-expect-error a cached value has no response
  response.status.toFixed();
  return [data[0]?.id, response?.headers.get('x'), requestId?.length, rateLimit?.reset?.getTime(), cache?.hit, streamed.generationId];
}

// ----------------------------------------------------------------------------------------------------------- errors
function explain(error: unknown): string {
  if (!(error instanceof OpenRouterError)) return String(error);
  const asError: Error = error;
  const code: ErrorCode = error.code;
  switch (code) {
    case 'insufficient_credits': return error.message;
    case 'rate_limited': return `again in ${(error.retryAfter ?? 0) / 1000} s`;
    case 'timeout': return `${error.phase}`;
    case 'a_code_of_next_year': return error.name;
    default:
  }
  const text = error.partial?.choices[0]?.message.content;
  const all: unknown[] = [
    error.status, error.statusText, error.errorType, error.provider, error.generationId, error.requestId, error.errno, error.data,
    error.metadata?.['reasons'], error.cause, error.stack, error.attempts?.[0]?.model,
  ];
  const { name, message, cause } = error.toJSON();
  // @ts-expect-error a status may be undefined
  error.status.toFixed();
  return [asError, text, all, name, message, cause].join();
}
const made = new OpenRouterError('It failed.', { code: 'invalid_request', status: 400, cause: new Error('why') });
// @ts-expect-error a message is required
new OpenRouterError();

export { authorization, counters, endpoints, explain, fetches, keys, lists, made, mine, model, requests, responses, settings, streams };

// ---------------------------------------------------------------------------------------------------------- helpers
import { z } from 'zod';
import type { CostEstimate, ParseResult, RunEvent, RunToolsResult, StandardSchema } from 'openrouter-native';

const city = z.object({ city: z.string(), days: z.string().transform(Number) });
const weatherTool = defineTool({
  name: 'get_weather',
  schema: city,
  run: (args, { signal, toolCallId }) => {
    same<typeof args, { city: string; days: number }>(true);
    same<typeof signal, AbortSignal>(true);
    same<typeof toolCallId, string | undefined>(true);
    return [{ type: 'text', text: 'x' }];
  },
  needsApproval: (args) => args.days > 3,
});
const plainTool = { name: 'look', parameters: { type: 'object' }, run: () => ({ seen: true }) };
async function helpers() {
  const budget = new Budget({ maxCost: 1 });
  new OpenRouterClient({ maxCost: 1, budget });
  createFetch({ budget: [budget], maxCost: null });
  const run = await client.runTools({ messages: [], tools: [weatherTool, plainTool, { type: 'openrouter:web_search' }], stream: true, maxCost: 0.5, budget });
  for await (const event of run) {
    same<typeof event, RunEvent>(true);
    if (event.type === 'text') event.text.length;
  }
  same<Awaited<ReturnType<typeof run.finalResult>>, RunToolsResult>(true);
  const result = await client.runTools({ messages: [], tools: [weatherTool], onApproval: ({ name }) => name === 'x' || 'no' });
  same<typeof result, RunToolsResult>(true);
  // @ts-expect-error a tool has a name
  client.runTools({ messages: [], tools: [{ run: () => 'x' }] });
  // @ts-expect-error maxSteps is a number
  client.runTools({ messages: [], tools: [], maxSteps: '5' });

  const parsed = await client.parse({ messages: [], schema: city });
  same<typeof parsed, ParseResult<{ city: string; days: number }>>(true);
  const stream = await client.parse({ messages: [], schema: z.array(z.object({ a: z.number() })), stream: true });
  for await (const partial of stream) same<typeof partial, Array<{ a?: number }>>(true);
  same<Awaited<ReturnType<typeof stream.finalResult>>['value'], Array<{ a: number }>>(true);
  const unknownValue = await client.parse({ messages: [], schema: { type: 'object' } });
  same<typeof unknownValue.value, unknown>(true);
  // @ts-expect-error there must be a schema
  client.parse({ messages: [] });
  const standard: StandardSchema<unknown, { city: string; days: number }> = city;

  const estimate = await client.estimateCost({ messages: [] }, { answerTokens: 5 });
  same<typeof estimate, CostEstimate>(true);
  await client.continueCompletion(parsed.completion, { messages: [], prefill: true, onProgress: (text) => text.length });
  const chat = await client.chatCompletion({ messages: [], stream: true, budget, maxCost: 0.1 });
  const [one, two] = chat.tee();
  same<typeof one, typeof two>(true);
  return [standard, budget.remaining];
}
void helpers;
