import type {
  ChatCompletion,
  ChatCompletionParams,
  ChatCompletionStream,
  ChatMessage,
  Credits,
  FetchOptions,
  FinalCompletion,
  Model,
  OpenRouterClient as NativeClient,
  OpenRouterClientOptions,
  OpenRouterError,
  ProviderPreferences,
  RequestParameters,
  Stats,
  ToolCall,
  Usage,
} from '../../index.js';
import type { Readable } from 'node:stream';

type AnyClass = abstract new (...args: any[]) => object;

/** LibreChat's logger, or any other. */
export interface LibreChatLogger {
  debug?(message: string, ...details: any[]): unknown;
  info?(message: string, ...details: any[]): unknown;
  warn?(message: string, ...details: any[]): unknown;
  error?(message: string, ...details: any[]): unknown;
}

/** What the class is made of: LibreChat's own parts, so that this package needs none of LibreChat. */
export interface LibreChatParts<Base extends AnyClass = AnyClass> {
  /** `api/app/clients/BaseClient`. */
  BaseClient: Base;
  /** `@librechat/data-schemas` or `~/config`. Gets the client's log lines: no key, no question, no answer is in them. */
  logger?: LibreChatLogger | undefined;
  /** `librechat-data-provider`. Names the sender; where it knows none it is the model's label, or `OpenRouter`. */
  getResponseSender?: ((of: any) => string) | undefined;
  /** `librechat-data-provider`. Without an `openrouter` in it the endpoint is that of the options. */
  EModelEndpoint?: { readonly [name: string]: string } | undefined;
  /** `./prompts`. For messages that are neither LibreChat's nor the API's. */
  formatMessage?: ((of: { message: any; endpoint: any }) => any) | undefined;
  /** `./prompts`. For titles. */
  truncateText?: ((text: string) => string) | undefined;
  /** `./prompts`. For titles. */
  titleInstruction?: string | undefined;
  /** `~/server/services/Files/images`. Without it the images of attachments are not sent. */
  encodeAndFormat?: ((req: any, files: any[], endpoint: any, mode?: any) => Promise<{ files: any[]; image_urls?: any[] }>) | undefined;
  /** Taken, and not needed: no error or log line of this client holds a key. */
  sanitizeError?: ((error: any) => unknown) | undefined;
  /** Counts tokens for LibreChat's balance check. Default: a fourth of the bytes. */
  countTokens?: ((text: string) => number) | undefined;
  /** `~/models`. Bills each answer, once, by what the API reports. Default: nothing is billed. */
  spendTokens?: ((transaction: any, tokens: { promptTokens?: number; completionTokens?: number }) => unknown) | undefined;
  /**
   * What `sendCompletion` gives: `'string'` for the fork's BaseClient, `'object'` (`{ completion, metadata }`) for that
   * of v0.8. Default: found out from how `BaseClient` takes it.
   */
  completionShape?: 'string' | 'object' | undefined;
  /**
   * Whether `onProgress` is told the model that a router chose, as `\n[OPENROUTER_MODEL:id]\n` before the first
   * content. Default true. The marker is in no result.
   */
  modelMarker?: boolean | undefined;
}

/** What a client is made with: LibreChat's options, and those of the package's own client. */
export interface LibreChatOptions extends Omit<OpenRouterClientOptions, 'logger' | 'apiKey' | 'endpointOption'> {
  endpoint?: string | undefined;
  endpointType?: string | undefined;
  endpointOption?: { [option: string]: any } | null | undefined;
  /** `X-OpenRouter-Categories`. */
  siteCategories?: string | readonly string[] | undefined;
  /** The model of titles; `current_model` is that of the conversation. Default: env `OPENROUTER_TITLE_MODEL`, else a cheap one. */
  titleModel?: string | undefined;
  /** Sent as a system message before the conversation. */
  promptPrefix?: string | null | undefined;
  modelLabel?: string | null | undefined;
  sender?: string | undefined;
  /** The options replace those before, all but the request and its response. */
  replaceOptions?: boolean | undefined;
  [option: string]: unknown;
}

/** What `sendMessage` hands on. */
export interface SendOptions {
  /** Called with each content delta, in order, never after the result. Streams if given. One that fails loses nothing. */
  onProgress?: ((text: string) => unknown) | null | undefined;
  /** Its abort closes the request; `sendCompletion` rejects with an `AbortError` whose `partial` has what had come. */
  abortController?: { readonly signal: AbortSignal } | null | undefined;
  [option: string]: unknown;
}

