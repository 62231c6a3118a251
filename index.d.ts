/// <reference lib="esnext.disposable" />

// Money is in USD, times are in milliseconds, prices are in USD per token. Types of what the API sends are open: fields
// and enum values that this version has never heard of are kept, and may appear at any time.

/** One of the known values, or one that is newer than this file. */
type Open<Known extends string> = Known | (string & {});

// ---------------------------------------------------------------------------------------------------------- client

/** Takes the client's log lines: winston, pino, console. One that throws does not disturb a request. */
export interface Logger {
  debug(message: string, details: object): unknown;
  info(message: string, details: object): unknown;
  warn(message: string, details: object): unknown;
  error(message: string, details: object): unknown;
}

/** Headers as `fetch` takes them. `null` takes a header out; of two names that differ in case the last one wins. */
export type HeadersInput =
  | Iterable<readonly [string, string]>
  | { readonly [name: string]: string | number | boolean | null | undefined };

/** Limits of time in milliseconds; `0`, `null` and `Infinity` mean none. */
export interface Timeouts {
  /** Reaching the host: name, TCP and TLS. Default 10 000. */
  connect?: number | null | undefined;
  /** From the request to the response's headers. Default 600 000. */
  headers?: number | null | undefined;
  /** Between two data events of a stream (comments do not count), or two reads of a body. Default 300 000. */
  idle?: number | null | undefined;
  /** The whole request, a stream to its end included. Default none. */
  total?: number | null | undefined;
}

/** How long cached values are good for a client, in milliseconds; `0` turns that cache off. */
export interface CacheOptions {
  /** Default: env `OPENROUTER_CACHE_TTL_CREDITS`, else 300 000. */
  creditsTTL?: number | null | undefined;
  /** Default: env `OPENROUTER_CACHE_TTL_MODELS`, else 3 600 000. */
  modelsTTL?: number | null | undefined;
}

/** Where LibreChat puts switches; only these are read. */
interface Switches {
  autoRouter?: boolean | null | undefined;
  zdr?: boolean | null | undefined;
}

/** What a client is made with. `null` is as good as absent. */
export interface OpenRouterClientOptions {
  /** Default: env `OPENROUTER_API_KEY`. Trimmed; LibreChat's `user_provided` counts as missing. */
  apiKey?: string | null | undefined;
  /** The same, as LibreChat names it: wins over the constructor's argument and over `apiKey`. */
  openRouterApiKey?: string | null | undefined;
  /**
   * Default: env `OPENROUTER_BASE_URL`, else `https://openrouter.ai/api/v1`. https, or http on the loopback interface;
   * plain http elsewhere only with `allowInsecureHttp`.
   */
  baseURL?: string | null | undefined;
  /** Whether `baseURL` may be plain http on another machine, which shows the key to all on the way. Default false. */
  allowInsecureHttp?: boolean | null | undefined;
  /** `HTTP-Referer`. Default: env `OPENROUTER_SITE_URL`, else env `DOMAIN_CLIENT`. */
  siteUrl?: string | null | undefined;
  /** `X-Title`. Default: env `OPENROUTER_SITE_NAME`. */
  siteName?: string | null | undefined;
  /** Default request parameters, `model` among them; a call's own win. */
  modelOptions?: (RequestParameters & Switches) | null | undefined;
  /** Lets `openrouter/auto` choose the model of each request. Default false. */
  autoRouter?: boolean | null | undefined;
  /** Zero data retention for each request: a call may tighten it, never loosen it. Default false. */
  zdr?: boolean | null | undefined;
  /** `'deny'` shuts out providers that store or train on prompts: a floor, as `zdr` is. Default none. */
  dataCollection?: 'deny' | 'allow' | null | undefined;
  /** Extra headers for each request. */
  headers?: HeadersInput | null | undefined;
  /** How many fallback models are sent at a time; the API refuses more than 3, the default. */
  modelsPerRequest?: number | null | undefined;
  /** Whether chat requests ask for `openrouter_metadata`, which explains fallbacks. Default true. */
  routerMetadata?: boolean | null | undefined;
  /** http, https or socks5 URL, `user:password` allowed. Default: env `PROXY`, then `HTTPS_PROXY` and its kin. */
  proxy?: string | null | undefined;
  /** Extra authorities as PEM text, beside the system's, the bundled ones and those of the environment. */
  ca?: string | Uint8Array | ReadonlyArray<string | Uint8Array> | null | undefined;
  /** Limits of time. */
  timeouts?: Timeouts | null | undefined;
  /**
   * How often a failed request is tried again, before the first byte of an answer was handed on: connection failures,
   * 502, 503, 504, 524, 529, a 429 that says when (up to 30 s), and for models and credits also 408, other 5xx and
   * resets. Models of the chain that were not asked yet go before. Default 2.
   */
  maxRetries?: number | null | undefined;
  /** How long credits and models are good. */
  cache?: CacheOptions | null | undefined;
  /** The largest event of a stream. Default 64 MiB. Past it: `response_too_large`. */
  maxEventBytes?: number | null | undefined;
  /** The largest JSON body. Default 256 MiB. Past it: `response_too_large`. */
  maxResponseBytes?: number | null | undefined;
  /** Chats of the same key wait in a fair queue of the process, abortable while they wait. Default none. */
  rateLimit?: { requestsPerMinute?: number | null | undefined } | null | undefined;
  /** Takes log lines. `false` is none at all. Default: env `DEBUG` or `LOG_LEVEL` may turn on lines on stderr. */
  logger?: Partial<Logger> | false | null | undefined;
  /** LibreChat's; of it only the switches are read. */
  endpointOption?: (Switches & { modelOptions?: Switches | null | undefined; [option: string]: unknown }) | null | undefined;
  /** LibreChat's; kept on `client.options`, never read or sent. */
  req?: unknown;
  /** LibreChat's; kept on `client.options`, never read or sent. */
  res?: unknown;
}

