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
