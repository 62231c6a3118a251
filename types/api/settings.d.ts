import type { Budget } from '../budget.js';
import type { SignalLike } from '../calls.js';
import type { HeadersInput, Timeouts } from '../client-options.js';

/** The settings of a call to any endpoint: its last argument. An unknown name is refused with `invalid_option`. */
export interface CallSettings {
  /** Aborts the call: its promise, or the reads of its stream, reject with an `AbortError`. */
  signal?: AbortSignal | SignalLike | null | undefined;
  /** Further headers; `null` removes one. */
  headers?: HeadersInput | null | undefined;
  timeouts?: Timeouts | null | undefined;
  /** How often the request may be sent again. A request that may be paid is sent again only if no model can have answered it. */
  maxRetries?: number | null | undefined;
  /** Zero data retention. It can be turned on here, and not turned off. */
  zdr?: boolean | null | undefined;
  /** `'deny'` excludes providers that keep data. It can be turned on here, and not turned off. */
  dataCollection?: 'allow' | 'deny' | null | undefined;
  /** OpenRouter's response cache, for requests that carry a prompt. */
  responseCache?: ResponseCacheOption | null | undefined;
  /** The most that this call may cost, in USD, see {@link Budget}. */
  maxCost?: number | null | undefined;
  /** The budgets that pay for this call, beside those of the client. */
  budget?: Budget | readonly Budget[] | null | undefined;
  /**
   * What budgets reserve if nothing else tells what the call may cost, in USD: for images, sound, videos and models without a
   * price. Default: the client's option.
   */
  reserve?: number | null | undefined;
}

/**
 * What is asked of OpenRouter's response cache, which answers an equal request again without cost. It stores the answers, so that
 * together with `zdr` or `dataCollection: 'deny'` it is refused with `privacy_not_possible`.
 */
export type ResponseCacheOption =
  | boolean
  | {
    /** How long the answer is kept, in seconds, from 1 to 86,400. Default: 300. */
    ttl?: number | null | undefined;
    /** Whether a kept answer is dropped, and asked for again. */
    clear?: boolean | null | undefined;
  };
