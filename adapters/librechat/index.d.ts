import type {
  ChatCompletion,
  ChatCompletionParams,
  ChatCompletionStream,
  ChatMessage,
  ChatOptions,
  Credits,
  FetchOptions,
  FinalCompletion,
  LookupOptions,
  Model,
  LibreChatOptions as NativeOptions,
  OpenRouterClient as NativeClient,
  OpenRouterClientOptions,
  OpenRouterError,
  ProviderPreferences,
  RequestParameters,
  SignalLike,
  Stats,
  ToolCall,
  Usage,
} from '../../index.js';
import type { Readable } from 'node:stream';

type AnyClass = abstract new (...args: any[]) => object;

/** LibreChat's logger, or any other logger with these methods. */
export interface LibreChatLogger {
  debug?(message: string, ...details: any[]): unknown;
  info?(message: string, ...details: any[]): unknown;
  warn?(message: string, ...details: any[]): unknown;
  error?(message: string, ...details: any[]): unknown;
}

/**
 * The parts of LibreChat that {@link createOpenRouterClient} uses. They are passed in, because this package does not depend
 * on LibreChat. Each comment names the module of LibreChat that exports the part.
 */
export interface LibreChatParts<Base extends AnyClass = AnyClass> {
  /** From `api/app/clients/BaseClient`: the class to extend. */
  BaseClient: Base;
  /**
   * From `@librechat/data-schemas` or `~/config`: receives the client's log lines, which contain no keys, questions or
   * answers. Default: as for the package's own client.
   */
  logger?: LibreChatLogger | undefined;
  /**
   * From `librechat-data-provider`: returns the name of the sender of answers. If it is absent or returns none, the name is
   * the label of the model, else `OpenRouter`.
   */
  getResponseSender?: ((of: any) => string) | undefined;
  /**
   * From `librechat-data-provider`: its `openrouter` is the name of the endpoint. The option `endpoint` takes precedence.
   * Default: `openrouter`.
   */
  EModelEndpoint?: { readonly [name: string]: string } | undefined;
  /**
   * From `./prompts`: converts messages that have neither LibreChat's nor the API's form. Default: such a message becomes a
   * user message with its text.
   */
  formatMessage?: ((of: { message: any; endpoint: any }) => any) | undefined;
  /**
   * From `./prompts`: shortens the question and the answer in the prompt for a title. Default: they are cut after 500
   * characters.
   */
  truncateText?: ((text: string) => string) | undefined;
  /** From `./prompts`: the instruction in the prompt for a title. Default: asks for at most five words. */
  titleInstruction?: string | undefined;
  /** From `~/server/services/Files/images`: encodes image attachments. Without it, images of attachments are not sent. */
  encodeAndFormat?: ((req: any, files: any[], endpoint: any, mode?: any) => Promise<{ files: any[]; image_urls?: any[] }>) | undefined;
  /** Accepted for compatibility and not used, because no error or log line of this client contains a key. */
  sanitizeError?: ((error: any) => unknown) | undefined;
  /** Counts the tokens of a text for LibreChat's balance check. Default: a quarter of the number of bytes in UTF-8. */
  countTokens?: ((text: string) => number) | undefined;
  /**
   * From `~/models`: bills a user. Called once for each answer, with the token counts that the API reports. Default: nothing
   * is billed.
   */
  spendTokens?: ((transaction: any, tokens: { promptTokens?: number; completionTokens?: number }) => unknown) | undefined;
  /**
   * The shape of the result of `sendCompletion`: `'string'` for the BaseClient of LibreChat's OpenRouter fork, `'object'`
   * (`{ completion, metadata }`) for the BaseClient of LibreChat v0.8. Default: detected from the source of `BaseClient`.
   */
  completionShape?: 'string' | 'object' | undefined;
  /**
   * Whether `onProgress` receives a marker with the model that a router chose, `\n[OPENROUTER_MODEL:id]\n`, before the first
   * piece of content. The marker is never part of a result. Default true.
   */
  modelMarker?: boolean | undefined;
}

/**
 * The options of a client: LibreChat's options, and those of the package's own client. An unknown option leads to a warning in
 * the log, once; one that resembles `zdr` or `dataCollection` throws `invalid_option`, because no request would be protected.
 */
