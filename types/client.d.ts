import type { ModelFilters } from './api/catalog.js';
import type { ApiEndpoints } from './api/endpoints.js';
import type { CallSettings } from './api/settings.js';
import type { CallPromise } from './call-promise.js';
import type { CallOptions, ChatOptions, GenerationOptions, LookupOptions } from './calls.js';
import type { ChatCompletion, PartialCompletion, Usage } from './completion.js';
import type { ContinueParams } from './continue.js';
import type { Credits } from './credits.js';
import type { ErrorCode, OpenRouterError } from './errors.js';
import type { CostEstimate, EstimateOptions } from './estimate.js';
import type { Generation } from './generation.js';
import type { LibreChatOptions } from './librechat-options.js';
import type { Model } from './models.js';
import type { OpenRouterClientOptions } from './client-options.js';
import type { ChatCompletionParams, RequestParameters } from './request.js';
import type { ParseParams, ParseResult, ParseStream } from './parse.js';
import type { RunToolsParams, RunToolsResult, ToolRun } from './run-tools.js';
import type { JSONSchema, SchemaValue, StandardSchema } from './schema.js';
import type { ChatCompletionStream } from './stream.js';

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
  constructor(apiKey: string | null | undefined, options: LibreChatOptions | null | undefined);
  constructor(options: LibreChatOptions);

  /**
   * The API key. The property is not enumerable; `util.inspect` and `JSON.stringify` show `[REDACTED]` instead of the key.
   */
  get apiKey(): string;
  /** The options object that was passed to the constructor. The property is not enumerable. */
  get options(): LibreChatOptions;
  set options(value: LibreChatOptions);
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
   * Requests a completion. With `stream: true` it resolves to a {@link ChatCompletionStream}, else to a whole {@link
   * ChatCompletion}; if the value of `stream` is known only at run time, to either.
   *
   * A stream opens when the first data event arrives. Until then the client can retry and fall back to other models, and a
   * failure rejects this promise. A later failure rejects the reads of the stream. A response with status 200 that contains an
   * error rejects with the same error as an HTTP error would.
   *
   * @throws {OpenRouterError} The promise rejects; see {@link ErrorCode}.
   */
  chatCompletion<Streamed extends boolean | null | undefined = false>(
    params: ChatCompletionParams & { stream?: Streamed },
    options?: ChatOptions | null,
  ): CallPromise<Streamed extends true ? ChatCompletionStream : ChatCompletion>;

  /**
   * Lets a model call tools until it answers. Its arguments are checked by the schema of the tool before `run` gets them, and
   * calls of one answer run at the same time. What goes wrong in a call is given back to the model. Reasoning stays in the
   * history as it came. A limit ends the run in an orderly way: `stopReason` says which one.
   *
   * With `stream: true` the result is a {@link ToolRun}, whose events can be read while it runs. A `tool_choice` that demands
   * a call holds for the first request only.
   *
   * @throws {OpenRouterError} The promise rejects; `error.run` has the messages, steps, usage and cost until then.
   */
  runTools(params: RunToolsParams & { stream: true }, options?: CallSettings | null): Promise<ToolRun>;
  runTools(params: RunToolsParams & { stream?: false | null | undefined }, options?: CallSettings | null): Promise<RunToolsResult>;
  runTools(params: RunToolsParams, options?: CallSettings | null): Promise<RunToolsResult | ToolRun>;

  /**
   * Asks a model for a value that a schema describes. A schema that is not one of an object is put into an object for the
   * provider, and taken out of it again. Only providers that support `response_format` are used, unless
   * `provider.require_parameters` is false. With `stream: true` the result is a {@link ParseStream}.
   *
   * @throws {OpenRouterError} The promise rejects: with `refusal` if the model refuses, with `incomplete_answer` if the answer
   * was cut off at a limit of tokens, and with `invalid_answer` if it does not match. `error.partial` has the answer.
   */
  parse<const Schema extends StandardSchema | JSONSchema>(
    params: ParseParams<Schema> & { stream: true },
    options?: CallSettings | null,
  ): Promise<ParseStream<SchemaValue<Schema>>>;
  parse<const Schema extends StandardSchema | JSONSchema>(
    params: ParseParams<Schema> & { stream?: false | null | undefined },
    options?: CallSettings | null,
  ): Promise<ParseResult<SchemaValue<Schema>>>;

  /**
   * Asks a model to go on from an answer that was cut off, at a limit of tokens or by a failure. Returns the completion with
   * the text of both parts, and the usage of both as far as it is known. `onProgress` gets the text of the second part as it
   * comes.
   *
   * @param partial The answer: a completion, `stream.partial`, `error.partial`, or the error itself.
   * @param params The parameters of its request.
   * @throws {OpenRouterError} The promise rejects: with `invalid_request`, before anything is sent, if the answer is complete or
   * has tool calls or reasoning, or if the model is not known to go on; with `invalid_answer` if the model began another answer.
   */
  continueCompletion(
    partial: ChatCompletion | PartialCompletion | OpenRouterError,
    params: ContinueParams,
    options?: CallSettings | null,
  ): Promise<ChatCompletion>;

  /**
   * Opens a connection to the API ahead: name, TCP, TLS and HTTP/2, without a request. The first chat then needs one round trip. Resolves
   * when a connection stands, at once if there is one already. It is kept ready for `keepWarm`, as after a chat.
   *
   * @throws {OpenRouterError} The promise rejects as a request does that gets no connection: with `connection_failed`, `tls_error`,
   * `proxy_error` or `timeout`, or with an `AbortError`.
   */
  connect(options?: CallOptions | null): Promise<void>;

  /**
   * Estimates what a chat costs, from the cached list of models. Nothing is sent, except for that list if it is not cached.
   *
   * @throws {OpenRouterError} The promise rejects, if the list cannot be read, or if the parameters could not be sent.
   */
  estimateCost(params: ChatCompletionParams, options?: EstimateOptions): CallPromise<CostEstimate>;

  /**
   * Returns the balance and usage of the account or key, in USD. Served from the cache while the cached value is younger
   * than `cacheSettings.creditsTTL`. The cost of each finished request is subtracted from the cached balance, so that the
   * balance is current after each message without a request to the API.
   *
   * @param force `true` requests the figures from the API, and rejects if that fails. Or the options, `force` among them.
   * @throws {OpenRouterError} The promise rejects. Without `force`, after a temporary failure (network, 408, 429,
   * 5xx) the last known figures are returned instead, for up to an hour, and a warning is logged.
   */
  getCredits(force?: boolean | LookupOptions | null, options?: LookupOptions | null): CallPromise<Credits>;

  /**
   * Returns OpenRouter's list of models. Served from the cache while the cached list is younger than
   * `cacheSettings.modelsTTL`. Each call returns a new array, which you may sort or change; the objects in it are frozen and
   * shared.
   *
   * With `filters` the API is asked for the models that match, and nothing is cached.
   *
   * @param force `true` requests the list from the API, and rejects if that fails. Or the options, `force` among them.
   * @throws {OpenRouterError} The promise rejects. Without `force`, after a temporary failure (network, 408, 429,
   * 5xx) the last known list is returned instead, for up to 24 hours, and a warning is logged.
   */
  getModels(
    force?: boolean | (LookupOptions & { filters?: ModelFilters | null | undefined }) | null,
    options?: (LookupOptions & { filters?: ModelFilters | null | undefined }) | null,
  ): CallPromise<Model[]>;

  /**
   * Returns the facts and the cost of one generation, also of an aborted one. The API knows them only some seconds after the
   * answer, so this method repeats the request with increasing waits until the cost is known, for at most a minute.
   *
   * @param id The id of the generation: `completion.id` or `stream.generationId`.
   * @throws {OpenRouterError} The promise rejects; with `not_found` if the API still does not know the generation after a
   * minute.
   */
  getGeneration(id: string, options?: GenerationOptions | null): CallPromise<Generation>;

  /** Returns {@link actualModelUsed}. */
  getActualModelUsed(): string | null;

  /** Returns the client's settings with the key redacted, for `JSON.stringify`. */
  toJSON(): Record<string, unknown>;
}

// The endpoints of the class, which have a file of their own.
export interface OpenRouterClient extends ApiEndpoints {}
