import type { Usage } from './completion.js';
import type { CallOptions } from './calls.js';
import type { OpenRouterError } from './errors.js';
import type { OpenRouterClientOptions } from './client-options.js';
import type { explainPrivacy } from './privacy.js';
import type { Fallback } from './stream.js';

/**
 * The options of {@link createFetch}: the client's options for connections and for the request body, and callbacks for
 * chats. An exception in a callback is ignored and does not affect the request. A body may have any length; for the callbacks
 * a stream of any length is read, and a JSON body of up to `maxEventBytes`.
 */
export interface FetchOptions
  extends Pick<
    OpenRouterClientOptions,
    'autoRouter' | 'zdr' | 'dataCollection' | 'proxy' | 'ca' | 'timeouts' | 'keepWarm' | 'networkThreads' | 'maxEventBytes'
    | 'maxCost' | 'budget' | 'reserve'
  > {
  /**
   * Merges consecutive deltas in the streams of chats, see {@link OpenRouterClientOptions.coalesce}. Merged events are written as new
   * events; every other byte stays as it is. Default: `false`, so that not a byte changes.
   */
  coalesce?: boolean | number | null | undefined;
  /**
   * The base URL of the API, if it neither ends in `/v1` nor is the root of its host. The paths of endpoints count from it.
   * Default: the environment variable `OPENROUTER_BASE_URL`. Requests to other addresses are sent, too.
   */
  baseURL?: string | null | undefined;
  /**
   * How many of a chat's `models` are sent with one request. If they fail, a further request asks the next ones, up to ten in all.
   * Default: all are sent with one request, of which the API refuses more than 3.
   */
  modelsPerRequest?: number | null | undefined;
  /**
   * Whether the body of an answer that was cut off fails with `TypeError('terminated')`, as that of a lost connection does: a
   * stream that ends without its last event, and JSON that ends in the middle. `cause` says what happened, and its `partial` has
   * what came. Otherwise the body ends as if the answer were complete, and only `onError` tells of it. Default: true if `autoRouter`,
   * `zdr`, `dataCollection`, `maxCost`, a `budget`, `modelsPerRequest`, `fallbackModels` or a callback is set.
   */
  failOnTruncation?: boolean | null | undefined;
  /**
   * For how many milliseconds SDKs may repeat a request that fails: with 408, 429, a status from 500, or without a response. LangChain
   * does so for minutes, in which users see nothing. The failure after which the caller would wait longer than that, also because
   * the API asks for a longer wait, is the last one: it is answered with its status, when to come back, and marks by which LangChain
   * and the OpenAI SDK do not repeat it (`x-should-retry: false`, the code `ECONNABORTED`); a request without a response is
   * answered with 503. A chat with fallback models is not repeated at all. `onError` gets each failure, with
   * {@link OpenRouterError.waitLeft}. Default: no limit.
   */
  maxWait?: number | null | undefined;
  /**
   * Which chats keep their fallback models (`models`): all, or only those for whose text a user waits. LibreChat streams these, and
   * not its titles, labels, memory and summaries. Default: `'all'`.
   */
  chainFor?: 'chat' | 'all' | null | undefined;
  /** The model of chats that `chainFor: 'chat'` leaves out, in place of their own. */
  backgroundModel?: string | null | undefined;
  /**
   * The header of a request that has the id of its conversation. It is sent as `x-session-id`, by which OpenRouter keeps the
   * conversation with the provider whose prompt cache is warm. A value that is no id is not sent, such as `new` or a placeholder.
   */
  sessionHeader?: string | null | undefined;
  /**
   * The ids of up to ten fallback models of each chat, also over `/responses`. Three of them go with the request, and OpenRouter asks
   * them. If all have failed, another request asks the next three. A chat that has `models` itself, or a router as its model, is
   * left alone; `modelsPerRequest` is for the former. `onFallback` tells which model answered, and `onError` why the others did not.
   */
  fallbackModels?: readonly string[] | null | undefined;
  /**
   * Whether a streamed chat says, at the beginning of its reasoning, that another model answers than the one that was asked for: a
   * fallback, or the choice of a router. Default: false, because it adds an event to the stream.
   */
  showModel?: boolean | null | undefined;
  /** Called with the id of the model that answers a chat. */
  onModel?: ((model: string) => unknown) | null | undefined;
  /** Called with the usage of a chat. */
  onUsage?: ((usage: Usage) => unknown) | null | undefined;
  /** Called when a fallback model answers a chat. */
  onFallback?: ((fallback: Fallback) => unknown) | null | undefined;
  /** Called when a chat fails, also in the middle of a stream. */
  onError?: ((error: OpenRouterError) => unknown) | null | undefined;
  /**
   * Called once for each answer that may have been charged, when its cost is known: at the end of the body, or up to two minutes
   * later if the answer was aborted or cut, because then the API has to be asked (`GET /generation`).
   */
  onSettled?: ((answer: SettledAnswer) => unknown) | null | undefined;
  /**
   * Returns what SDKs show of a response with an error status: it replaces the `error.message` of the body. The status and the
   * headers stay. Also called for requests that are refused without being sent. Without a text, the message stays as it is.
   */
  errorMessage?: ((error: OpenRouterError) => string | null | undefined) | null | undefined;
}

