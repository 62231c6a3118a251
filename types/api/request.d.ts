import type { CallSettings } from './settings.js';

/** What a request to any endpoint sends, and how its answer is given. */
export interface RequestOptions extends CallSettings {
  /** What follows `?`. Lists are joined by commas; `null` and `undefined` are left out. */
  query?: URLSearchParams | QueryInput | null | undefined;
  /**
   * An object or a list is sent as JSON, text as it is. Bytes, `FormData`, a `Blob` and a `ReadableStream` are sent with their
   * own type.
   */
  body?: unknown;
  /** Whether the answer is a stream of events, which is given as an `EventStream`. The body must ask for it, too. */
  stream?: boolean | null | undefined;
  /**
   * The form of an answer that is no stream, also of JSON. Default: `'json'`. A `'response'` is standard, and its body is read as it
   * arrives.
   */
  as?: 'json' | 'text' | 'bytes' | 'response' | undefined;
}

/** The names and values of a query. */
export interface QueryInput {
  readonly [name: string]: string | number | boolean | ReadonlyArray<string | number | boolean> | null | undefined;
}