/** What ends a call early. */
export interface CallOptions {
  /** Its abort rejects with an `AbortError`; one that is aborted already makes no request. */
  signal?: AbortSignal | null | undefined;
}

/**
 * A client of OpenRouter. Cheap to make: connections and caches belong to the process and are shared by all clients.
 * An idle client keeps no process open. Can be extended.
 */
export class OpenRouterClient {
  /**
   * @throws {OpenRouterError} `missing_api_key`, `invalid_api_key` (no header can hold it) or `invalid_option`; the
   * message names the option, never its value
   */
  constructor(apiKey?: string | null, options?: OpenRouterClientOptions | null);
  constructor(options: OpenRouterClientOptions);

  /** The key. Not enumerable; `util.inspect` and `JSON.stringify` show `[REDACTED]`. */
  get apiKey(): string;
  set apiKey(value: string);
  /** The options as they were given. Not enumerable. */
  get options(): OpenRouterClientOptions;
  set options(value: OpenRouterClientOptions);
  /** The API's address, without a slash at its end. */
  baseURL: string;
  siteUrl: string | undefined;
  siteName: string | undefined;
  /** Default request parameters. */
  modelOptions: RequestParameters;
  autoRouter: boolean;
  zdr: boolean;
  /** The cache's times in milliseconds. */
  cacheSettings: { creditsTTL: number; modelsTTL: number };
  /** Usage of the last finished completion. */
  usage: Usage | null;
  /** Model of the last finished completion. */
  actualModelUsed: string | null;
  /** The field of `usage` that counts what was sent: `prompt_tokens`. */
  inputTokensKey: string;
  /** The field of `usage` that counts what was written: `completion_tokens`. */
  outputTokensKey: string;

  /**
   * The headers of this client's requests, the key among them: `Authorization`, `Content-Type`, then `HTTP-Referer`,
   * `X-Title` and `X-OpenRouter-ZDR` where set, then those of the options.
   */
  buildHeaders(): Record<string, string>;

  /**
   * Asks for a completion and streams it. Resolves at the first data event: until then retries and fallbacks stay
   * possible, and a failure rejects here.
   * @throws {OpenRouterError} by rejecting; see {@link ErrorCode}
   */
  chatCompletion(params: ChatCompletionParams & { stream: true }): Promise<ChatCompletionStream>;
  /**
   * Asks for a completion. A 200 that carries an error rejects as an HTTP error would.
   * @throws {OpenRouterError} by rejecting; see {@link ErrorCode}
   */
  chatCompletion(params: ChatCompletionParams & { stream?: false | null | undefined }): Promise<ChatCompletion>;
  /** Asks for a completion; whether it is streamed is known at run time only. */
  chatCompletion(params: ChatCompletionParams): Promise<ChatCompletion | ChatCompletionStream>;

  /**
   * What is left and spent, from the cache while it is good for this client. The cached balance moves by the cost of
   * each finished request, so it is true after each message without a call to the API.
   * @param forceRefresh asks the API, and rejects when that fails
   * @throws {OpenRouterError} by rejecting. Where the API fails for now (network, 408, 429, 5xx) the last figures serve
   * for up to an hour, with a warning
   */
  getCredits(forceRefresh?: boolean, options?: CallOptions): Promise<Credits>;

  /**
   * The models, from the cache while they are good for this client: an array of the caller's own, with frozen, shared
   * objects in it.
   * @param forceRefresh asks the API, and rejects when that fails
   * @throws {OpenRouterError} by rejecting. Where the API fails for now (network, 408, 429, 5xx) the last list serves
   * for up to 24 hours, with a warning
   */
  getModels(forceRefresh?: boolean, options?: CallOptions): Promise<Model[]>;

