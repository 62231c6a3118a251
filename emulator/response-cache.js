'use strict';

const { createHash } = require('node:crypto');

const { ApiError } = require('./errors');

const DEFAULT_TTL_S = 300;
const MAX_TTL_S = 86_400;
const MAX_ENTRIES = 1000;
/** What a hit costs. */
const NOTHING = {
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  cost: 0,
  cost_details: { upstream_inference_cost: 0, upstream_inference_prompt_cost: 0, upstream_inference_completions_cost: 0 },
  completion_tokens_details: { reasoning_tokens: 0, image_tokens: 0 },
};

/**
 * OpenRouter's response cache, for requests with the header `X-OpenRouter-Cache: true`: the same bytes with the same key get the
 * same answer, which costs nothing, under a new id. Errors are not kept.
 */
class ResponseCache {
  #entries = new Map();

  reset() {
    this.#entries.clear();
  }

  /**
   * Looks a request up.
   * @returns {{ headers: object, hit?: { script: object, route: object, id: string }, keep?: (entry: object) => void } | undefined}
   *   undefined if the request does not ask for the cache. `headers`: those of the response; `keep`: keeps the answer
   */
  lookUp({ record }, key) {
    const { headers, path, body, rawBody } = record;
    if (headers['x-openrouter-cache'] !== 'true') return undefined;
    const ttl = ttlIn(headers['x-openrouter-cache-ttl']);
    const name = createHash('sha256').update(JSON.stringify([key, path, body.stream === true, rawBody])).digest('hex');
    if (headers['x-openrouter-cache-clear'] === 'true') this.#entries.delete(name);
    const entry = this.#entries.get(name);
    const age = entry ? Math.floor((Date.now() - entry.at) / 1000) : Infinity;
    const common = { 'X-OpenRouter-Cache-TTL': String(ttl) };
    if (age < Math.min(ttl, entry?.ttl ?? ttl)) {
      const source = { 'X-OpenRouter-Cache-Age': String(age), 'X-OpenRouter-Cache-Source-Id': entry.id };
      return { hit: entry, headers: { ...common, 'X-OpenRouter-Cache-Status': 'HIT', ...source } };
    }
    const keep = (made) => this.#keep(name, { ...made, ttl, at: Date.now() });
    return { headers: { ...common, 'X-OpenRouter-Cache-Status': 'MISS' }, keep };
  }

  #keep(name, entry) {
    this.#entries.set(name, entry);
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value);
  }
}

function ttlIn(header) {
  if (header === undefined) return DEFAULT_TTL_S;
  const ttl = Number(header);
  if (Number.isInteger(ttl) && ttl >= 1 && ttl <= MAX_TTL_S) return ttl;
  const message = `X-OpenRouter-Cache-TTL must be a whole number from 1 to ${MAX_TTL_S}`;
  throw new ApiError(400, message, { metadata: { error_type: 'invalid_request' } });
}

module.exports.NOTHING = NOTHING;
module.exports.ResponseCache = ResponseCache;
