/**
 * The promise of a call. It is awaited like any other promise. `then`, `catch` and `finally` return plain promises.
 *
 * ```js
 * const { data, requestId, response } = await client.chatCompletion(params).withResponse();
 * ```
 */
export interface CallPromise<T> extends Promise<T> {
  /** Resolves to the value of the call together with the facts of its HTTP response; rejects as the call does. */
  withResponse(): Promise<WithResponse<T>>;
}

/** The value of a call, and the facts of the response that it came from. */
export interface WithResponse<T> {
  /** What the call resolves to. */
  data: T;
  /**
   * The response: of several attempts the last one. `null` if the call needed no request of its own, because the value was
   * cached or another call was already asking for it.
   */
  response: ResponseFacts | null;
  /** The number under which the service knows the request: `X-Request-Id`, else `CF-Ray`. */
  requestId: string | null;
  /** The id of the generation, for {@link OpenRouterClient.getGeneration}. */
  generationId: string | null;
  /** The rate limit of the key; `null` if the answer does not tell of one, which is the usual case. */
  rateLimit: RateLimit | null;
  /** What OpenRouter's response cache did; `null` if the request did not ask for the cache. */
  cache: ResponseCacheFacts | null;
}

/** The head of a response. */
export interface ResponseFacts {
  status: number;
  /** The reason phrase; empty over HTTP/2. */
  statusText: string;
  /** The address that answered, after redirects. */
  url: string;
  redirected: boolean;
  headers: Headers;
}

/** A rate limit, as the headers `X-RateLimit-…` tell of it. */
export interface RateLimit {
  /** How many requests the limit allows. */
  limit: number | null;
  /** How many of them are left. */
  remaining: number | null;
  /** When the count begins again. */
  reset: Date | null;
}

/** What OpenRouter's response cache did, as the headers `X-OpenRouter-Cache-…` tell. */
export interface ResponseCacheFacts {
  /** Whether the answer came from the cache. It cost nothing then. */
  hit: boolean;
  /** The age of the cached answer, in seconds. */
  age: number | null;
  /** How long the answer is kept, in seconds. */
  ttl: number | null;
  /** The id of the generation that the cached answer came from. */
  generationId: string | null;
}