  /**
   * What a generation was and cost, also one that was aborted. The API knows it some seconds after the answer: asks
   * again with growing waits, for up to a minute, until the cost is there.
   * @param id `completion.id`, or `stream.generationId`
   * @throws {OpenRouterError} by rejecting; `not_found` after a minute
   */
  getGeneration(id: string, options?: CallOptions): Promise<Generation>;

  /** {@link actualModelUsed}. */
  getActualModelUsed(): string | null;

  /** The client's settings, with the key redacted. */
  toJSON(): Record<string, unknown>;
}

// --------------------------------------------------------------------------------------------------------- request

/** A part of a message's content. */
export interface ContentPart {
  type: Open<'text' | 'image_url' | 'input_audio' | 'video_url' | 'file'>;
  text?: string | undefined;
  image_url?: { url: string; detail?: Open<'auto' | 'low' | 'high' | 'original'> | undefined; [field: string]: unknown } | undefined;
  input_audio?: { data: string; format: string; [field: string]: unknown } | undefined;
  video_url?: { url: string; [field: string]: unknown } | undefined;
  file?: { filename?: string | undefined; file_data?: string | undefined; file_id?: string | undefined; [field: string]: unknown } | undefined;
  cache_control?: CacheControl | undefined;
  [field: string]: unknown;
}

/** Marks a breakpoint of a provider's prompt cache. */
export interface CacheControl {
  type: Open<'ephemeral'>;
  ttl?: Open<'5m' | '1h'> | undefined;
}

/** A message of the conversation. Messages of completions can be sent back as they are. */
export interface ChatMessage {
  role: Open<'system' | 'developer' | 'user' | 'assistant' | 'tool'>;
  content?: string | readonly ContentPart[] | null | undefined;
  name?: string | null | undefined;
  /** Of the call that a `tool` message answers. */
  tool_call_id?: string | null | undefined;
  tool_calls?: readonly ToolCall[] | null | undefined;
  reasoning?: string | null | undefined;
  /** Send them back unchanged and in order. */
  reasoning_details?: readonly ReasoningDetail[] | null | undefined;
  [field: string]: unknown;
}

/** A tool that the model may call, or one of OpenRouter's own (`openrouter:web_search`). */
export interface Tool {
  type: Open<'function'>;
  function?:
    | {
        name: string;
        description?: string | undefined;
        parameters?: object | undefined;
        strict?: boolean | null | undefined;
        [field: string]: unknown;
      }
    | undefined;
  [field: string]: unknown;
}

/** How providers are chosen. Unknown keys may be refused by the API. */
export interface ProviderPreferences {
  order?: readonly string[] | null | undefined;
  only?: readonly string[] | null | undefined;
  ignore?: readonly string[] | null | undefined;
  allow_fallbacks?: boolean | null | undefined;
  require_parameters?: boolean | null | undefined;
  data_collection?: Open<'allow' | 'deny'> | null | undefined;
  zdr?: boolean | null | undefined;
  enforce_distillable_text?: boolean | null | undefined;
  quantizations?: readonly string[] | null | undefined;
  sort?: Open<'price' | 'throughput' | 'latency' | 'exacto'> | object | null | undefined;
  /** USD per million tokens. */
  max_price?: { [unit: string]: string | number | undefined } | null | undefined;
  [preference: string]: unknown;
}

/** How much a model thinks. */
export interface ReasoningOptions {
  effort?: Open<'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none'> | null | undefined;
  summary?: Open<'auto' | 'concise' | 'detailed'> | null | undefined;
  max_tokens?: number | null | undefined;
  exclude?: boolean | null | undefined;
  enabled?: boolean | null | undefined;
  [option: string]: unknown;
}

