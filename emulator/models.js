'use strict';

const { catalog, providers, UNKNOWN_ROW, VARIABLE } = require('./catalog');
const { merged } = require('./values');

const PROVIDERS = new Map(providers.map((provider) => [provider.slug, provider]));
const ROWS = new Map(catalog.map((row) => [row.id, row]));

/** Converts USD per million tokens to USD per token, as the plain decimal string that the API sends. */
function perToken(perMillion) {
  if (perMillion === 0) return '0';
  return (perMillion / 1e6).toFixed(12).replace(/0+$/, '');
}

function toPricing(row) {
  if (row.price === VARIABLE) return { prompt: '-1', completion: '-1' };
  const pricing = Object.fromEntries(Object.entries(row.price).map(([unit, price]) => [unit, perToken(price)]));
  if (row.tiers) {
    pricing.overrides = row.tiers.map(({ prompt, completion, ...when }) => ({ ...when, prompt: perToken(prompt), completion: perToken(completion) }));
  }
  return pricing;
}

function toReasoning({ mustReason = false }) {
  return {
    mandatory: mustReason,
    supported_efforts: ['high', 'medium', 'low'],
    default_effort: 'medium',
    default_enabled: mustReason,
    supports_max_tokens: true,
  };
}

function toModel(row) {
  const makes = row.makes ?? ['text'];
  const reasons = row.params.includes('reasoning');
  return {
    id: row.id,
    canonical_slug: row.target ?? row.id.replace(/:free$/, ''),
    hugging_face_id: row.huggingFace ?? '',
    name: row.name,
    created: row.created,
    description: `${row.name}, as the emulator plays it. Nothing here thinks; answers are made of canned sentences.`,
    context_length: row.context,
    architecture: {
      modality: `${row.input.join('+')}->${makes.join('+')}`,
      input_modalities: row.input,
      output_modalities: makes,
      tokenizer: row.tokenizer,
      instruct_type: row.instruct ?? null,
    },
    pricing: toPricing(row),
    top_provider: {
      context_length: row.providers.length > 0 ? row.context : null,
      max_completion_tokens: row.output,
      is_moderated: row.moderated ?? false,
    },
    per_request_limits: null,
    supported_parameters: row.params,
    default_parameters: { temperature: null, top_p: null, frequency_penalty: null },
    supported_voices: row.voices ?? null,
    knowledge_cutoff: null,
    expiration_date: null,
    ...(reasons && { reasoning: toReasoning(row) }),
    ...(row.target && { alias_target: { slug: row.target, name: ROWS.get(row.target).name } }),
    links: { details: `/api/v1/models/${row.id}/endpoints` },
  };
}

