/**
 * Clears the cached credits and models of one key, or of all keys without an argument. A string that cannot be a key clears
 * nothing.
 *
 * @throws {OpenRouterError} `invalid_option` if `apiKey` is neither a string nor absent, for example `null`
 */
export function clearCache(apiKey?: string): void;

/** Counters of one cache since the process started. */
export interface CacheStats {
  /** Calls that were answered from the cache. */
  hits: number;
  /** Calls that sent a request to the API. */
  misses: number;
  /** Calls that waited for a request that another call had sent. */
  coalesced: number;
  /** Requests that refreshed a value in the background, after a call was answered from the cache. */
  backgroundRefreshes: number;
  /** Calls that were answered with an expired value, because the request for a new one failed. */
  staleServed: number;
}

/** Counters of connections since the process started. */
export interface ConnectionStats {
  /** Connections that were opened. */
  opened: number;
  /** How many of them resumed a TLS session, which saves the server's certificate and its check. */
  resumed: number;
  /** How many of them were opened before a request needed them: by `connect()`, by an adapter, or because of `keepWarm`. */
  prewarmed: number;
  /** Requests that were sent on a connection that was open already. */
  reused: number;
}

/** Counters of the process, over all clients and threads. */
export interface Stats {
  /** The cache of credits. */
  credits: CacheStats;
  /** The cache of models. */
  models: CacheStats;
  /** Connections, those to proxies included. */
  connections: ConnectionStats;
  /** The number of streams that have not ended. */
  activeStreams: number;
  /** The number of HTTP requests sent so far. */
  requests: number;
  /** How many of these were further attempts of a call: retries and requests to fallback models. */
  retries: number;
  /** The number of chats that wait for the rate limit now. */
  queued: number;
}

/** Returns the counters of the process. */
export function getStats(): Stats;