/** OpenRouter's request parameters. Those that are not listed go through untouched. */
export interface RequestParameters {
  /** A model's id. May be absent where the client has one, or where the auto router is on. */
  model?: string | null | undefined;
  /**
   * Up to 10 fallbacks, tried in order when a model fails before its first token; duplicates of `model` are dropped,
   * the rest past 10 too, with a warning.
   */
  models?: readonly string[] | null | undefined;
  provider?: ProviderPreferences | null | undefined;
  plugins?: ReadonlyArray<{ id: string; [option: string]: unknown }> | null | undefined;
  max_completion_tokens?: number | null | undefined;
  max_tokens?: number | null | undefined;
  temperature?: number | null | undefined;
  top_p?: number | null | undefined;
  top_k?: number | null | undefined;
  top_a?: number | null | undefined;
  min_p?: number | null | undefined;
  frequency_penalty?: number | null | undefined;
  presence_penalty?: number | null | undefined;
  repetition_penalty?: number | null | undefined;
  seed?: number | null | undefined;
  stop?: string | readonly string[] | null | undefined;
  logit_bias?: { [token: string]: number } | null | undefined;
  logprobs?: boolean | null | undefined;
  top_logprobs?: number | null | undefined;
  tools?: readonly Tool[] | null | undefined;
  tool_choice?: Open<'none' | 'auto' | 'required'> | object | null | undefined;
  parallel_tool_calls?: boolean | null | undefined;
  response_format?: { type: Open<'text' | 'json_object' | 'json_schema' | 'grammar' | 'python'>; [field: string]: unknown } | null | undefined;
  reasoning?: ReasoningOptions | null | undefined;
  reasoning_effort?: ReasoningOptions['effort'];
  modalities?: ReadonlyArray<Open<'text' | 'image' | 'audio'>> | null | undefined;
  metadata?: { [name: string]: string } | null | undefined;
  user?: string | null | undefined;
  session_id?: string | null | undefined;
  cache_control?: CacheControl | null | undefined;
  service_tier?: Open<'auto' | 'default' | 'fast' | 'flex' | 'priority' | 'scale'> | null | undefined;
  stream?: boolean | null | undefined;
  [parameter: string]: unknown;
}

/** A chat request: the API's parameters, and those that are for this client and never sent. */
export interface ChatCompletionParams extends RequestParameters {
  /** The conversation; must not be empty. */
  messages: readonly ChatMessage[];
  /** Lets `openrouter/auto` choose the model; `models` is then left out. */
  autoRouter?: boolean | null | undefined;
  /** Zero data retention for this request. Cannot loosen what the client has. */
  zdr?: boolean | null | undefined;
  /** Its abort closes the request at any time; a pending promise rejects with an `AbortError`. */
  signal?: AbortSignal | null | undefined;
  /** Called with each content delta, in order; the stream then runs without being read. */
  onProgress?: ((text: string) => void) | null | undefined;
  timeouts?: Timeouts | null | undefined;
  maxRetries?: number | null | undefined;
  headers?: HeadersInput | null | undefined;
}

// -------------------------------------------------------------------------------------------------------- response

/** A call that the model asks for. */
export interface ToolCall {
  id?: string | undefined;
  type?: Open<'function'> | undefined;
  function: {
    name: string;
    /** JSON text, as the model wrote it. */
    arguments: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** A step of what the model thought. Send them back unchanged and in order. */
export interface ReasoningDetail {
  type: Open<'reasoning.text' | 'reasoning.summary' | 'reasoning.encrypted' | 'reasoning.server_tool_call'>;
  text?: string | null;
  summary?: string | null;
  data?: string | null;
  signature?: string | null;
  id?: string | null;
  format?: string | null;
  index?: number;
  [field: string]: unknown;
}

/** A source that the answer names, or a file that was read for it. */
export interface Annotation {
  type: Open<'url_citation' | 'file'>;
  url_citation?: { url: string; title?: string; content?: string; start_index?: number; end_index?: number; [field: string]: unknown };
  file?: { hash?: string; name?: string; content?: ContentPart[]; [field: string]: unknown };
  [field: string]: unknown;
}

/** What the model said. Fit to be sent back as history. */
export interface AssistantMessage {
  role: Open<'assistant'>;
  content: string | ContentPart[] | null;
  refusal?: string | null;
  reasoning?: string | null;
  reasoning_details?: ReasoningDetail[] | null;
  tool_calls?: ToolCall[] | null;
  /** The predecessor of `tool_calls`, which some providers still send. */
  function_call?: { name: string; arguments: string; [field: string]: unknown } | null;
  images?: Array<{ type: Open<'image_url'>; image_url: { url: string }; [field: string]: unknown }> | null;
  audio?: { id?: string; data?: string; transcript?: string; expires_at?: number; [field: string]: unknown } | null;
  annotations?: Annotation[] | null;
  [field: string]: unknown;
}

/** Why an answer ended. */
export type FinishReason = Open<'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | 'function_call'>;

/** One answer of a completion. */
export interface Choice {
  index: number;
  message: AssistantMessage;
  finish_reason: FinishReason | null;
  /** The provider's own word. */
  native_finish_reason?: string | null;
  logprobs?: object | null;
  /** Tool calls that the end of the answer cut short; they are not to be run. */
  unfinished_tool_calls?: object[];
  [field: string]: unknown;
}

/** Tokens and cost. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  /** What was charged, in USD. With an own provider key that is OpenRouter's part only. */
  cost?: number | null;
  /** Whether an own provider key paid for the inference. */
  is_byok?: boolean;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number; audio_tokens?: number; video_tokens?: number; [field: string]: unknown } | null;
  completion_tokens_details?: { reasoning_tokens?: number; audio_tokens?: number; image_tokens?: number; [field: string]: unknown } | null;
  cost_details?: {
    upstream_inference_cost?: number | null;
    upstream_inference_prompt_cost?: number | null;
    upstream_inference_completions_cost?: number | null;
    [field: string]: unknown;
  } | null;
  [field: string]: unknown;
}

