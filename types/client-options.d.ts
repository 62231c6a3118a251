import type { Budget } from './budget.js';
import type { ResponseCacheOption } from './api/settings.js';
import type { OpenRouterClient } from './client.js';
import type { RequestParameters } from './request.js';
import type { ChatCompletionStream } from './stream.js';

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
 * The maximum age at which cached values are served to a client, a whole number of milliseconds. `0` turns the cache off for this client.
 */
export interface CacheOptions {
  /** Maximum age of cached credits. Default: env `OPENROUTER_CACHE_TTL_CREDITS`, else 300 000 (5 minutes). */
  creditsTTL?: number | null | undefined;
  /** Maximum age of the cached model list. Default: env `OPENROUTER_CACHE_TTL_MODELS`, else 3 600 000 (1 hour). */
  modelsTTL?: number | null | undefined;
}

/** The switches that LibreChat puts into nested objects. No other field of those objects is read as a switch. */
export interface Switches {
  autoRouter?: boolean | null | undefined;
  zdr?: boolean | null | undefined;
  dataCollection?: 'deny' | 'allow' | null | undefined;
}

/**
 * The options of {@link OpenRouterClient}. `null` means the same as absent. Where a default names an environment variable,
 * the variable is read when the client is constructed, and a blank one counts as unset. An unknown option throws
 * `invalid_option`, with the name that was most likely meant.
 */
export interface OpenRouterClientOptions {
  /**
   * The OpenRouter API key. White space around it is removed. LibreChat's placeholder `user_provided` counts as missing.
   * Default: env `OPENROUTER_API_KEY`.
   */
  apiKey?: string | null | undefined;
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
   * Extra certificate authorities as PEM text: the content of a file and not its path. They are trusted in addition to those of the system, the bundled ones, and
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
  /**
   * For how long after a chat a connection to the API is kept ready, in milliseconds. If the server closes it meanwhile, another one is
   * opened in the background, so that the next chat need not wait for TCP and TLS. Only for https. `0` turns it off: a connection that
   * is open is still used for as long as the server keeps it. Default 300 000, 5 minutes.
   */
  keepWarm?: number | null | undefined;
  /**
   * OpenRouter's response cache, for every request that carries a prompt: an equal request is answered again without cost. Refused
   * together with `zdr` and `dataCollection: 'deny'`, because it stores the answers.
   */
  responseCache?: ResponseCacheOption | null | undefined;
  /** The maximum age of cached credits and models. */
  cache?: CacheOptions | null | undefined;
  /**
   * How many network threads the process may have, from 1 to 16. All clients of the process share them: the largest number that
   * one of them asks for counts, until the process ends. A further thread starts when all others have 64 calls. Default 1, which
   * carries tens of thousands of events a second.
   */
  networkThreads?: number | null | undefined;
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
   * Merges consecutive deltas of a streamed chat that bring nothing but text and differ in nothing else, so that a slow consumer has
   * fewer to handle. `true` merges those that wait for JavaScript already and delays none. A number merges those that arrive within so
   * many milliseconds, 1 to 1000: the first text is delivered at once, and tool calls, usage, the end, errors and deltas of any other
   * shape are delivered at once too, after what was held before them. The text, the usage and everything but the number of
   * chunks stay the same. A chat can set it, too. Default: `false`.
   */
  coalesce?: boolean | number | null | undefined;
  /**
   * The maximum number of chat requests per minute. Excess chats wait in a first-come-first-served queue, which all clients
   * of the process with the same key share. A waiting chat can be aborted. Default: no limit.
   */
  rateLimit?: { requestsPerMinute?: number | null | undefined } | null | undefined;
  /**
   * The most that all requests of this client may cost, in USD, see {@link Budget}. To share a limit between clients, use
   * `budget`. Default: no limit.
   */
  maxCost?: number | null | undefined;
  /** The budgets that pay for the requests of this client. Default: none. */
  budget?: Budget | readonly Budget[] | null | undefined;
  /**
   * What budgets reserve for a request of which nothing else tells what it may cost, in USD. Default: such a request is refused.
   */
  reserve?: number | null | undefined;
  /**
   * Receives the log lines. `false` turns logging off. Default: lines on stderr if env `DEBUG` names this package
   * (`openrouter:*`, `librechat:*` or `*`) or env `LOG_LEVEL` is `debug`, else no logging.
   */
  logger?: Partial<Logger> | false | null | undefined;
}
