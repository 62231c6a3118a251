/// <reference lib="esnext.disposable" />

// Money is in USD, times are in milliseconds, prices are in USD per token. The types of what the API sends are open: fields
// and enum values that this version does not know are passed on, and may appear at any time.

/** One of the known values, or any other string: the API may introduce values that are newer than this file. */
type Open<Known extends string> = Known | (string & {});

// ---------------------------------------------------------------------------------------------------------- client

/**
 * Receives the client's log lines. winston, pino and `console` fit. An exception in a logger is ignored and does not affect
 * the request.
 */
export interface Logger {
  debug(message: string, details: object): unknown;
  info(message: string, details: object): unknown;
  warn(message: string, details: object): unknown;
  error(message: string, details: object): unknown;
}

/**
 * Headers in any form that `fetch` accepts: a `Headers` object, an iterable of `[name, value]` pairs, or a plain object. In
 * a plain object, `null` removes a header that the client would send otherwise. Names are compared without regard to case;
 * when a name occurs twice, the last value counts.
 */
export type HeadersInput =
  | Iterable<readonly [string, string]>
  | { readonly [name: string]: string | number | boolean | null | undefined };

/**
 * Time limits in milliseconds. `0`, `null` and `Infinity` mean no limit; an absent field means the default. A request that
 * exceeds a limit fails with the code `timeout`, and `phase` names the limit.
 */
export interface Timeouts {
  /** Limit for reaching the host: DNS lookup, TCP connection and TLS handshake. Default 10 000 (10 seconds). */
  connect?: number | null | undefined;
  /**
   * Limit from the start of an attempt, connecting included, to the response headers. It begins again with each retry and
   * redirect. Default 600 000 (10 minutes).
   */
  headers?: number | null | undefined;
  /**
   * Limit between two reads that contain data. White space, and in a stream comments and fields other than `data`, are not
   * data. A large event is data all the time while it arrives. Default 300 000 (5 minutes).
   */
  idle?: number | null | undefined;
  /** Limit for the whole request, including a stream up to its end. Default: no limit. */
  total?: number | null | undefined;
}

/**
 * The maximum age at which cached values are served to a client, in milliseconds. `0` turns the cache off for this client.
 */
export interface CacheOptions {
  /** Maximum age of cached credits. Default: env `OPENROUTER_CACHE_TTL_CREDITS`, else 300 000 (5 minutes). */
  creditsTTL?: number | null | undefined;
  /** Maximum age of the cached model list. Default: env `OPENROUTER_CACHE_TTL_MODELS`, else 3 600 000 (1 hour). */
  modelsTTL?: number | null | undefined;
}

/** The switches that LibreChat puts into nested objects. No other field of those objects is read as a switch. */
interface Switches {
  autoRouter?: boolean | null | undefined;
  zdr?: boolean | null | undefined;
  dataCollection?: 'deny' | 'allow' | null | undefined;
}

/**
 * The options of {@link OpenRouterClient}. `null` means the same as absent. Where a default names an environment variable,
 * the variable is read when the client is constructed, and a blank one counts as unset.
 */