export interface LibreChatOptions extends Omit<NativeOptions, 'logger' | 'apiKey' | 'endpointOption'> {
  /** The name of LibreChat's endpoint. Default: `EModelEndpoint.openrouter`, else `openrouter`. */
  endpoint?: string | undefined;
  endpointType?: string | undefined;
  endpointOption?: { [option: string]: any } | null | undefined;
  /**
   * The id of the model that writes titles; `current_model` means the model of the conversation. Default: env
   * `OPENROUTER_TITLE_MODEL`, else a cheap model.
   */
  titleModel?: string | undefined;
  /** Instructions that are sent as a system message before the conversation. */
  promptPrefix?: string | null | undefined;
  /** The label of the model, which also serves as the sender's name. */
  modelLabel?: string | null | undefined;
  /** The name of the sender of answers. Takes precedence over `getResponseSender`. */
  sender?: string | undefined;
  /**
   * For `setOptions`: whether the new options replace the existing ones instead of being merged into them. `req` and `res`
   * are kept. Default false.
   */
  replaceOptions?: boolean | undefined;
  [option: string]: unknown;
}

/** The options that LibreChat's `sendMessage` passes to `sendCompletion`. */
export interface SendOptions {
  /**
   * Called with each piece of the content, in order, and never after the promise has resolved. If it is given, the answer is
   * streamed. An exception in it is ignored; the result is still complete.
   */
  onProgress?: ((text: string) => unknown) | null | undefined;
  /**
   * Aborts the request when its signal is aborted: the request is closed, and `sendCompletion` rejects with an `AbortError`
   * whose `partial` has the answer so far.
   */
  abortController?: { readonly signal: AbortSignal | SignalLike } | null | undefined;
  [option: string]: unknown;
}

/**
 * The result of `sendCompletion` for an answer with tool calls or a function call, in the shape for LibreChat's OpenRouter
 * fork.
 */
export interface ToolCallResult {
  choices: [{
    message: { content: string | null; tool_calls: ToolCall[] | undefined; function_call: { name: string; arguments: string } | undefined };
    finish_reason: 'tool_calls';
  }];
}

/** The result of `sendCompletion` in the shape for LibreChat v0.8, which saves the metadata with the message. */
export interface CompletionResult {
  /** The text of the answer. */
  completion: string;
  metadata: { model?: string; provider?: string; finish_reason?: string; usage?: Usage; reasoning?: string; tool_calls?: ToolCall[]; [field: string]: unknown };
}

/** A streamed answer in the form of a `node-fetch` response, whose body is a Node stream. */
export interface StreamResponse {
  readonly ok: true;
  readonly status: 200;
  readonly statusText: 'OK';
  readonly url: string;
  readonly headers: Headers;
  /** The bytes of the event stream. `destroy()` closes the request. */
  readonly body: Readable;
  readonly bodyUsed: boolean;
  /** The stream behind the body, for its properties and events. Do not read it: the body is its one consumer. */
  readonly stream: ChatCompletionStream;
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
  json(): Promise<any>;
}

type SentMessage = { [field: string]: any };

/**
 * The members that the class adds to LibreChat's BaseClient. Its properties are plain and writable, and each request uses
 * their current values.
 */
export interface LibreChatClient {
  /** The API key. An own, writable property that is not enumerable, so that logs do not show it. */
  apiKey: string | null;
  /** The merged options, without the key. */
  options: LibreChatOptions;
  /** The default parameters of requests, `model` among them. */
  modelOptions: RequestParameters & { [option: string]: any };
  /** The name of the sender of answers. */
  sender: string;
  /** Whether the auto router chooses the model. */
  autoRouter: boolean;
  /**
   * Whether every request, including those for titles, demands zero data retention. Neither a call nor `setOptions` can turn it
   * off.
   */
  zdr: boolean;
  isChatCompletion: boolean;
  isChatGptModel: boolean;
  /** The address of the API. */
  baseURL: string;
  /** The address of your site. */
  siteUrl: string | undefined;
  /** The name of your site. */
  siteName: string | undefined;
  /** The maximum age of cached credits and models, in milliseconds. */
  cacheSettings: { creditsTTL: number; modelsTTL: number };
  /** The cache of this instance. Timestamps are those of `Date.now()`. A miss is looked up in the cache of the process. */
  cache: { credits: Credits | null; creditsTimestamp: number | null; models: Model[] | null; modelsTimestamp: number | null };
  /** The name of the field of `usage` that counts the tokens of the prompt: `prompt_tokens`. */
  inputTokensKey: string;
  /** The name of the field of `usage` that counts the tokens of the answer: `completion_tokens`. */
  outputTokensKey: string;
  /** The usage of the last answer; `null` if the API sent none. */
  usage: Usage | null;
  /** The id of the model that gave the last answer; `null` if it is not known. */
  actualModelUsed: string | null;
  /**
   * The last answer as the API sent it. It has the reasoning, images, annotations and finish reason, for which the result of
   * `sendCompletion` may have no place.
   */
  lastCompletion: ChatCompletion | FinalCompletion | null;

