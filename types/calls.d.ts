import type { CallSettings } from './api/settings.js';
import type { HeadersInput, Timeouts } from './client-options.js';

/** An abort signal that is not one of Node: that of a polyfill, of another realm, or one with `onabort` only. */
export type SignalLike = { readonly aborted: boolean; readonly reason?: unknown } & (
  | { addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void }
  | { onabort: unknown }
);

/** What every call takes. */
export interface CallOptions {
  /**
   * Aborts the call: its promise rejects with an `AbortError`. If the signal is already aborted when the method is called,
   * no request is sent and no cached value is returned.
   */
  signal?: AbortSignal | SignalLike | null | undefined;
}

/** The options of `getCredits` and `getModels`. */
export interface LookupOptions extends CallOptions {
  /** `true` asks the API instead of the cache, and rejects if that fails. Default false. */
  force?: boolean | null | undefined;
}

/** The options of `getGeneration`. An unknown one rejects with `invalid_option`. */
export interface GenerationOptions extends CallOptions {
  /** Extra headers of this request. They take precedence over the client's. */
  headers?: HeadersInput | null | undefined;
  /** Time limits of this request. A limit that is absent here is the client's. */
  timeouts?: Timeouts | null | undefined;
  /** The maximum number of retries of this request. Default: the client's option. */
  maxRetries?: number | null | undefined;
}

/**
 * The options of `chatCompletion`, its second argument. They may be among the parameters, too; those here are preferred, but turn
 * off no privacy setting. An unknown one rejects with `invalid_option`.
 */
export interface ChatOptions extends CallSettings {
  /** How the deltas of this chat are merged. Default: the client's option. */
  coalesce?: boolean | number | null | undefined;
  /** With `stream: true`: called with each piece of the content, in order. The stream then runs without being read. */
  onProgress?: ((text: string) => void) | null | undefined;
}