/** One try of a request. */
export interface Attempt {
  model?: string;
  provider?: string;
  /** The HTTP status it gave. */
  status?: number;
  /** Why it failed; absent for the one that answered. */
  reason?: string;
}

/** How a completion came about. */
export interface CompletionMetadata {
  autoRouterUsed: boolean;
  /** The model that the caller named. */
  requestedModel: string;
  /** The model that was sent. */
  effectiveModel: string;
  /** The model that answered. */
  actualModelUsed: string | null;
  fallbackUsed: boolean;
  attempts: Attempt[];
  /** Streams: why the answer ended, by what is in it: `tool_calls` exactly when there are finished calls to run. */
  stopKind?: FinishReason;
}

/** A completion. Every field of the API is kept. */
export interface ChatCompletion {
  /** Also the generation's id. */
  id: string;
  object: Open<'chat.completion'>;
  /** Seconds since 1970. */
  created: number;
  /** The model that answered. */
  model: string;
  /** The provider's display name. */
  provider?: string;
  choices: Choice[];
  usage?: Usage | null;
  system_fingerprint?: string | null;
  service_tier?: string | null;
  openrouter_metadata?: Record<string, unknown> | null;
  /** There when a router chose the model, or when another one than the requested answered. */
  _metadata?: CompletionMetadata;
  [field: string]: unknown;
}

/** A streamed completion, assembled. */
export interface FinalCompletion extends ChatCompletion {
  _metadata: CompletionMetadata;
}

/** A streamed completion so far; what has not come is not there. */
export interface PartialCompletion {
  id?: string;
  object: Open<'chat.completion'>;
  created?: number;
  model?: string;
  provider?: string;
  choices: Choice[];
  usage?: Usage | null;
  [field: string]: unknown;
}

/** What a chunk adds to an answer. */
export interface Delta {
  role?: Open<'assistant'> | null;
  content?: string | null;
  refusal?: string | null;
  reasoning?: string | null;
  reasoning_details?: ReasoningDetail[] | null;
  /** Pieces: the first of a call has its id and name, the others more of its arguments. */
  tool_calls?: Array<{
    index?: number;
    id?: string | null;
    type?: Open<'function'> | null;
    function?: { name?: string | null; arguments?: string | null; [field: string]: unknown };
    [field: string]: unknown;
  }> | null;
  images?: AssistantMessage['images'];
  audio?: AssistantMessage['audio'];
  annotations?: Annotation[] | null;
  [field: string]: unknown;
}

/** A data event of a stream, as the API sent it. */
export interface ChatCompletionChunk {
  id: string;
  object: Open<'chat.completion.chunk'>;
  created: number;
  model: string;
  provider?: string;
  /** May be empty, `null` or absent on the chunk with the usage. */
  choices?: Array<{
    index: number;
    delta: Delta;
    finish_reason?: FinishReason | null;
    native_finish_reason?: string | null;
    logprobs?: object | null;
    [field: string]: unknown;
  }> | null;
  usage?: Usage | null;
  openrouter_metadata?: Record<string, unknown> | null;
  [field: string]: unknown;
}

// ---------------------------------------------------------------------------------------------------------- stream

/** Times in milliseconds from the request on, and counts. */
export interface StreamMetrics {
  headersMs: number;
  /** `null` until it has come. */
  firstTokenMs: number | null;
  /** To the end, or until now. */
  durationMs: number;
  /** `null` until the usage has come. */
  tokensPerSecond: number | null;
  /** Bytes of the body, after decompression. */
  bytes: number;
  events: number;
}

/** Another model than the first one answered. */
export interface Fallback {
  from: string;
  to: string;
  /** Why, where the API told. */
  reason: string | null;
  attempts: Attempt[];
}

/** From one turn to the next another model answers. */
export interface ModelSwitch {
  from: string;
  to: string;
}

/** The events of a stream, with what their listeners are called with. */
export interface StreamEvents {
  /** The model that answers. */
  model: [model: string];
  /** A content delta. */
  content: [text: string];
  /** A reasoning delta. */
  reasoning: [text: string];
  fallback: [fallback: Fallback];
  usage: [usage: Usage];
  /** All is delivered. */
  end: [];
  /** It ended badly. No listener is needed: whoever awaits the stream is told too. */
  error: [error: OpenRouterError];
}