export interface OpenRouterClientOptions {
  /**
   * The OpenRouter API key. White space around it is removed. LibreChat's placeholder `user_provided` counts as missing.
   * Default: env `OPENROUTER_API_KEY`.
   */
  apiKey?: string | null | undefined;
  /** The API key under LibreChat's name for it. Takes precedence over the constructor's argument and over `apiKey`. */
  openRouterApiKey?: string | null | undefined;
  /**
   * The address of the API, without the path of an endpoint such as `/chat/completions`. It must use https, or http on the
   * loopback interface; http to another machine needs `allowInsecureHttp`. Default: env `OPENROUTER_BASE_URL`, else
   * `https://openrouter.ai/api/v1`.
   */
  baseURL?: string | null | undefined;
  /**
   * Whether `baseURL` may use plain http to another machine. The key then travels unencrypted and is visible to everyone on
   * the network path. Default false.
   */
  allowInsecureHttp?: boolean | null | undefined;
  /**
   * The address of your site, sent as the header `HTTP-Referer`, for OpenRouter's rankings. Default: env
   * `OPENROUTER_SITE_URL`, else env `DOMAIN_CLIENT`.
   */
  siteUrl?: string | null | undefined;
  /**
   * The name of your site, for OpenRouter's rankings, sent as the headers `X-Title` and `X-OpenRouter-Title`. Default: env
   * `OPENROUTER_SITE_NAME`.
   */
  siteName?: string | null | undefined;
  /** The categories of your site, for OpenRouter's rankings, sent as the header `X-OpenRouter-Categories`. */
  siteCategories?: string | readonly string[] | null | undefined;
  /** Default request parameters, for example `model`. The parameters of a call take precedence. Default `{}`. */
  modelOptions?: (RequestParameters & Switches) | null | undefined;
  /** Whether OpenRouter's auto router (`openrouter/auto`) chooses the model of each request. Default false. */
  autoRouter?: boolean | null | undefined;
  /**
   * Whether each request demands zero data retention (sent as `provider.zdr`). A call can turn it on, but cannot turn it
   * off. Default false.
   */
  zdr?: boolean | null | undefined;
  /**
   * `'deny'` excludes providers that store prompts or train on them (sent as `provider.data_collection`). A call cannot
   * loosen it. `'allow'` means the same as absent. Default: no restriction.
   */
  dataCollection?: 'deny' | 'allow' | null | undefined;
  /** Extra headers for each request. Default: none. */
  headers?: HeadersInput | null | undefined;
  /**
   * The maximum number of fallback models in one request. When all models of a request have failed, the next ones are sent
   * in another request. Default 3, because the API refuses more than 3.
   */
  modelsPerRequest?: number | null | undefined;
  /** Whether chat requests ask the API for `openrouter_metadata`, which explains fallbacks. Default true. */
  routerMetadata?: boolean | null | undefined;
  /**
   * The proxy: an http, https or socks5 URL, which may contain `user:password`. Default: env `PROXY`, then `HTTPS_PROXY`,
   * `HTTP_PROXY` and `ALL_PROXY`, in upper or lower case; a variable that is no such URL is an error of the requests that need
   * it. `NO_PROXY` is honoured, in the forms of curl and Node. Plain http to this machine uses no proxy of the environment.
   */
  proxy?: string | null | undefined;
  /**
   * Extra certificate authorities as PEM text. They are trusted in addition to those of the system, the bundled ones, and
   * those of env `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` and `SSL_CERT_DIR`. A server's self-signed certificate may be given,
   * too; it must name the host in its subjectAltName.
   */
  ca?: string | Uint8Array | ReadonlyArray<string | Uint8Array> | null | undefined;
  /** Time limits of each request. Default: see each limit in {@link Timeouts}. */
  timeouts?: Timeouts | null | undefined;
  /**
   * The maximum number of retries of a failed request. Default 2; `0` turns retries off.
   *
   * A request is retried only until the first part of its answer was delivered to you. Chats are retried after connection
   * failures, after the statuses 502, 503 and 529, and after a 429 that states a wait of at most 30 seconds and is no daily
   * limit, but never after an answer that reports a cost or generated tokens. Requests for models and credits are also
   * retried after 408, other 5xx statuses and connection resets.
   * Fallback models that were not tried yet are tried before a retry.
   */
  maxRetries?: number | null | undefined;
  /** The maximum age of cached credits and models. */
  cache?: CacheOptions | null | undefined;
  /**
   * The maximum size of one event of a stream, in bytes. A larger event fails the stream with `response_too_large`. Default
   * 64 MiB, at most 480 MiB.
   */
  maxEventBytes?: number | null | undefined;
  /**
   * The maximum size of an answer, in bytes: of a JSON body, or of the completion that a stream adds up to. A larger answer
   * fails with `response_too_large`, after what arrived before was delivered. Default 256 MiB, at most 480 MiB.
   *
   * An answer also fails so if it has more than 128 choices, 1024 tool calls in a choice, or 4096 `reasoning_details`, images
   * or annotations in a choice. Of unknown fields, the first 4096 of an object become part of {@link
   * ChatCompletionStream.partial} and `finalCompletion()`.
   */
  maxResponseBytes?: number | null | undefined;
  /**
   * The maximum number of chat requests per minute. Excess chats wait in a first-come-first-served queue, which all clients
   * of the process with the same key share. A waiting chat can be aborted. Default: no limit.
   */
  rateLimit?: { requestsPerMinute?: number | null | undefined } | null | undefined;
  /**
   * Receives the log lines. `false` turns logging off. Default: lines on stderr if env `DEBUG` names this package
   * (`openrouter:*`, `librechat:*` or `*`) or env `LOG_LEVEL` is `debug`, else no logging.
   */
  logger?: Partial<Logger> | false | null | undefined;
  /**
   * LibreChat's endpoint options. Only the switches `autoRouter`, `zdr` and `dataCollection` are read from them, from their
   * `modelOptions` and `model_parameters`, and the latter two from `provider` and `providerPreferences` there.
   */
  endpointOption?: (Switches & { modelOptions?: Switches | null | undefined; [option: string]: unknown }) | null | undefined;
  /** LibreChat's HTTP request. It stays available in `client.options` and is never read or sent. */
  req?: unknown;
  /** LibreChat's HTTP response. It stays available in `client.options` and is never read or sent. */
  res?: unknown;
}

/** An abort signal that is not one of Node: that of a polyfill, of another realm, or one with `onabort` only. */
export type SignalLike = { readonly aborted: boolean; readonly reason?: unknown } & (
  | { addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void }
  | { onabort: unknown }
);

/** The options of `getCredits`, `getModels` and `getGeneration`. */
export interface CallOptions {
  /**
   * Aborts the call: its promise rejects with an `AbortError`. If the signal is already aborted when the method is called,
   * no request is sent and no cached value is returned.
   */
  signal?: AbortSignal | SignalLike | null | undefined;
}

/**
 * A client of OpenRouter. Constructing one is cheap, because connections and caches belong to the process and are shared by
 * all clients. An idle client does not keep the process alive. The class can be extended.
 *
 * Settings are fixed when the client is constructed. Assigning to a read-only property throws an {@link OpenRouterError} with
 * the code `invalid_option`, so that nobody believes in a setting that no request has.
 */
export class OpenRouterClient {
  /**
   * Creates a client from a key and options, or from options alone.
   *
   * @throws {OpenRouterError} `missing_api_key` if there is no key, `invalid_api_key` if the key holds characters that an
   * HTTP header cannot carry, or `invalid_option`. The message names the option and never contains its value.
   */
  constructor(apiKey?: string | null, options?: OpenRouterClientOptions | null);
  constructor(options: OpenRouterClientOptions);

  /**
   * The API key. The property is not enumerable; `util.inspect` and `JSON.stringify` show `[REDACTED]` instead of the key.
   */
  get apiKey(): string;
  /** The options object that was passed to the constructor. The property is not enumerable. */
  get options(): OpenRouterClientOptions;
  set options(value: OpenRouterClientOptions);
  /** The address of the API, without a slash at its end. */
  readonly baseURL: string;
  /** The address of your site (header `HTTP-Referer`), or `undefined` if none is set. */
  readonly siteUrl: string | undefined;
  /** The name of your site (header `X-Title`), or `undefined` if none is set. */
  readonly siteName: string | undefined;
  /** The default request parameters. */
  readonly modelOptions: RequestParameters;
  /** Whether the auto router chooses the model of each request. */
  readonly autoRouter: boolean;
  /** Whether each request demands zero data retention. */
  readonly zdr: boolean;
  /** The maximum age of cached credits and models, in milliseconds. */
  readonly cacheSettings: { readonly creditsTTL: number; readonly modelsTTL: number };
  /** The usage of the last finished completion; `null` before the first one, and if the API sent none. */
  usage: Usage | null;
  /**
   * The id of the model that answered the last finished completion; `null` before the first one. You may set it: a later
   * stream compares its own model with it, see {@link ChatCompletionStream.modelSwitch}.
   */
  actualModelUsed: string | null;
  /** The name of the field of `usage` that counts the tokens of the prompt: `prompt_tokens`. */
  inputTokensKey: string;
  /** The name of the field of `usage` that counts the tokens of the answer: `completion_tokens`. */
  outputTokensKey: string;