  /**
   * Merges options into the existing ones. For model options, `endpointOption.modelOptions` take precedence over
   * `modelOptions`, and these over the existing ones.
   *
   * `autoRouter` is read from the options, `modelOptions`, `endpointOption` and `endpointOption.modelOptions`: the first of them
   * that sets it counts. If none does, it stays as it is, or is off with `replaceOptions`.
   *
   * The privacy floors (`zdr`, `dataCollection: 'deny'`, and both in the `provider` or `providerPreferences` of model options)
   * hold as soon as any of these places sets them. No later options can take them away, with `replaceOptions` neither.
   *
   * @throws {OpenRouterError} `invalid_option`, for example if a switch is not a boolean
   */
  setOptions(options: LibreChatOptions | null | undefined): void;
  /**
   * Returns the headers of this client's requests, including the key.
   *
   * @throws {OpenRouterError} `missing_api_key`
   */
  buildHeaders(): Record<string, string>;
  /**
   * Requests a completion and streams it, as a response in `node-fetch`'s form.
   *
   * @throws {OpenRouterError} The promise rejects, as that of the package's own client does.
   */
  chatCompletion(params: ChatCompletionParams & { stream: true }, options?: Omit<ChatOptions, 'onProgress'> | null): Promise<StreamResponse>;
  /**
   * Requests a completion.
   *
   * @throws {OpenRouterError} The promise rejects, as that of the package's own client does.
   */
  chatCompletion(params: ChatCompletionParams & { stream?: false | null | undefined }, options?: Omit<ChatOptions, 'onProgress'> | null): Promise<ChatCompletion>;
  /**
   * Requests the answer to LibreChat's payload with the model options, and returns it in the shape that `BaseClient`
   * expects.
   *
   * @throws {OpenRouterError} The promise rejects; `partial` has the answer so far.
   */
  sendCompletion(
    payload: readonly ChatMessage[] | (Partial<ChatCompletionParams> & { prompt?: readonly ChatMessage[] | undefined }),
    opts?: SendOptions | null,
  ): Promise<string | ToolCallResult | CompletionResult>;
  /** Calls `chatCompletion` with the model options as defaults. */
  getCompletion(
    input: readonly ChatMessage[] | (Partial<ChatCompletionParams> & { prompt?: readonly ChatMessage[] | undefined }),
    options?: RequestParameters,
  ): Promise<ChatCompletion | StreamResponse>;
  /**
   * Returns the balance and usage, from the cache of this instance or of the process. `force` requests them from the
   * API.
   */
  getCredits(force?: boolean | LookupOptions | null, options?: LookupOptions | null): Promise<Credits>;
  /**
   * Returns the list of models, from the cache of this instance or of the process. `force` requests it from the API.
   */
  getModels(force?: boolean | LookupOptions | null, options?: LookupOptions | null): Promise<Model[]>;
  /**
   * Returns a title for a conversation, of at most 100 characters. Never rejects: after a failure the title is `'New Chat'`.
   */
  titleConvo(of: { text: string; conversationId?: string | undefined; responseText?: string | undefined; abortController?: { readonly signal: AbortSignal | SignalLike } | undefined }): Promise<string>;
  /**
   * Returns the error for a failed response that was not requested by this client. Resolves to the error, does not throw it.
   */
  handleError(response: { status: number; statusText?: string; json(): Promise<unknown> }): Promise<OpenRouterError>;
  /** Returns the options that LibreChat saves with a conversation. */
  getSaveOptions(): { endpoint: string; modelLabel: string | null | undefined; [option: string]: unknown };
  getBuildMessagesOptions(): { isChatCompletion: true; isChatGptModel: true };
  /** Converts LibreChat's messages into messages of the API, and counts the tokens of each (by `messageId`) and of all. */
  buildMessages(
    messages: unknown[],
    parentMessageId?: string | null,
    options?: object | null,
    opts?: { promptPrefix?: string | null | undefined; [option: string]: unknown } | null,
  ): Promise<{ prompt: SentMessage[]; tokenCountMap?: Record<string, number>; promptTokens?: number }>;
  /** Returns `actualModelUsed`. */
  getActualModelUsed(): string | null;
  /** Returns the model that gave the last answer, else the model of the options. */
  getResponseModel(): string | null;
  /** Returns `usage`. */
  getStreamUsage(): Usage | null;
  /**
   * Returns the text of the answer so far. If an edit continues an older text, that text precedes it. LibreChat saves it
   * after an abort.
   */
  getStreamText(): string;
  /** Returns the number of tokens of a text, as counted by `countTokens`. */
  getTokenCount(text: string): number;
  /** Returns the number of tokens of the last answer, from `usage` if it is known. */
  getTokenCountForResponse(response: object): number;
  /**
   * Returns the number of tokens of the newest message: the tokens of the prompt that the API reports, minus all other
   * messages.
   */
  calculateCurrentTokenCount(counts: { currentMessageId: string; tokenCountMap: Record<string, number>; usage?: Usage | null | undefined }): number;
  /**
   * Bills an answer with `spendTokens`, unless it was billed already. `usage` is that of the answer to bill; default: that of
   * the last answer. An answer without a usage is billed by each call. Never rejects: if `spendTokens` fails, the failure is
   * logged, because the answer is complete.
   */
  recordTokenUsage(tokens: { promptTokens?: number; completionTokens?: number; usage?: Usage | null | undefined; model?: string; context?: string; balance?: unknown; [field: string]: unknown }): Promise<void>;
  /** Sets `isVisionModel` to whether an attachment is an image. */
  checkVisionRequest(attachments: readonly any[] | null | undefined): void;
  /** Encodes image attachments with `encodeAndFormat` and puts them into `message.image_urls`. Returns the files. */
  addImageURLs(message: object, attachments: readonly any[], mode?: unknown): Promise<any>;
  /**
   * Deletes the key and all cached values of this instance. It may be called more than once. Requests in flight are
   * completed.
   */
  dispose(): void;
  /** Returns a few settings with the key redacted, for `JSON.stringify`. */
  toJSON(): Record<string, unknown>;
}