/** Reads a stream. `return()` and `throw()`, and so `break` and `await using`, close the request. */
export interface StreamIterator<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>;
  return(value?: any): Promise<IteratorResult<T, any>>;
  throw(error?: any): Promise<IteratorResult<T, any>>;
  [Symbol.asyncIterator](): StreamIterator<T>;
}

/**
 * A chat completion that is being streamed. It flows when it is read, or when `onProgress`, a `content` or `end`
 * listener or `finalCompletion()` asks for it; else it waits, and with it the server. It has one consumer: a second
 * one throws `invalid_request`. What ends it badly rejects the pending read once, after all events before it, with
 * `error.partial` set. A stream that is dropped and collected closes its connection.
 *
 * Its properties can be read at any time, also after an error or an abort; they are `null` until they are known.
 */
export class ChatCompletionStream implements AsyncIterable<ChatCompletionChunk>, AsyncDisposable {
  private constructor();

  /** The completion's id. */
  get id(): string | null;
  /** The header `X-Generation-Id`, for {@link OpenRouterClient.getGeneration}: known from the start. */
  get generationId(): string | null;
  /** The model that the caller named. */
  get requestedModel(): string;
  /** The model that answers: the first one of the stream that is not a router. */
  get model(): string | null;
  /** The provider's display name. */
  get provider(): string | null;
  get usage(): Usage | null;
  /** What was charged, in USD: `usage.cost`. */
  get cost(): number | null;
  /** `cost`, and with an own provider key what the provider charges on top, in USD. */
  get totalCost(): number | null;
  get finishReason(): FinishReason | null;
  get fallback(): Fallback | null;
  /**
   * Whether another model answers than did the client's last completion, for a chat to say so. A client that is made
   * anew for each turn is told of the last one by setting its `actualModelUsed`.
   */
  get modelSwitch(): ModelSwitch | null;
  get metrics(): StreamMetrics;
  /** The completion so far. */
  get partial(): PartialCompletion;
  /**
   * The bytes of the SSE body, to be piped into a response. One consumer, as everything else here. Behind the event of a
   * failure come no more: not the `[DONE]` that may follow it.
   */
  get body(): ReadableStream<Uint8Array>;

  /** {@link body}. */
  toReadableStream(): ReadableStream<Uint8Array>;

  /** Each data event as a plain object, in order, unknown fields kept. */
  [Symbol.asyncIterator](): StreamIterator<ChatCompletionChunk>;

  /** The content's text only: the fast path. */
  text(): StreamIterator<string>;

  /**
   * Listeners that are attached as soon as the promise resolves miss nothing. One that throws does not disturb the
   * stream.
   */
  on<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;
  /** The same, for the first time only. */
  once<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;
  /** Takes a listener away again. */
  off<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;

  /**
   * The whole completion as if it had not been streamed, fit to be sent back as history; tool calls are in it once.
   * @throws {OpenRouterError} by rejecting, when the stream ends badly
   */
  finalCompletion(): Promise<FinalCompletion>;

  /** Closes the request. What has come is still delivered, then an `AbortError` with `reason` as its cause. */
  abort(reason?: unknown): void;

  /**
   * Delivers no more and closes the request; with `drain` it is read on to its end first, so that the usage is known
   * and a stopped answer can be billed.
   * @returns the usage, if it came
   * @throws {OpenRouterError} by rejecting, when a stream that is drained ends badly
   */
  stop(options?: { drain?: boolean | undefined }): Promise<Usage | null>;

  /** Closes the request. */
  [Symbol.asyncDispose](): Promise<void>;
}

// ----------------------------------------------------------------------------------------------------------- fetch

/** What a {@link createFetch} is made with: a client's options that are about connections and body rules. */
export interface FetchOptions
  extends Pick<
    OpenRouterClientOptions,
    'autoRouter' | 'zdr' | 'dataCollection' | 'modelsPerRequest' | 'proxy' | 'ca' | 'timeouts' | 'maxEventBytes'
  > {
  /** Called with the model that answers a chat. */
  onModel?: ((model: string) => unknown) | null | undefined;
  /** Called with the usage of a chat. */
  onUsage?: ((usage: Usage) => unknown) | null | undefined;
  /** Called when another model than the first one answers a chat. */
  onFallback?: ((fallback: Fallback) => unknown) | null | undefined;
  /** Called when a chat fails, also in the middle of its stream. */
  onError?: ((error: OpenRouterError) => unknown) | null | undefined;
}

/**
 * A `fetch` that does its HTTP, TLS and proxying in Rust, on the connections that the clients use, for SDKs that take
 * one. HTTP errors resolve; it never retries. Network failures reject with `TypeError('fetch failed')` whose `cause` has a
 * Node `code`, an abort with the signal's reason. With body rules or callbacks, requests to `…/chat/completions` get
 * the rules applied and are read as they pass, without changing a byte: what they cost moves the cached balance of their
 * key. A chat that the rules refuse is answered 400 here.
 * @throws {OpenRouterError} `invalid_option`
 */