  /**
   * Returns the headers of this client's requests, including the key: `Authorization` and `Content-Type`, then
   * `HTTP-Referer`, `X-Title` and `X-OpenRouter-ZDR` if they are set, then the option `headers`.
   */
  buildHeaders(): Record<string, string>;

  /**
   * Requests a completion and streams it. The promise resolves when the first data event arrives. Until then the client can
   * retry and fall back to other models, and a failure rejects this promise. A later failure rejects the reads of the
   * stream.
   *
   * @throws {OpenRouterError} The promise rejects; see {@link ErrorCode}.
   */
  chatCompletion(params: ChatCompletionParams & { stream: true }): Promise<ChatCompletionStream>;
  /**
   * Requests a completion and resolves when it is complete. A response with status 200 that contains an error rejects with
   * the same error as an HTTP error would.
   *
   * @throws {OpenRouterError} The promise rejects; see {@link ErrorCode}.
   */
  chatCompletion(params: ChatCompletionParams & { stream?: false | null | undefined }): Promise<ChatCompletion>;
  /**
   * Requests a completion if the value of `stream` is known only at run time. The result is a {@link ChatCompletionStream}
   * if `stream` is true, else a {@link ChatCompletion}.
   */
  chatCompletion(params: ChatCompletionParams): Promise<ChatCompletion | ChatCompletionStream>;

  /**
   * Returns the balance and usage of the account or key, in USD. Served from the cache while the cached value is younger
   * than `cacheSettings.creditsTTL`. The cost of each finished request is subtracted from the cached balance, so that the
   * balance is current after each message without a request to the API.
   *
   * @param forceRefresh `true` requests the figures from the API, and rejects if that fails. Default false.
   * @throws {OpenRouterError} The promise rejects. Without `forceRefresh`, after a temporary failure (network, 408, 429,
   * 5xx) the last known figures are returned instead, for up to an hour, and a warning is logged.
   */
  getCredits(forceRefresh?: boolean, options?: CallOptions): Promise<Credits>;

  /**
   * Returns OpenRouter's list of models. Served from the cache while the cached list is younger than
   * `cacheSettings.modelsTTL`. Each call returns a new array, which you may sort or change; the objects in it are frozen and
   * shared.
   *
   * @param forceRefresh `true` requests the list from the API, and rejects if that fails. Default false.
   * @throws {OpenRouterError} The promise rejects. Without `forceRefresh`, after a temporary failure (network, 408, 429,
   * 5xx) the last known list is returned instead, for up to 24 hours, and a warning is logged.
   */
  getModels(forceRefresh?: boolean, options?: CallOptions): Promise<Model[]>;

  /**
   * Returns the facts and the cost of one generation, also of an aborted one. The API knows them only some seconds after the
   * answer, so this method repeats the request with increasing waits until the cost is known, for at most a minute.
   *
   * @param id The id of the generation: `completion.id` or `stream.generationId`.
   * @throws {OpenRouterError} The promise rejects; with `not_found` if the API still does not know the generation after a
   * minute.
   */
  getGeneration(id: string, options?: CallOptions): Promise<Generation>;

  /** Returns {@link actualModelUsed}. */
  getActualModelUsed(): string | null;

  /** Returns the client's settings with the key redacted, for `JSON.stringify`. */
  toJSON(): Record<string, unknown>;
}

// --------------------------------------------------------------------------------------------------------- request

/** A part of a message's content: text, or a file of the kind that `type` names, in the field of that name. */
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

/** Marks the end of a prefix of the prompt that the provider should cache (a breakpoint of its prompt cache). */
export interface CacheControl {
  type: Open<'ephemeral'>;
  /** How long the provider keeps the prefix: 5 minutes or 1 hour. */
  ttl?: Open<'5m' | '1h'> | undefined;
}

/** A message of the conversation. The messages of completions can be sent back unchanged as history. */
export interface ChatMessage {
  role: Open<'system' | 'developer' | 'user' | 'assistant' | 'tool'>;
  content?: string | readonly ContentPart[] | null | undefined;
  name?: string | null | undefined;
  /** In a message with the role `tool`: the id of the tool call that the message answers. */
  tool_call_id?: string | null | undefined;
  /** In an assistant message: the tool calls that the model requested. */
  tool_calls?: readonly ToolCall[] | null | undefined;
  /** In an assistant message: the reasoning of the model as text. */
  reasoning?: string | null | undefined;
  /** In an assistant message: the reasoning in steps. Send the steps back unchanged and in the same order. */
  reasoning_details?: readonly ReasoningDetail[] | null | undefined;
  [field: string]: unknown;
}

/** A tool that the model may call: a function of yours, or one of OpenRouter's own tools (type `openrouter:web_search`). */
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

/**
 * How OpenRouter chooses the provider that serves a request, see
 * https://openrouter.ai/docs/guides/routing/provider-selection. The API may refuse unknown keys.
 */
export interface ProviderPreferences {
  /** Provider slugs in the order in which to try them. */
  order?: readonly string[] | null | undefined;
  /** The only providers that may serve the request, as slugs. An empty list is refused with `invalid_request`. */
  only?: readonly string[] | null | undefined;
  /** Providers that must not serve the request, as slugs. */
  ignore?: readonly string[] | null | undefined;
  allow_fallbacks?: boolean | null | undefined;
  require_parameters?: boolean | null | undefined;
  data_collection?: Open<'allow' | 'deny'> | null | undefined;
  /** Zero data retention. */
  zdr?: boolean | null | undefined;
  enforce_distillable_text?: boolean | null | undefined;
  quantizations?: readonly string[] | null | undefined;
  sort?: Open<'price' | 'throughput' | 'latency' | 'exacto'> | object | null | undefined;
  /** The maximum price by unit (`prompt`, `completion` and so on), in USD per million tokens. */
  max_price?: { [unit: string]: string | number | undefined } | null | undefined;
  [preference: string]: unknown;
}