function deepFreeze(value) {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

const SORTS = {
  newest: (a, b) => b.created - a.created,
  'pricing-low-to-high': (a, b) => Number(a.pricing.prompt) - Number(b.pricing.prompt),
  'pricing-high-to-low': (a, b) => Number(b.pricing.prompt) - Number(a.pricing.prompt),
  'context-high-to-low': (a, b) => b.context_length - a.context_length,
};

/** The models of one emulator: the built-in ones, or those that its user names. */
class ModelList {
  /** The models that are listed. */
  #listed = new Map();
  /** The slugs of the providers of each model. */
  #providers = new Map();

  /** @param {Array<string|object>} [wanted] ids of models, or models of which any field but `id` may be missing */
  constructor(wanted = catalog.map(({ id }) => id)) {
    wanted.forEach((model) => this.add(model));
  }

  /** Adds a model, or replaces the one with this id. What the caller leaves out is taken from the built-in model, or made up. */
  add(wanted) {
    const fields = typeof wanted === 'string' ? { id: wanted } : wanted;
    const row = ROWS.get(fields.id) ?? { ...UNKNOWN_ROW, id: fields.id, name: fields.id };
    this.#providers.set(row.id, row.providers);
    this.#listed.set(row.id, typeof wanted === 'string' && ROWS.has(row.id) ? BUILT_IN.get(row.id) : deepFreeze(merged(toModel(row), fields)));
  }

  /** Returns the model with exactly this id, or undefined. The routers exist also where they are not listed. */
  find(id) {
    return this.#listed.get(id) ?? (BUILT_IN.get(id)?.architecture.tokenizer === 'Router' ? BUILT_IN.get(id) : undefined);
  }

  /** Returns the ids of the listed models that a provider runs, which routers choose among. */
  ids() {
    return [...this.#listed.keys()].filter((id) => this.providersOf(id).length > 0);
  }

  /** Returns the model that a router or alias chooses, or the first model of the list where that one is missing. */
  target(id) {
    return this.find(id) ?? this.find(this.ids()[0]) ?? BUILT_IN.get(id);
  }

  /** Returns the providers of a model, the preferred one first. */
  providersOf(id) {
    return (this.#providers.get(id) ?? ROWS.get(id).providers).map((slug) => PROVIDERS.get(slug));
  }

  /** Returns the prices of a model at a provider. */
  pricingOf(model, slug) {
    const own = model.endpoints?.find(({ tag }) => tag === slug)?.pricing;
    return own ? { ...model.pricing, ...own } : model.pricing;
  }

  /** Returns the endpoint objects of a model. Without a valid key (`isSignedIn`), latency and throughput are null. */
  endpointsOf(id, isSignedIn = true) {
    const model = this.find(id);
    return this.providersOf(id).map((provider) => ({
      name: `${provider.name} | ${id}`,
      model_id: id,
      model_name: model.name,
      provider_name: provider.name,
      tag: provider.slug,
      context_length: model.context_length,
      max_completion_tokens: model.top_provider.max_completion_tokens,
      max_prompt_tokens: null,
      pricing: this.pricingOf(model, provider.slug),
      quantization: 'unknown',
      supported_parameters: model.supported_parameters,
      status: 0,
      uptime_last_5m: 100,
      uptime_last_30m: 99.9,
      uptime_last_1d: 99.8,
      latency_last_30m: isSignedIn ? { p50: 420, p75: 610, p90: 900, p99: 2100 } : null,
      throughput_last_30m: isSignedIn ? { p50: 84, p75: 71, p90: 55, p99: 20 } : null,
      supports_implicit_caching: 'input_cache_read' in model.pricing,
      supports_voice_cloning: false,
    }));
  }

  /** Returns all endpoints whose provider retains no data. */
  zdrEndpoints(isSignedIn) {
    return [...this.#listed.keys()].flatMap((id) => {
      const tags = new Set(this.providersOf(id).filter((provider) => provider.zdr).map((provider) => provider.slug));
      return this.endpointsOf(id, isSignedIn).filter((endpoint) => tags.has(endpoint.tag));
    });
  }

  /**
   * Returns the body of `GET /models`, filtered, sorted and paged by its query.
   * @param {URLSearchParams} query
   */
  list(query) {
    const wanted = (name) => query.get(name)?.split(',').filter(Boolean) ?? [];
    const hasAll = (values, needed) => needed.every((value) => values.includes(value));
    const outputs = query.has('output_modalities') ? wanted('output_modalities') : ['text'];
    const words = query.get('q')?.toLowerCase() ?? '';

    const found = [...this.#listed.values()].filter((model) =>
      (outputs.includes('all') || hasAll(model.architecture.output_modalities, outputs)) &&
      hasAll(model.architecture.input_modalities, wanted('input_modalities')) &&
      hasAll(model.supported_parameters, wanted('supported_parameters')) &&
      (!query.has('model_authors') || wanted('model_authors').includes(model.id.split('/')[0])) &&
      (!query.has('providers') || this.providersOf(model.id).some((provider) => wanted('providers').includes(provider.slug))) &&
      (query.get('zdr') !== 'true' || this.providersOf(model.id).some((provider) => provider.zdr)) &&
      `${model.id} ${model.name}`.toLowerCase().includes(words));
    const sort = SORTS[query.get('sort')];
    if (sort) found.sort(sort);

    const isPaged = query.has('offset') || query.has('limit');
    const offset = Number(query.get('offset') ?? 0);
    const limit = Math.min(Number(query.get('limit') ?? 500), 1000);
    const end = offset + limit;
    return {
      data: isPaged ? found.slice(offset, end) : found,
      total_count: found.length,
      links: { next: isPaged && end < found.length ? `/api/v1/models?offset=${end}&limit=${limit}` : null },
    };
  }
}

/** Returns the `data` of `GET /providers`. */
function listProviders() {
  return providers.map(({ slug, name, country }) => ({
    name,
    slug,
    privacy_policy_url: `https://example.com/${slug}/privacy`,
    terms_of_service_url: `https://example.com/${slug}/terms`,
    status_page_url: null,
    headquarters: country,
    datacenters: [country],
  }));
}

const BUILT_IN = new Map(catalog.map((row) => [row.id, deepFreeze(toModel(row))]));

module.exports.ModelList = ModelList;
module.exports.listProviders = listProviders;