/** An answer that wants something to be called, in the fork's shape. */
export interface ToolCallResult {
  choices: [{
    message: { content: string | null; tool_calls: ToolCall[] | undefined; function_call: { name: string; arguments: string } | undefined };
    finish_reason: 'tool_calls';
  }];
}

/** An answer in v0.8's shape. The metadata is saved with the message. */
export interface CompletionResult {
  completion: string;
  metadata: { model?: string; provider?: string; finish_reason?: string; usage?: Usage; reasoning?: string; tool_calls?: ToolCall[]; [field: string]: unknown };
}

/** A streamed answer as `node-fetch` gives it. */
export interface StreamResponse {
  readonly ok: true;
  readonly status: 200;
  readonly statusText: 'OK';
  readonly url: string;
  readonly headers: Headers;
  /** The bytes of the event stream; `destroy()` closes the request. */
  readonly body: Readable;
  readonly bodyUsed: boolean;
  /** What the body is made of, for its facts; not to be read as well. */
  readonly stream: ChatCompletionStream;
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
  json(): Promise<any>;
}

type SentMessage = { [field: string]: any };

/** What the class adds to LibreChat's BaseClient. Its properties are plain and writable, and what they say holds. */
export interface LibreChatClient {
  /** Own and writable, not enumerable: in no log. */
  apiKey: string | null;
  options: LibreChatOptions;
  modelOptions: RequestParameters & { [option: string]: any };
  sender: string;
  autoRouter: boolean;
  /** Zero data retention: a floor for every request, titles included. */
  zdr: boolean;
  isChatCompletion: boolean;
  isChatGptModel: boolean;
  baseURL: string;
  siteUrl: string | undefined;
  siteName: string | undefined;
  cacheSettings: { creditsTTL: number; modelsTTL: number };
  /** What this instance keeps, by `Date.now()`; behind it is the cache of the process. */
  cache: { credits: Credits | null; creditsTimestamp: number | null; models: Model[] | null; modelsTimestamp: number | null };
  inputTokensKey: string;
  outputTokensKey: string;
  /** Usage of the last answer; `null` where the API told none. */
  usage: Usage | null;
  actualModelUsed: string | null;
  /** The last answer, whole: reasoning, images, annotations and the finish reason are here in either shape. */
  lastCompletion: ChatCompletion | FinalCompletion | null;

  /** Merges: what there was, `modelOptions`, `endpointOption.modelOptions`. A switch is on if any place says so. */
  setOptions(options: LibreChatOptions | null | undefined): void;
  /** @throws {OpenRouterError} `missing_api_key` */
  buildHeaders(): Record<string, string>;
  chatCompletion(params: ChatCompletionParams & { stream: true }): Promise<StreamResponse>;
  /** @throws {OpenRouterError} by rejecting, as the package's own client */
  chatCompletion(params: ChatCompletionParams & { stream?: false | null | undefined }): Promise<ChatCompletion>;
  /** @throws {OpenRouterError} by rejecting; what had come is its `partial` */
  sendCompletion(
    payload: readonly ChatMessage[] | (Partial<ChatCompletionParams> & { prompt?: readonly ChatMessage[] | undefined }),
    opts?: SendOptions | null,
  ): Promise<string | ToolCallResult | CompletionResult>;
  /** `chatCompletion` with the model options. */
  getCompletion(
    input: readonly ChatMessage[] | (Partial<ChatCompletionParams> & { prompt?: readonly ChatMessage[] | undefined }),
    options?: RequestParameters,
  ): Promise<ChatCompletion | StreamResponse>;
  getCredits(forceRefresh?: boolean): Promise<Credits>;
  getModels(forceRefresh?: boolean): Promise<Model[]>;
  /** A title of at most 100 characters; `'New Chat'` where it fails. */
  titleConvo(of: { text: string; conversationId?: string | undefined; responseText?: string | undefined; abortController?: { readonly signal: AbortSignal } | undefined }): Promise<string>;
  /** The error of a response that was fetched elsewhere. */
  handleError(response: { status: number; statusText?: string; json(): Promise<unknown> }): Promise<OpenRouterError>;
  getSaveOptions(): { endpoint: string; modelLabel: string | null | undefined; [option: string]: unknown };
  getBuildMessagesOptions(): { isChatCompletion: true; isChatGptModel: true };
  /** LibreChat's messages as the API takes them, with a count for each. */
  buildMessages(
    messages: unknown[],
    parentMessageId?: string | null,
    options?: object | null,
    opts?: { promptPrefix?: string | null | undefined; [option: string]: unknown } | null,
  ): Promise<{ prompt: SentMessage[]; tokenCountMap?: Record<string, number>; promptTokens?: number }>;
  getActualModelUsed(): string | null;
  /** The model that answered last, else that of the options. */
  getResponseModel(): string | null;
  getStreamUsage(): Usage | null;
  /** The text of the answer so far, after what an edit went on from; an abort saves it. */
  getStreamText(): string;
  getTokenCount(text: string): number;
  getTokenCountForResponse(response: object): number;
  calculateCurrentTokenCount(counts: { currentMessageId: string; tokenCountMap: Record<string, number>; usage?: Usage | null | undefined }): number;
  recordTokenUsage(tokens: { promptTokens?: number; completionTokens?: number; model?: string; context?: string; balance?: unknown; [field: string]: unknown }): Promise<void>;
  checkVisionRequest(attachments: readonly any[] | null | undefined): void;
  addImageURLs(message: object, attachments: readonly any[], mode?: unknown): Promise<any>;
  /** Lets go of the key and of all that is cached; can be called twice. Requests under way go on to their end. */
  dispose(): void;
  /** A few settings; the key is redacted. */
  toJSON(): Record<string, unknown>;
}

