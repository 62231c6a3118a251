'use strict';

/** The header that names the generation of an answer. */
const GENERATION_ID = 'x-generation-id';

/**
 * The promise of a call. It is awaited like any other promise; `withResponse()` resolves to the value together with the facts
 * of its HTTP response.
 */
class CallPromise extends Promise {
  #exchange;

  /**
   * @template Value
   * @param {(exchange: { call: object | null }) => Promise<Value>} work starts the call, and stores the native call in its
   * argument; what it throws rejects the promise
   * @returns {CallPromise<Value>}
   */
  static of(work) {
    const exchange = { call: null };
    const promise = new CallPromise((resolve, reject) => {
      work(exchange).then(resolve, reject);
    });
    promise.#exchange = exchange;
    return promise;
  }

  async withResponse() {
    const data = await this;
    const head = this.#exchange.call?.head() ?? null;
    return { data, ...factsOf(head === null ? null : JSON.parse(head)) };
  }

  /** Returns a promise of the value that `change` makes of this one's, with the same response. */
  changed(change) {
    return this.answering(this.then(change));
  }

  /** Returns a promise of another value, with the response of this call. */
  answering(value) {
    const promise = new CallPromise((resolve, reject) => {
      value.then(resolve, reject);
    });
    promise.#exchange = this.#exchange;
    return promise;
  }
}

// Only calls have responses: `then`, `catch` and `finally` return plain promises, and `await` takes the promise as it is.
Object.defineProperty(CallPromise.prototype, 'constructor', { value: Promise, writable: true, configurable: true });
/** Returns the facts of a response from its head. All are null if the call needed no request. */
function factsOf(head) {
  if (head === null) return { response: null, requestId: null, generationId: null, rateLimit: null, cache: null };
  const { status, statusText, url, redirected, requestId = null } = head;
  const headers = new Headers(head.headers);
  return {
    response: { status, statusText, url, redirected, headers },
    requestId,
    generationId: headers.get(GENERATION_ID),
    rateLimit: rateLimitOf(headers),
    cache: cacheOf(headers),
  };
}

/** Returns the limit that the answer tells of, or null: OpenRouter sends these headers only where a limit of its own is near. */
function rateLimitOf(headers) {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => numberIn(headers, `x-ratelimit-${name}`));
  if (limit === null && remaining === null && reset === null) return null;
  return { limit, remaining, reset: reset === null ? null : new Date(inMilliseconds(reset)) };
}

/** Returns a time as milliseconds. The API sends milliseconds; a number below 10^11 would be a time before 1973, so it is seconds. */
function inMilliseconds(time) {
  return time < 1e11 ? time * 1000 : time;
}

/** Returns what the answer tells of OpenRouter's response cache, or null if the cache was not asked for. */
function cacheOf(headers) {
  const status = headers.get('x-openrouter-cache-status');
  if (status === null) return null;
  return {
    hit: status.toUpperCase() === 'HIT',
    age: numberIn(headers, 'x-openrouter-cache-age'),
    ttl: numberIn(headers, 'x-openrouter-cache-ttl'),
    generationId: headers.get('x-openrouter-cache-source-id'),
  };
}

function numberIn(headers, name) {
  const text = headers.get(name);
  if (text === null || text.trim() === '') return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

module.exports = { CallPromise };