/** How much a model reasons before it answers, and whether the response contains the reasoning. */
export interface ReasoningOptions {
  effort?: Open<'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none'> | null | undefined;
  summary?: Open<'auto' | 'concise' | 'detailed'> | null | undefined;
  /** The maximum number of reasoning tokens. */
  max_tokens?: number | null | undefined;
  /** Whether the response leaves the reasoning out. */
  exclude?: boolean | null | undefined;
  enabled?: boolean | null | undefined;
  [option: string]: unknown;
}

/**
 * The parameters of OpenRouter's chat completions API, see https://openrouter.ai/docs. Parameters that are not listed here
 * are sent unchanged.
 */
export interface RequestParameters {
  /**
   * The id of the model, for example `openai/gpt-5-mini`. It may be absent if the client's `modelOptions` name a model, if
   * `models` does, or if the auto router is on.
   */
  model?: string | null | undefined;
  /**
   * Up to 10 fallback models, tried in this order when a model fails before its first token. Duplicates and the model itself
   * are dropped. Models after the tenth are dropped too, and a warning is logged.
   */
  models?: readonly string[] | null | undefined;
  /** How OpenRouter chooses the provider. */
  provider?: ProviderPreferences | null | undefined;
  /** OpenRouter's plugins, for example `[{ id: 'web' }]`. */
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
  /** OpenAI's name for `reasoning.effort`. */
  reasoning_effort?: ReasoningOptions['effort'];
  modalities?: ReadonlyArray<Open<'text' | 'image' | 'audio'>> | null | undefined;
  metadata?: { [name: string]: string } | null | undefined;
  user?: string | null | undefined;
  session_id?: string | null | undefined;
  cache_control?: CacheControl | null | undefined;
  service_tier?: Open<'auto' | 'default' | 'fast' | 'flex' | 'priority' | 'scale'> | null | undefined;
  /** Whether the completion is streamed. Default false. */
  stream?: boolean | null | undefined;
  [parameter: string]: unknown;
}

/**
 * The parameters of a chat: those of the API, and the parameters `autoRouter`, `zdr`, `dataCollection`, `signal`, `onProgress`,
 * `timeouts`, `maxRetries` and `headers`, which are for this client and are not sent in the body.
 */
export interface ChatCompletionParams extends RequestParameters {
  /** The conversation. It must not be empty. */
  messages: readonly ChatMessage[];
  /**
   * Whether the auto router (`openrouter/auto`) chooses the model. `models` is then not sent. Default: the client's option.
   */
  autoRouter?: boolean | null | undefined;
  /**
   * Whether this request demands zero data retention. `false` does not turn it off if the client demands it. Default: the
   * client's option.
   */
  zdr?: boolean | null | undefined;
  /** `'deny'` excludes providers that store prompts or train on them. `'allow'` does not loosen the client's option. */
  dataCollection?: 'deny' | 'allow' | null | undefined;
  /** Aborts the request at any time, also in the middle of a stream. Pending promises reject with an `AbortError`. */
  signal?: AbortSignal | SignalLike | null | undefined;
  /** With `stream: true`: called with each piece of the content, in order. The stream then runs without being read. */
  onProgress?: ((text: string) => void) | null | undefined;
  /** Time limits of this request. A limit that is absent here is the client's. */
  timeouts?: Timeouts | null | undefined;
  /** The maximum number of retries of this request. Default: the client's option. */
  maxRetries?: number | null | undefined;
  /** Extra headers of this request. They take precedence over the client's. */
  headers?: HeadersInput | null | undefined;
}

// -------------------------------------------------------------------------------------------------------- response