/** The class that {@link createOpenRouterClient} returns: `BaseClient` extended with {@link LibreChatClient}. */
export type LibreChatClientClass<Base extends AnyClass> = Omit<Base, 'prototype'> & {
  new (apiKey?: string | null, options?: LibreChatOptions): InstanceType<Base> & LibreChatClient;
};

/**
 * Creates LibreChat's class `OpenRouterClient`, to be exported by `api/app/clients/OpenRouterClient.js`.
 *
 * @throws {OpenRouterError} `invalid_option`
 */
export function createOpenRouterClient<Base extends AnyClass>(parts: LibreChatParts<Base>): LibreChatClientClass<Base>;

/** Credits, models and chats by API key. The service keeps neither keys nor clients; the caches belong to the process. */
export interface OpenRouterService {
  /** Returns a new client for a key. `options` take precedence over those of the service. */
  getClient(apiKey: string, options?: OpenRouterClientOptions): NativeClient;
  /** Returns the balance and usage, see `OpenRouterClient.getCredits`. */
  getCredits(apiKey: string, force?: boolean | LookupOptions | null, options?: LookupOptions | null): Promise<Credits>;
  /** Returns the list of models, see `OpenRouterClient.getModels`. */
  getModels(apiKey: string, force?: boolean | LookupOptions | null, options?: LookupOptions | null): Promise<Model[]>;
  /** Requests a completion and streams it, see `OpenRouterClient.chatCompletion`. */
  chatCompletion(apiKey: string, params: ChatCompletionParams & { stream: true }, options?: ChatOptions | null): Promise<ChatCompletionStream>;
  /** Requests a completion, see `OpenRouterClient.chatCompletion`. */
  chatCompletion(apiKey: string, params: ChatCompletionParams & { stream?: false | null | undefined }, options?: ChatOptions | null): Promise<ChatCompletion>;
  /** Clears the cached credits and models of one key, or of all keys without an argument. */
  clearCache(apiKey?: string): void;
  /** Returns the counters of the two caches, see `getStats`. */
  getCacheStats(): Pick<Stats, 'credits' | 'models'>;
}