/** What one answer cost, as {@link FetchOptions.onSettled} and the diagnostics channel `openrouter:settled` tell it. */
export interface SettledAnswer {
  /** The id of the generation; `null` if the API sent none. */
  generationId: string | null;
  /** The id of the model that answered; `null` if it is not known. */
  model: string | null;
  /** The model that the request named, such as `openrouter/auto`. */
  requestedModel: string | null;
  /** What OpenRouter charged, in USD; `null` if it could not be found out. */
  cost: number | null;
  promptTokens: number | null;
  completionTokens: number | null;
  /** The usage that came with the answer; `null` if the answer ended before it. */
  usage: Usage | null;
  /** How the answer ended: it was read to its end, its reader left, or it broke off. */
  outcome: 'complete' | 'aborted' | 'failed';
  /**
   * What LibreChat asked for, told by the form of the request: `tool` is the turn after a tool has answered, and a request with
   * one message that is not streamed counts as a `title`.
   */
  kind: 'chat' | 'tool' | 'title' | 'memory' | 'summary';
  /** The parameter `user` of the request. LibreChat sends the id of its user. */
  user: string | null;
  /** The parameter `session_id` of the request, or its header `x-session-id`. */
  sessionId: string | null;
  /** The address of the request, without its query. */
  url: string;
}

/** A standard `fetch` function, and a function that opens a connection ahead. */
export type NativeFetch = typeof globalThis.fetch & {
  /**
   * Opens a connection to the host of `url` ahead: name, TCP, TLS and HTTP/2, without a request. Resolves when a connection stands, at
   * once if there is one already. It is kept ready for `keepWarm`, as after a chat.
   *
   * @throws {TypeError} The promise rejects as that of a request does that gets no connection: with `TypeError('fetch failed')`, or with
   * the reason of the signal.
   */
  connect(url: string | URL, options?: CallOptions | null): Promise<void>;
};

/**
 * Creates a standard `fetch` function whose HTTP, TLS and proxying run in Rust, on the same connections as the clients. Pass
 * it to an SDK that accepts a `fetch`.
 *
 * The function never retries. Responses with an HTTP error status resolve. Network failures reject with
 * `TypeError('fetch failed')`, whose `cause` has a `code` of Node or undici, such as `ECONNRESET`. An abort rejects with the
 * signal's reason. A request body that is a stream is read to its end before the request is sent.
 *
 * If `autoRouter`, `zdr`, `dataCollection`, `failOnTruncation` or a callback is set, `POST` requests to `/chat/completions` below the base URL
 * are treated as chats: the options are applied to the request body, and the response is read while it passes through
 * unchanged. The cost of such a chat is subtracted from the cached balance of its key. With `onModel`, `onUsage`, `onFallback`
 * or `onError`, chats ask the API to explain fallbacks (the header `X-OpenRouter-Metadata`). If the body cannot be sent under these options, the function
 * resolves to a 400 response without sending it.
 *
 * `zdr` and `dataCollection` apply to every request that can carry a prompt: endpoints that keep them get them in `provider`
 * (chats, responses, messages, embeddings, rerank, speech, transcriptions as JSON); every other `POST`, `PUT` and `PATCH`, and
 * other requests with a body, get a 400 without being sent. See {@link explainPrivacy}.
 *
 * With `maxCost` or a `budget`, the most that a request can cost is reserved before it is sent, see {@link Budget}. A request that
 * is not covered gets a 402 without being sent, and so does one of whose cost nothing is known, unless `reserve` is given.
 *
 * @throws {OpenRouterError} `invalid_option`, also for an option that is not among {@link FetchOptions}
 */
export function createFetch(options?: FetchOptions | null): NativeFetch;
