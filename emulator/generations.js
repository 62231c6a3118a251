'use strict';

const { createHash, randomBytes } = require('node:crypto');
const { ApiError } = require('./errors');

/** The records of past completions, for `GET /generation`. The oldest are dropped beyond the limit. */
class Generations {
  #byId = new Map();
  #limit;
  #seed;
  #made = 0;

  /** @param {number|string} [seed] makes the ids the same in each run */
  constructor(limit, seed) {
    this.#limit = limit;
    this.#seed = seed;
  }

  newId() {
    this.#made += 1;
    if (this.#seed === undefined) return `gen-${Math.floor(Date.now() / 1000)}-${randomBytes(10).toString('hex')}`;
    const digest = createHash('sha256').update(`${this.#seed} ${this.#made}`).digest('hex');
    return `gen-1750000000-${digest.slice(0, 20)}`;
  }

  reset() {
    this.#byId.clear();
    this.#made = 0;
  }

  /**
   * @param {object} facts the `data` of `GET /generation`
   * @param {number} pending how many requests get a 404 first, as OpenRouter answers for some seconds
   */
  add(facts, pending = 0) {
    this.#byId.set(facts.id, { facts, pending });
    if (this.#byId.size > this.#limit) this.#byId.delete(this.#byId.keys().next().value);
  }

  /** Records an answer that has no text of a model: what it cost. */
  addCharge({ id, cost, model, record }) {
    const usage = {
      prompt_tokens: 0, completion_tokens: 0, cost, is_byok: false, cost_details: { upstream_inference_cost: cost },
      completion_tokens_details: { reasoning_tokens: 0, image_tokens: 0 }, prompt_tokens_details: { cached_tokens: 0 },
    };
    const route = { model: { id: model }, router: null, provider: { name: 'Emulated Provider' } };
    this.add(generationFacts({ id, route, usage, record, isStream: false, isCancelled: false, finishReason: null, nativeFinishReason: null, body: record.body }));
  }

  /**
   * Returns the body of `GET /generation`, or throws a 404.
   * @param {string} id
   * @param {number} [pending] how many requests get a 404, counted from this one; only the first request may set it
   */
  describe(id, pending) {
    if (!id) throw new ApiError(400, 'The query parameter "id" is required', { metadata: { error_type: 'invalid_request' } });
    const generation = this.#byId.get(id);
    if (!generation) throw notFound(id);
    if (pending !== undefined && !generation.wasAsked) generation.pending = pending;
    generation.wasAsked = true;
    if (generation.pending === 0) return { data: generation.facts };
    generation.pending -= 1;
    throw notFound(id);
  }
}

function notFound(id) {
  return new ApiError(404, `Generation ${id} not found`);
}

/** Makes the record of a completion that has ended, successfully or not. */
function generationFacts({ id, route, usage, record, isStream, isCancelled, finishReason, nativeFinishReason, body, sourceId = null }) {
  const seconds = new Date(record.startedAt).toISOString();
  const elapsed = Date.now() - record.startedAt;
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  return {
    id,
    upstream_id: `upstream-${id}`,
    request_id: `req-${id}`,
    model: route.model.id,
    router: route.router,
    provider_name: route.provider.name,
    provider_responses: [{ provider_name: route.provider.name, status: 200, latency: elapsed, is_byok: usage.is_byok }],
    total_cost: usage.cost,
    usage: usage.cost,
    upstream_inference_cost: usage.cost_details.upstream_inference_cost,
    cache_discount: null,
    is_byok: usage.is_byok,
    created_at: seconds,
    streamed: isStream,
    cancelled: isCancelled,
    latency: elapsed,
    generation_time: elapsed,
    moderation_latency: null,
    finish_reason: finishReason,
    native_finish_reason: nativeFinishReason,
    service_tier: body.service_tier ?? null,
    tokens_prompt: prompt,
    tokens_completion: completion,
    native_tokens_prompt: prompt,
    native_tokens_completion: completion,
    native_tokens_reasoning: usage.completion_tokens_details.reasoning_tokens,
    native_tokens_cached: usage.prompt_tokens_details.cached_tokens,
    native_tokens_completion_images: usage.completion_tokens_details.image_tokens,
    num_media_prompt: null,
    num_media_completion: null,
    num_input_audio_prompt: null,
    num_search_results: null,
    num_fetches: null,
    web_search_engine: null,
    origin: record.headers['http-referer'] ?? '',
    app_id: null,
    http_referer: record.headers['http-referer'] ?? null,
    user_agent: record.headers['user-agent'] ?? null,
    external_user: body.user ?? null,
    session_id: body.session_id ?? null,
    preset_id: null,
    api_type: 'completions',
    data_region: 'global',
    workspace_id: null,
    response_cache_source_id: sourceId,
  };
}

module.exports.Generations = Generations;
module.exports.generationFacts = generationFacts;