/** Creates the `openRouterService` of LibreChat's OpenRouter fork. `options` apply to each of its clients. */
export function createOpenRouterService(options?: OpenRouterClientOptions): OpenRouterService;

/** The options of {@link configureAgents}: those of `createFetch`, and request parameters for the agents' chats. */
export interface AgentsOptions extends Omit<FetchOptions, 'autoRouter' | 'zdr'> {
  /** Whether the auto router (`openrouter/auto`) chooses the model. Default: the fork's `llmConfig.autoRouter`. */
  autoRouter?: boolean | undefined;
  /**
   * Whether every chat demands zero data retention (sent as `provider.zdr`). It is also demanded if the fork's
   * `llmConfig.zdr` is true.
   */
  zdr?: boolean | undefined;
  /**
   * The ids of up to ten fallback models. The API refuses more than three in a request, so that further requests ask the others.
   * A warning names those beyond ten. Default: the fork's `llmConfig.models`.
   */
  models?: readonly string[] | undefined;
  /** The request parameter `route`. Default: the fork's `llmConfig.route`. */
  route?: string | undefined;
  /** How OpenRouter chooses the provider. */
  provider?: ProviderPreferences | undefined;
  /** More request parameters, also unknown ones. They take precedence over those of `llmConfig.modelKwargs`. */
  modelKwargs?: (Omit<RequestParameters, 'extraBody'> & { [parameter: string]: unknown }) | undefined;
  /**
   * Whether errors of the API are put into the form by which LibreChat's browser client shows what happened and what helps, in
   * place of "402 Insufficient credits". Their status and class stay. Default: true.
   */
  readableErrors?: boolean | null | undefined;
  /**
   * Whether the user provides the base URL. If true, `configureAgents` changes nothing, because LibreChat protects such
   * requests with a dispatcher of undici, which the `fetch` of this package cannot honour.
   */
  userProvidesBaseURL?: boolean | undefined;
  /** Another name for `userProvidesBaseURL`. */
  userProvidedURL?: boolean | undefined;
  /**
   * LibreChat's limits for the answers of models, in milliseconds (0: none). Default: those of the dispatcher in
   * `configOptions.fetchOptions`. They are the defaults of `timeouts.headers` and `timeouts.idle`.
   */
  transportTimeouts?: { bodyTimeout?: number | undefined; headersTimeout?: number | undefined } | null | undefined;
  /** Called with the reason why nothing was changed, and a sentence about it. */
  onSkip?: ((reason: AgentsSkipReason, message: string) => unknown) | null | undefined;
  /**
   * Gets the reason why nothing was changed, and warnings: about a protection that does not hold then, and about fallback models that
   * are never asked. Without a logger Node prints the warnings.
   */
  logger?: LibreChatLogger | null | undefined;
}

/**
 * Why {@link configureAgents} changed nothing: a user gives the base URL; another `fetch` is set, as LibreChat's
 * `directEndpoint` does; or LibreChat has another client for the provider, as with `provider: 'anthropic'`.
 */
export type AgentsSkipReason = 'user_base_url' | 'other_fetch' | 'other_provider';

/**
 * Makes LibreChat's agents send their requests with this package, by setting a `fetch` in their configuration: as
 * `configOptions.fetch` for upstream LibreChat, as `llmConfig.configuration.fetch` for LibreChat's OpenRouter fork.
 *
 * Changes nothing in the cases of {@link AgentsSkipReason}. It then tells `onSkip` and the logger, and warns once where a privacy
 * setting or a limit of cost was asked for, because that does not hold for these requests.
 *
 * Unless the options say otherwise, `failOnTruncation` is on, `maxWait` is 20 seconds, `coalesce` is 33 milliseconds, `chainFor` is
 * `'chat'` and `sessionHeader` is `x-session-id`.
 *
 * @param target The result of `getOpenAIConfig`, its `configOptions`, or an `llmConfig`. It is changed in place.
 * @returns Whether the `fetch` was set.
 * @throws {OpenRouterError} `invalid_option` if an option is wrong, or if `models`, `route`, `provider` or `modelKwargs` are
 * given and `target` has no `llmConfig` to put them into
 */
export function configureAgents(target: object, options?: AgentsOptions | null): boolean;

export { createUsageRecorder } from './usage-recorder.js';
export type { BillingMethods, UsageRecorder, UsageRecorderOptions } from './usage-recorder.js';
