import type { OpenRouterClient } from './client.js';
import type { Attempt, PartialCompletion } from './completion.js';
import type { Open } from './open.js';
import type { Timeouts } from './client-options.js';
import type { Budget } from './budget.js';
import type { createFetch } from './fetch.js';
import type { RunToolsResult } from './run-tools.js';

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
 * `invalid_option`, `privacy_not_possible` (a privacy setting cannot be kept, and nothing was sent),
 * `budget_exceeded` (see {@link Budget}), `aborted`. The content of an answer, for {@link OpenRouterClient.parse} and
 * {@link OpenRouterClient.continueCompletion}: `refusal`, `incomplete_answer` (cut off at a limit of tokens) and
 * `invalid_answer`.
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
  | 'budget_exceeded'
  | 'refusal'
  | 'incomplete_answer'
  | 'invalid_answer'
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
  /**
   * For {@link createFetch} with `maxWait`: for how many milliseconds the request may still be repeated. 0: this failure is the last
   * one.
   */
  waitLeft?: number | undefined;
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
  /** What {@link OpenRouterClient.runTools} had brought before the failure. Not enumerable. */
  run?: RunToolsResult | undefined;
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
 * text of the prompt. An abort is reported by this class too: `name` is `AbortError`, `message` is `Request aborted` (with
 * the reason behind it for a signal of `AbortSignal.timeout`), `code` is `aborted` and `cause` is the signal's reason.
 * `instanceof` also holds for errors of another copy of this package.
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
  waitLeft?: ErrorFacts['waitLeft'];
  attempts?: ErrorFacts['attempts'];
  errno?: ErrorFacts['errno'];
  phase?: ErrorFacts['phase'];
  data: unknown;
  metadata: ErrorFacts['metadata'];
  partial: ErrorFacts['partial'];
  run: ErrorFacts['run'];
  /** The underlying cause: an error with the API's or the operating system's own message, or the reason of an abort. */
  cause?: unknown;

  /**
   * Returns all details as plain data, for `JSON.stringify`: without keys, and without the input that a moderation flagged.
   * It includes `data`, `metadata` and `partial`, which may contain text of the prompt or of the answer. To keep these out of
   * a log, log the error itself: `util.inspect`, `console.error` and the enumerable fields leave them out.
   */
  toJSON(): OpenRouterErrorJSON;
}