export function createFetch(options?: FetchOptions | null): typeof globalThis.fetch;

// ----------------------------------------------------------------------------------------------- credits and models

/** What is left and spent, in USD. */
export interface Credits {
  /** What is left; `null` where nobody knows: a key without a limit, asked by itself. May be negative. */
  balance: number | null;
  currency: 'USD';
  usage: number;
  /** What was bought, or the key's limit; `null` for a key without one. */
  total: number | null;
  /**
   * `credits`: the account's own figures (management keys). `key`: the key's cap and its use, which is not the
   * account's balance. Not enumerable.
   */
  readonly source: 'credits' | 'key';
}

/** The colour of a balance: above 5, from 1 to 5, below 1, not known. */
export type CreditLevel = 'green' | 'yellow' | 'red' | 'unknown';

/** A model of OpenRouter's list. Frozen to its depth: all callers share it. */
export interface Model {
  readonly id: string;
  readonly name: string;
  readonly canonical_slug?: string;
  readonly hugging_face_id?: string | null;
  /** Seconds since 1970. */
  readonly created: number;
  readonly description?: string;
  readonly context_length: number | null;
  readonly architecture: {
    readonly modality?: string | null;
    readonly input_modalities: ReadonlyArray<Open<'text' | 'image' | 'file' | 'audio' | 'video'>>;
    readonly output_modalities: ReadonlyArray<Open<'text' | 'image' | 'audio'>>;
    readonly tokenizer?: string;
    readonly instruct_type?: string | null;
    readonly [field: string]: unknown;
  };
  /** Decimal strings in USD per token or unit; `"-1"` is a price that varies. {@link modelInfo} reads them. */
  readonly pricing: {
    readonly prompt: string;
    readonly completion: string;
    readonly request?: string;
    readonly image?: string;
    readonly image_output?: string;
    readonly audio?: string;
    readonly web_search?: string;
    readonly internal_reasoning?: string;
    readonly input_cache_read?: string;
    readonly input_cache_write?: string;
    readonly [unit: string]: unknown;
  };
  readonly top_provider: {
    readonly context_length?: number | null;
    readonly max_completion_tokens?: number | null;
    readonly is_moderated?: boolean;
    readonly [field: string]: unknown;
  };
  readonly per_request_limits?: Readonly<Record<string, unknown>> | null;
  readonly supported_parameters: readonly string[];
  readonly default_parameters?: Readonly<Record<string, unknown>> | null;
  readonly expiration_date?: string | null;
  readonly [field: string]: unknown;
}

/** Something that not every model can. */
export type Capability = 'vision' | 'audio' | 'files' | 'tools' | 'reasoning' | 'structured_outputs' | 'image_output';

/** What a UI wants to know of a model. `null` is unknown, never a guess. */
export interface ModelInfo {
  /** Tokens. */
  contextLength: number | null;
  /** Tokens. */
  maxOutput: number | null;
  /** USD per token; `null` where it varies. */
  promptPrice: number | null;
  /** USD per token; `null` where it varies. */
  completionPrice: number | null;
  free: boolean;
  capabilities: Capability[];
}

/** What a generation was and cost. */
export interface Generation {
  id: string;
  model: string;
  /** The router that chose the model. */
  router?: string | null;
  provider_name?: string | null;
  /** What was charged, in USD. */
  total_cost: number;
  usage?: number;
  upstream_inference_cost?: number | null;
  is_byok?: boolean;
  created_at?: string;
  streamed?: boolean | null;
  cancelled?: boolean | null;
  finish_reason?: FinishReason | null;
  native_finish_reason?: string | null;
  tokens_prompt?: number | null;
  tokens_completion?: number | null;
  native_tokens_prompt?: number | null;
  native_tokens_completion?: number | null;
  native_tokens_reasoning?: number | null;
  native_tokens_cached?: number | null;
  [field: string]: unknown;
}

/** The colour of a balance in USD; `null`, `undefined` and `NaN` are `'unknown'`. */
export function creditLevel(balance: number | null | undefined): CreditLevel;

/** What a UI wants to know of a model, in one shape. Fields may be missing. */
export function modelInfo(model: Partial<Model> | null | undefined): ModelInfo;

// ---------------------------------------------------------------------------------------------------------- process

/** Forgets the cached credits and models of one key, or of all. A text that is no key forgets nothing. */
export function clearCache(apiKey?: string): void;

/** What happened to one kind of cached value. */
export interface CacheStats {
  /** Answered from the cache. */
  hits: number;
  /** Asked of the API. */
  misses: number;
  /** Waited for a request that was under way. */
  coalesced: number;
  /** Refreshed behind an answer. */
  backgroundRefreshes: number;
  /** Answered with an old value, because the refresh failed. */
  staleServed: number;
}