/** The class: BaseClient with {@link LibreChatClient} on it. */
export type LibreChatClientClass<Base extends AnyClass> = Omit<Base, 'prototype'> & {
  new (apiKey?: string | null, options?: LibreChatOptions): InstanceType<Base> & LibreChatClient;
};

/**
 * LibreChat's `OpenRouterClient`, for `api/app/clients`.
 * @throws {OpenRouterError} `invalid_option`
 */
export function createOpenRouterClient<Base extends AnyClass>(parts: LibreChatParts<Base>): LibreChatClientClass<Base>;

/** Credits, models and chats by key. Holds neither keys nor clients: their caches are the process's. */
export interface OpenRouterService {
  getClient(apiKey: string, options?: OpenRouterClientOptions): NativeClient;
  getCredits(apiKey: string, forceRefresh?: boolean): Promise<Credits>;
  getModels(apiKey: string, forceRefresh?: boolean): Promise<Model[]>;
  chatCompletion(apiKey: string, params: ChatCompletionParams & { stream: true }): Promise<ChatCompletionStream>;
  chatCompletion(apiKey: string, params: ChatCompletionParams & { stream?: false | null | undefined }): Promise<ChatCompletion>;
  /** Forgets what is cached for a key, or for all. */
  clearCache(apiKey?: string): void;
  getCacheStats(): Pick<Stats, 'credits' | 'models'>;
}

/** The fork's `openRouterService`. */
export function createOpenRouterService(options?: OpenRouterClientOptions): OpenRouterService;

/** What the agents are to do beside using the native engine. */
export interface AgentsOptions extends Omit<FetchOptions, 'autoRouter' | 'zdr'> {
  /** Default: the fork's `llmConfig.autoRouter`. */
  autoRouter?: boolean | undefined;
  /** Zero data retention, as `provider.zdr`. Holds also where the fork's `llmConfig.zdr` is true. */
  zdr?: boolean | undefined;
  /** Fallbacks; of more than the API takes, the first ones. Default: the fork's `llmConfig.models`. */
  models?: readonly string[] | undefined;
  /** Default: the fork's `llmConfig.route`. */
  route?: string | undefined;
  provider?: ProviderPreferences | undefined;
  /** More request parameters, over those of `llmConfig.modelKwargs`. */
  modelKwargs?: RequestParameters | undefined;
  /** That a user gave the base URL: LibreChat guards such requests itself, so this stays out. */
  userProvidesBaseURL?: boolean | undefined;
  /** The same. */
  userProvidedURL?: boolean | undefined;
}

/**
 * Puts the native `fetch` under LibreChat's agents: as `configOptions.fetch` in upstream's configuration, as
 * `llmConfig.configuration.fetch` in the fork's. Changes nothing where a user gives the base URL, where LibreChat's guard
 * against addresses inside the network stands, or where there is another `fetch`.
 * @param target the result of `getOpenAIConfig`, its `configOptions`, or an `llmConfig`
 * @returns whether it is in place
 * @throws {OpenRouterError} `invalid_option`; also for `models`, `route`, `provider` and `modelKwargs` where `target` has
 * no place for them
 */
export function configureAgents(target: object, options?: AgentsOptions | null): boolean;