/** A tool call that the model requests. */
export interface ToolCall {
  /** The id to name as `tool_call_id` in the message with the tool's result. */
  id?: string | undefined;
  type?: Open<'function'> | undefined;
  function: {
    name: string;
    /** The arguments as JSON text, exactly as the model wrote it. */
    arguments: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** A step of the model's reasoning. Send the steps back unchanged and in the same order in the next turn. */
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

/** A source that the answer cites (`url_citation`), or a file that was parsed for it (`file`). */
export interface Annotation {
  type: Open<'url_citation' | 'file'>;
  url_citation?: { url: string; title?: string; content?: string; start_index?: number; end_index?: number; [field: string]: unknown };
  file?: { hash?: string; name?: string; content?: ContentPart[]; [field: string]: unknown };
  [field: string]: unknown;
}

/** The message of the model. It can be sent back unchanged as history. */
export interface AssistantMessage {
  role: Open<'assistant'>;
  /** The answer; `null` if there is none, for example because the model only calls tools. */
  content: string | ContentPart[] | null;
  /** The text with which the model refused to answer. */
  refusal?: string | null;
  /** The reasoning as text. */
  reasoning?: string | null;
  /** The reasoning in steps. */
  reasoning_details?: ReasoningDetail[] | null;
  /** The tool calls that the model requests. */
  tool_calls?: ToolCall[] | null;
  /** The predecessor of `tool_calls`, which some providers still send. */
  function_call?: { name: string; arguments: string; [field: string]: unknown } | null;
  images?: Array<{ type: Open<'image_url'>; image_url: { url: string }; [field: string]: unknown }> | null;
  audio?: { id?: string; data?: string; transcript?: string; expires_at?: number; [field: string]: unknown } | null;
  annotations?: Annotation[] | null;
  [field: string]: unknown;
}

/** Why the model stopped. `length` means that the answer was cut off at a token limit. */
export type FinishReason = Open<'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | 'function_call'>;

/** One answer of a completion. */
export interface Choice {
  /** The position in `choices`, from 0. */
  index: number;
  message: AssistantMessage;
  /** Why the model stopped; `null` if the answer has not ended. */
  finish_reason: FinishReason | null;
  /** The finish reason in the provider's own words. */
  native_finish_reason?: string | null;
  logprobs?: object | null;
  /** Tool calls that are incomplete, because the answer ended too early. Do not run them. */
  unfinished_tool_calls?: object[];
  [field: string]: unknown;
}

/** The tokens and the cost of a completion. */
export interface Usage {
  /** The tokens of the prompt. */
  prompt_tokens: number;
  /** The tokens of the answer. */
  completion_tokens: number;
  total_tokens: number;
  /**
   * The amount that OpenRouter charged, in USD. If a provider key of your own was used (`is_byok`), the provider's charge is
   * not included.
   */
  cost?: number | null;
  /** Whether the inference was paid with a provider key of your own ("bring your own key"). */
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

/** One attempt to get an answer: a request to one model, or to one provider of it. */
export interface Attempt {
  /** The id of the model. */
  model?: string;
  /** The name of the provider. */
  provider?: string;
  /** The HTTP status of the attempt. */
  status?: number;
  /** Why the attempt failed; absent for the attempt that answered. */
  reason?: string;
}

/** How a completion came about: which model was requested, and which one answered. */
export interface CompletionMetadata {
  /** Whether a router, such as `openrouter/auto`, chose the model. */
  autoRouterUsed: boolean;
  /** The model that the caller named. */
  requestedModel: string;
  /** The model that was sent in the request. */
  effectiveModel: string;
  /** The model that answered; `null` if the API did not name it. */
  actualModelUsed: string | null;
  /** Whether a fallback model answered. */
  fallbackUsed: boolean;
  /** The known attempts, in order: failed requests of this client, then those that the API reports. May be empty. */
  attempts: Attempt[];
  /**
   * Only for streams: why the answer ended, judged by its content. It is `tool_calls` exactly when the message has complete
   * tool calls to run, although providers may send another finish reason.
   */
  stopKind?: FinishReason;
}

/** A completion. It has every field that the API sent. */
export interface ChatCompletion {
  /** The id of the completion, which is also the id of the generation, see {@link OpenRouterClient.getGeneration}. */
  id: string;
  object: Open<'chat.completion'>;
  /** When the completion was created, in seconds since 1970. */
  created: number;
  /** The id of the model that answered. */
  model: string;
  /** The display name of the provider that answered. */
  provider?: string;
  choices: Choice[];
  usage?: Usage | null;
  system_fingerprint?: string | null;
  service_tier?: string | null;
  openrouter_metadata?: Record<string, unknown> | null;
  /** How the answer came about. Present if a router chose the model, or if another model than the requested one answered. */
  _metadata?: CompletionMetadata;
  [field: string]: unknown;
}

/** The completion that a whole stream adds up to. */
export interface FinalCompletion extends ChatCompletion {
  /** How the answer came about. */
  _metadata: CompletionMetadata;
}

/** The completion that a stream has added up to so far. Fields that have not arrived yet are absent. */
export interface PartialCompletion {
  id?: string;
  object: Open<'chat.completion'>;
  created?: number;
  model?: string;
  provider?: string;
  choices: Choice[];
  usage?: Usage | null;
  /** In an error: how large the answer was, and how much of it is here, if it was cut. */
  _truncated?: { bytes: number; keptBytes: number };
  [field: string]: unknown;
}

/** The part that one chunk adds to an answer. */
export interface Delta {
  role?: Open<'assistant'> | null;
  /** The next piece of the content. */
  content?: string | null;
  refusal?: string | null;
  /** The next piece of the reasoning. */
  reasoning?: string | null;
  reasoning_details?: ReasoningDetail[] | null;
  /** Pieces of tool calls: the first piece of a call has its id and name, the other pieces add to its arguments. */
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

/** One data event of a stream, with the fields that the API sent. */
export interface ChatCompletionChunk {
  id: string;
  object: Open<'chat.completion.chunk'>;
  created: number;
  model: string;
  provider?: string;
  /** The choices that this chunk adds to. May be empty, `null` or absent in the chunk with the usage. */
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

/** Measurements of a stream. Times are in milliseconds since the call began. */
export interface StreamMetrics {
  /** When the response headers arrived. */
  headersMs: number;
  /** When the first token arrived; `null` until then. */
  firstTokenMs: number | null;
  /** When the stream ended; the time until now if it has not ended. */
  durationMs: number;
  /** The tokens of the answer per second since the first token; `null` until the usage has arrived. */
  tokensPerSecond: number | null;
  /** The size of the body received so far, in bytes after decompression. */
  bytes: number;
  /** The number of data events received so far. */
  events: number;
}

/** A fallback: another model than the first one answered. */
export interface Fallback {
  /** The id of the model that was tried first. */
  from: string;
  /** The id of the model that answered. */
  to: string;
  /** Why the first model failed; `null` if the API did not say. */
  reason: string | null;
  /** The known attempts, in order. May be empty. */
  attempts: Attempt[];
}

/** A change of the answering model between two turns of a conversation. */
export interface ModelSwitch {
  /** The id of the model that answered the client's last completion. */
  from: string;
  /** The id of the model that answers now. */
  to: string;
}

/** The events of a stream, with the arguments that their listeners receive. */
export interface StreamEvents {
  /** The id of the answering model became known. */
  model: [model: string];
  /** A piece of the content arrived. */
  content: [text: string];
  /** A piece of the reasoning arrived. */
  reasoning: [text: string];
  /** A fallback model answers. */
  fallback: [fallback: Fallback];
  /** The usage arrived. */
  usage: [usage: Usage];
  /** The stream ended successfully, and everything was delivered. */
  end: [];
  /** The stream failed. A listener is optional, because a read and `finalCompletion()` reject with the same error. */
  error: [error: OpenRouterError];
}

/**
 * The async iterator that reads a stream. `return()` and `throw()` close the request, and so do `break` in a `for await`
 * loop and the end of an `await using` block.
 */
export interface StreamIterator<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>;
  return(value?: any): Promise<IteratorResult<T, any>>;
  throw(error?: any): Promise<IteratorResult<T, any>>;
  [Symbol.asyncIterator](): StreamIterator<T>;
}

/**
 * A chat completion that is being streamed.
 *
 * The stream starts when it is read, or when `onProgress`, a `content` or `end` listener, or `finalCompletion()` needs it.
 * Until then at most 64 KiB are read ahead, and the server has to wait. The stream is read no faster than its consumer takes
 * the data.
 *
 * A stream has one consumer: iterating it, `text()` and `body` exclude each other, and a second consumer throws an
 * {@link OpenRouterError} with the code `invalid_request`. Listeners can be combined with a consumer that begins to read in
 * the same turn of the event loop.
 *
 * A failure rejects one read, after all events that arrived before it were delivered; `error.partial` then has the
 * incomplete answer. A stream that is garbage-collected closes its connection.
 *
 * The properties can be read at any time, also after an error or an abort. They are `null` until their value is known.
 */
export class ChatCompletionStream implements AsyncIterable<ChatCompletionChunk>, AsyncDisposable {
  private constructor();

  /** The id of the completion. */
  get id(): string | null;
  /**
   * The id for {@link OpenRouterClient.getGeneration}, from the response header `X-Generation-Id`. It is known from the
   * start; `null` if the API did not send it.
   */
  get generationId(): string | null;
  /** The id of the model that the caller named. */
  get requestedModel(): string;
  /** The id of the model that answers: the first model that the stream names and that is not a router. */
  get model(): string | null;
  /** The display name of the provider that answers. */
  get provider(): string | null;
  /** The tokens and the cost. */
  get usage(): Usage | null;
  /** The amount that OpenRouter charged, in USD: `usage.cost`. */
  get cost(): number | null;
  /** `cost`, plus the provider's own charge if a provider key of your own was used, in USD. */
  get totalCost(): number | null;
  /** Why the model stopped. */
  get finishReason(): FinishReason | null;
  /** The fallback that took place; `null` if there was none. */
  get fallback(): Fallback | null;
  /**
   * The change of model, if another model answers than the one of the client's last completion (`client.actualModelUsed`
   * when this call began); else `null`. A chat can show it to its user. If you create a new client for each turn, set its
   * `actualModelUsed` to the model of the last turn before the call.
   */
  get modelSwitch(): ModelSwitch | null;
  /** The measurements so far. */
  get metrics(): StreamMetrics;
  /** The completion so far. */
  get partial(): PartialCompletion;
  /**
   * The bytes of the event stream (SSE) as the API sent them, to be piped into an HTTP response. Reading them makes you the
   * one consumer of the stream. After an event that reports a failure no more bytes follow, not even a `[DONE]` that the API
   * sent.
   */
  get body(): ReadableStream<Uint8Array>;

  /** Returns {@link body}. */
  toReadableStream(): ReadableStream<Uint8Array>;

  /** Iterates over the data events, in order, as plain objects that also have the fields that this version does not know. */
  [Symbol.asyncIterator](): StreamIterator<ChatCompletionChunk>;

  /** Iterates over the content as strings, without the rest of the events. This is the fastest way to read the text. */
  text(): StreamIterator<string>;

  /**
   * Adds a listener. Listeners that are added as soon as the promise of `chatCompletion` resolves miss no event. An
   * exception in a listener is ignored and does not affect the stream.
   */
  on<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;
  /** Adds a listener that is called at most once. */
  once<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;
  /** Removes a listener. */
  off<Name extends keyof StreamEvents>(name: Name, listener: (...values: StreamEvents[Name]) => unknown): this;

  /**
   * Waits for the end of the stream and returns the whole completion, in the shape of a completion that was not streamed.
   * Each tool call is in it once. Its message can be sent back as history.
   *
   * @throws {OpenRouterError} The promise rejects if the stream fails, is aborted, or is left before its end.
   */
  finalCompletion(): Promise<FinalCompletion>;

  /**
   * Aborts the stream and closes the request. Data that arrived before is still delivered, then reads reject with an
   * `AbortError` whose `cause` is `reason`.
   */
  abort(reason?: unknown): void;

  /**
   * Ends the delivery and closes the request. With `drain: true` the rest of the stream is read without being delivered, so
   * that the usage becomes known, for example to bill an answer that the user stopped.
   *
   * @returns The usage; `null` if it has not arrived.
   * @throws {OpenRouterError} The promise rejects if a stream fails while it is drained.
   */
  stop(options?: { drain?: boolean | undefined }): Promise<Usage | null>;

  /** Ends the delivery and closes the request, as `stop()` does. */
  [Symbol.asyncDispose](): Promise<void>;
}

// ----------------------------------------------------------------------------------------------------------- fetch

/**
 * The options of {@link createFetch}: the client's options for connections and for the request body, and callbacks for
 * chats. An exception in a callback is ignored and does not affect the request. A body may have any length; for the callbacks
 * a stream of any length is read, and a JSON body of up to `maxEventBytes`.
 */
export interface FetchOptions
  extends Pick<
    OpenRouterClientOptions,
    'autoRouter' | 'zdr' | 'dataCollection' | 'proxy' | 'ca' | 'timeouts' | 'maxEventBytes'
  > {
  /**
   * The base URL of the API, if it neither ends in `/v1` nor is the root of its host. The paths of endpoints count from it.
   * Default: the environment variable `OPENROUTER_BASE_URL`. Requests to other addresses are sent, too.
   */
  baseURL?: string | null | undefined;
  /** How many of a chat's `models` are sent: the first ones. Default: all, because this function sends no later request. */
  modelsPerRequest?: number | null | undefined;
  /** Called with the id of the model that answers a chat. */
  onModel?: ((model: string) => unknown) | null | undefined;
  /** Called with the usage of a chat. */
  onUsage?: ((usage: Usage) => unknown) | null | undefined;
  /** Called when a fallback model answers a chat. */
  onFallback?: ((fallback: Fallback) => unknown) | null | undefined;
  /** Called when a chat fails, also in the middle of a stream. */
  onError?: ((error: OpenRouterError) => unknown) | null | undefined;
}

/**
 * Creates a standard `fetch` function whose HTTP, TLS and proxying run in Rust, on the same connections as the clients. Pass
 * it to an SDK that accepts a `fetch`. Options of a client that are not among {@link FetchOptions} are ignored.
 *
 * The function never retries. Responses with an HTTP error status resolve. Network failures reject with
 * `TypeError('fetch failed')`, whose `cause` has a `code` of Node or undici, such as `ECONNRESET`. An abort rejects with the
 * signal's reason. A request body that is a stream is read to its end before the request is sent.
 *
 * If `autoRouter`, `zdr`, `dataCollection` or a callback is set, `POST` requests to `/chat/completions` below the base URL
 * are treated as chats: the options are applied to the request body, and the response is read while it passes through
 * unchanged. The cost of such a chat is subtracted from the cached balance of its key. With a callback, chats ask the API to
 * explain fallbacks (the header `X-OpenRouter-Metadata`). If the body cannot be sent under these options, the function
 * resolves to a 400 response without sending it.
 *
 * `zdr` and `dataCollection` apply to every request that can carry a prompt: endpoints that keep them get them in `provider`
 * (chats, responses, messages, embeddings, rerank, speech, transcriptions as JSON); every other `POST`, `PUT` and `PATCH`, and
 * other requests with a body, get a 400 without being sent. See {@link explainPrivacy}.
 *
 * @throws {OpenRouterError} `invalid_option`
 */
export function createFetch(options?: FetchOptions | null): typeof globalThis.fetch;

// ----------------------------------------------------------------------------------------------- credits and models

/** The balance and usage of an account or of a key, in USD. */
export interface Credits {
  /**
   * The remaining amount. May be negative. `null` if it is unknown: a key without a limit cannot read the account's balance.
   */
  balance: number | null;
  currency: 'USD';
  /** The amount spent so far; `null` if it cannot be read. */
  usage: number | null;
  /**
   * The amount of credits bought, or the limit of the key; for a key without a limit, that of the budget which holds it;
   * `null` if there is none.
   */
  total: number | null;
  /**
   * Where the figures come from. `credits`: they are the account's (only management keys can read them). `key`: they are the
   * limit and usage of the key, which say nothing about the account's balance. The property is not enumerable.
   */
  readonly source: 'credits' | 'key';
}

/** The colour of a balance in USD: `green` above 5, `yellow` from 1 to 5, `red` below 1, `unknown` if it is not known. */
export type CreditLevel = 'green' | 'yellow' | 'red' | 'unknown';

/** A model of OpenRouter's list, as the API sent it. The object is deeply frozen, because all callers share it. */
export interface Model {
  /** The id to name in requests. */
  readonly id: string;
  /** The display name. */
  readonly name: string;
  readonly canonical_slug?: string;
  readonly hugging_face_id?: string | null;
  /** When the model was added, in seconds since 1970. */
  readonly created: number;
  readonly description?: string;
  /** The context length, in tokens. */
  readonly context_length: number | null;
  readonly architecture: {
    readonly modality?: string | null;
    readonly input_modalities: ReadonlyArray<Open<'text' | 'image' | 'file' | 'audio' | 'video'>>;
    readonly output_modalities: ReadonlyArray<Open<'text' | 'image' | 'audio'>>;
    readonly tokenizer?: string;
    readonly instruct_type?: string | null;
    readonly [field: string]: unknown;
  };
  /** Prices as decimal strings, in USD per token or other unit; `"-1"` is a price that varies. See {@link modelInfo}. */
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

/** An ability that only some models have. */
export type Capability = 'vision' | 'audio' | 'files' | 'tools' | 'reasoning' | 'structured_outputs' | 'image_output';

/** The facts of a model that a user interface shows. `null` means unknown; no value is guessed. */
export interface ModelInfo {
  /** The context length, in tokens. */
  contextLength: number | null;
  /** The maximum length of an answer, in tokens. */
  maxOutput: number | null;
  /** The price of the prompt, in USD per token; `null` if it varies. */
  promptPrice: number | null;
  /** The price of the answer, in USD per token; `null` if it varies. */
  completionPrice: number | null;
  /** Whether neither tokens nor anything else (images, requests, searches) is charged. */
  free: boolean;
  /** The abilities of the model. */
  capabilities: Capability[];
}

/** The facts and the cost of one generation (the work of a model for one completion). */
export interface Generation {
  id: string;
  /** The id of the model that answered. */
  model: string;
  /** The router that chose the model. */
  router?: string | null;
  provider_name?: string | null;
  /** The amount that was charged, in USD. */
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

/** Returns the colour of a balance in USD. `null`, `undefined` and `NaN` give `'unknown'`. */
export function creditLevel(balance: number | null | undefined): CreditLevel;

/** Returns the facts of a model that a user interface shows. Fields of `model` may be missing. */
export function modelInfo(model: Partial<Model> | null | undefined): ModelInfo;

// ---------------------------------------------------------------------------------------------------------- process

/** A request to explain. See {@link explainPrivacy}. */
export interface PrivacyRequest {
  /** The address, or a path below `baseURL`. Default: `/chat/completions`. */
  url?: string | URL | undefined;
  /** The method. Default: `POST`. */
  method?: string | undefined;
  /** The body. An object is sent as JSON. */
  body?: unknown;
  /** The headers. */
  headers?: HeadersInput | null | undefined;
  /** The option `zdr` of the client or of `createFetch`. */
  zdr?: boolean | null | undefined;
  /** The option `dataCollection` of the client or of `createFetch`. */
  dataCollection?: 'deny' | 'allow' | null | undefined;
  /** The base URL of the API. Default: as for a client. */
  baseURL?: string | null | undefined;
}

/** What would happen to a request under its privacy settings. */
export interface PrivacyExplanation {
  /** The method and the path below the base URL, for example `POST /chat/completions`. */
  endpoint: string;
  /** The settings in force: those given, and those in the body. */
  floors: { zdr: boolean; dataCollection: 'deny' | null };
  /** `merge`: it is sent with the settings in `provider`. `pass`: it is sent as it is. `refuse`: it is not sent. */
  action: 'merge' | 'pass' | 'refuse';
  /** Why, in a sentence. */
  reason: string;
  /** Parts of the request that the settings do not cover, such as `the plugin web`. */
  uncovered: string[];
  /** The body that would be sent, for `merge`. */
  body?: Record<string, unknown>;
}

/**
 * Says what would protect a request and what would not, without sending it. Clients and `createFetch` go by the same table.
 *
 * @throws {OpenRouterError} `invalid_option`
 */
export function explainPrivacy(request: PrivacyRequest): PrivacyExplanation;

/**
 * Clears the cached credits and models of one key, or of all keys without an argument. A string that cannot be a key clears
 * nothing.
 *
 * @throws {OpenRouterError} `invalid_option` if `apiKey` is neither a string nor absent, for example `null`
 */
export function clearCache(apiKey?: string): void;

/** Counters of one cache since the process started. */
export interface CacheStats {
  /** Calls that were answered from the cache. */
  hits: number;
  /** Calls that sent a request to the API. */
  misses: number;
  /** Calls that waited for a request that another call had sent. */
  coalesced: number;
  /** Requests that refreshed a value in the background, after a call was answered from the cache. */
  backgroundRefreshes: number;
  /** Calls that were answered with an expired value, because the request for a new one failed. */
  staleServed: number;
}

/** Counters of the process, over all clients and threads. */
export interface Stats {
  /** The cache of credits. */
  credits: CacheStats;
  /** The cache of models. */
  models: CacheStats;
  /** The number of streams that have not ended. */
  activeStreams: number;
  /** The number of HTTP requests sent so far. */
  requests: number;
  /** How many of these were further attempts of a call: retries and requests to fallback models. */
  retries: number;
  /** The number of chats that wait for the rate limit now. */
  queued: number;
}

/** Returns the counters of the process. */
export function getStats(): Stats;

// ----------------------------------------------------------------------------------------------------------- errors

/**
 * The kind of failure, for comparisons in code.
 *
 * These codes follow from the HTTP status: 400 and 422 `invalid_request`, 401 `invalid_api_key`, 402 `insufficient_credits`,
 * 403 `forbidden` or `moderation` (`insufficient_credits` if the budget or limit of the key is spent), 404 `not_found` or
 * `no_endpoints`, 408, 504 and 524 `timeout`, 413 `payload_too_large`, 429 `rate_limited`, 500 `server_error`, 502
 * `provider_error`, 503 `service_unavailable`, 529 `overloaded`.
 *
 * The other codes have no status of their own. The network: `connection_failed` (also for a bug in this package, whose
 * message asks to report it), `connection_reset`, `tls_error`, `proxy_error`. The answer: `stream_truncated` (a stream ended without `[DONE]` and without a finish reason),
 * `malformed_response`, `empty_response`, `response_too_large`. The use of this package: `missing_api_key`,
 * `invalid_option`, `privacy_not_possible` (a privacy setting cannot be kept, and nothing was sent), `aborted`.
 *
 * Three codes of the first list are also used without a status: `timeout` for one of the limits of {@link Timeouts},
 * `invalid_request` for parameters that cannot be sent, and `invalid_api_key` for a key that no HTTP header can carry.
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
  | 'privacy_not_possible'
>;

/** The details of a failure. Each field is present only if its value is known. */
export interface ErrorFacts {
  /** The HTTP status. For an error inside a response with status 200, the status that the error states. */
  status?: number | undefined;
  /** The reason phrase of the status, for example `Too Many Requests`. */
  statusText?: string | undefined;
  /** OpenRouter's `error.metadata.error_type`. */
  errorType?: string | undefined;
  /** The name of the provider that failed. */
  provider?: string | undefined;
  /** The id of the generation, for {@link OpenRouterClient.getGeneration}. */
  generationId?: string | undefined;
  /** The id of the request, to name to OpenRouter's support. */
  requestId?: string | undefined;
  /** How long the API asks to wait before another request, in milliseconds. */
  retryAfter?: number | undefined;
  /** The attempts that were made, in order. Absent if there was only one. */
  attempts?: Attempt[] | undefined;
  /** Node's name for a network failure: of the system (`ENOTFOUND`), or of a response that breaks HTTP (`HPE_INVALID_STATUS`). */
  errno?: string | undefined;
  /**
   * What took too long, by the names of {@link Timeouts}. `connect` also where the limit for the headers was reached before
   * there was a connection: nothing was sent then.
   */
  phase?: Open<'connect' | 'headers' | 'idle' | 'total'> | undefined;
  /**
   * The parsed JSON body of the response. Of a JSON body over 64 KiB, its first 64 KiB as text; of another body, its first
   * 200 characters. Not enumerable, because it may contain text of the user.
   */
  data?: unknown;
  /** The API's `error.metadata`. Not enumerable, because it may contain text of the user. */
  metadata?: Record<string, unknown> | undefined;
  /**
   * The answer so far, if a part of it had arrived before the failure. Of an answer over 4 MiB it has the beginnings of the
   * texts, and `_truncated`. Not enumerable.
   */
  partial?: PartialCompletion | undefined;
}

/**
 * An {@link OpenRouterError} as plain data. It contains neither keys nor the input that a moderation flagged, but `data`,
 * `metadata` and `partial` may contain text of the prompt or of the answer.
 */
export interface OpenRouterErrorJSON extends ErrorFacts {
  name: string;
  message: string;
  code: ErrorCode;
  /** The message of the cause. */
  cause?: string;
}

/**
 * The only error class of this package. `message` is a sentence that a user can act on; it contains neither the key nor any
 * text of the prompt. An abort is reported by this class too: `name` is `AbortError`, `message` is `Request aborted`, `code`
 * is `aborted` and `cause` is the signal's reason. `instanceof` also holds for errors of another copy of this package.
 */
export class OpenRouterError extends Error {
  /** Creates an error. `facts.code` defaults to `invalid_request`. */
  constructor(message: string, facts?: ErrorFacts & { code?: ErrorCode | undefined; cause?: unknown });

  name: Open<'OpenRouterError' | 'AbortError'>;
  /** The kind of failure. It is stable across versions: compare the code, not the message. */
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
  /** The underlying cause: an error with the API's or the operating system's own message, or the reason of an abort. */
  cause?: unknown;

  /**
   * Returns all details as plain data, for `JSON.stringify`: without keys, and without the input that a moderation flagged.
   * It includes `data`, `metadata` and `partial`, which may contain text of the prompt or of the answer. To keep these out of
   * a log, log the error itself: `util.inspect`, `console.error` and the enumerable fields leave them out.
   */
  toJSON(): OpenRouterErrorJSON;
}