/** Counters of the process, over all clients and threads. */
export interface Stats {
  credits: CacheStats;
  models: CacheStats;
  /** Streams that have not ended. */
  activeStreams: number;
  /** HTTP requests sent. */
  requests: number;
  /** Of these, tries after the first. */
  retries: number;
  /** Chats that wait for the rate limit. */
  queued: number;
}

/** The process's counters. */
export function getStats(): Stats;

// ----------------------------------------------------------------------------------------------------------- errors

/**
 * What went wrong, to match on. By status: 400 and 422 `invalid_request`, 401 `invalid_api_key`, 402
 * `insufficient_credits`, 403 `forbidden` or `moderation`, 404 `not_found` or `no_endpoints`, 408, 504 and 524
 * `timeout`, 413 `payload_too_large`, 429 `rate_limited`, 500 `server_error`, 502 `provider_error`, 503
 * `service_unavailable`, 529 `overloaded`. The rest have no status: the network, the stream, or how this is used.
 */
export type ErrorCode = Open<
  | 'invalid_request'
  | 'invalid_api_key'
  | 'insufficient_credits'
  | 'forbidden'
  | 'moderation'
  | 'not_found'
  | 'no_endpoints'
  | 'timeout'
  | 'payload_too_large'
  | 'rate_limited'
  | 'server_error'
  | 'provider_error'
  | 'service_unavailable'
  | 'overloaded'
  | 'connection_failed'
  | 'connection_reset'
  | 'tls_error'
  | 'proxy_error'
  | 'aborted'
  | 'stream_truncated'
  | 'malformed_response'
  | 'empty_response'
  | 'response_too_large'
  | 'missing_api_key'
  | 'invalid_option'
>;

/** What is known of a failure. */
export interface ErrorFacts {
  /** The HTTP status, also where it came inside a 200. */
  status?: number | undefined;
  statusText?: string | undefined;
  /** OpenRouter's `metadata.error_type`. */
  errorType?: string | undefined;
  /** The provider that failed. */
  provider?: string | undefined;
  /** For {@link OpenRouterClient.getGeneration}. */
  generationId?: string | undefined;
  /** For OpenRouter's support. */
  requestId?: string | undefined;
  /** How long the API asks to wait, in milliseconds. */
  retryAfter?: number | undefined;
  /** Every try that was made. */
  attempts?: Attempt[] | undefined;
  /** The operating system's name for a network failure, as `ENOTFOUND`. */
  errno?: string | undefined;
  /** What ran out of time. */
  phase?: Open<'connect' | 'headers' | 'idle' | 'total'> | undefined;
  /** The parsed body, at most 64 KiB of it; of one that is not JSON a snippet. Not enumerable. */
  data?: unknown;
  /** The API's `error.metadata`. Not enumerable. */
  metadata?: Record<string, unknown> | undefined;
  /** What had arrived before. Not enumerable. */
  partial?: PartialCompletion | undefined;
}

/** {@link OpenRouterError} as data, safe to log. */
export interface OpenRouterErrorJSON extends ErrorFacts {
  name: string;
  message: string;
  code: ErrorCode;
  /** The cause's message. */
  cause?: string;
}

/**
 * The one error of this package. `message` is a sentence that a user can act on; it holds neither the key nor any text
 * of the prompt. An abort is one too: `name` is `AbortError`, `message` is `Request aborted`, `code` is `aborted` and
 * `cause` is the signal's reason. `instanceof` holds across copies of the package.
 */
export class OpenRouterError extends Error {
  constructor(message: string, facts?: ErrorFacts & { code?: ErrorCode | undefined; cause?: unknown });

  name: Open<'OpenRouterError' | 'AbortError'>;
  /** Stable. */
  code: ErrorCode;
  status?: ErrorFacts['status'];
  statusText?: ErrorFacts['statusText'];
  errorType?: ErrorFacts['errorType'];
  provider?: ErrorFacts['provider'];
  generationId?: ErrorFacts['generationId'];
  requestId?: ErrorFacts['requestId'];
  retryAfter?: ErrorFacts['retryAfter'];
  attempts?: ErrorFacts['attempts'];
  errno?: ErrorFacts['errno'];
  phase?: ErrorFacts['phase'];
  data: unknown;
  metadata: ErrorFacts['metadata'];
  partial: ErrorFacts['partial'];
  /** What lies underneath: the API's own words, the operating system's, or an abort's reason. */
  cause?: unknown;

  /** All that is known, safe to log: without keys, and without the input that a moderation flagged. */
  toJSON(): OpenRouterErrorJSON;
}
