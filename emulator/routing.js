'use strict';

const { checkAbilities } = require('./checks');
const { ApiError, makeError } = require('./errors');

const MAX_MODELS = 3;
const ROUTING_SUFFIX = /:(nitro|floor|exacto|online)$/;

/** Router models: the `strategy` that `openrouter_metadata` shows for them, and the model that they choose. */
const ROUTERS = new Map([
  ['openrouter/auto', { strategy: 'auto', pick: pickWith('auto-router') }],
  ['openrouter/auto-beta', { strategy: 'auto', pick: pickWith('auto-beta-router') }],
  ['openrouter/free', { strategy: 'free', pick: () => 'meta-llama/llama-3.3-70b-instruct:free' }],
  ['openrouter/pareto-code', { strategy: 'pareto', pick: () => 'deepseek/deepseek-chat-v3.1' }],
  ['openrouter/bodybuilder', { strategy: 'bodybuilder', pick: () => 'openai/gpt-oss-20b:free' }],
  ['openrouter/fusion', { strategy: 'fusion', pick: () => 'anthropic/claude-opus-4.1' }],
  ['openrouter/fusion-flash', { strategy: 'fusion', pick: () => 'google/gemini-2.5-flash' }],
  ['typesafe/jev-router', { strategy: 'auto', pick: bestForTask }],
  ['nvidia/switchyard', { strategy: 'auto', pick: bestForTask }],
]);
const PRESET_MODEL = 'anthropic/claude-haiku-4.5';

/**
 * Returns the function that chooses a model as the auto router does: by what the prompt is about, among the models that the
 * router's plugin in the request allows.
 */
function pickWith(pluginId) {
  return (body, prompt, models) => {
    const plugin = Array.isArray(body.plugins) ? body.plugins.find((one) => one?.id === pluginId && one.enabled !== false) : undefined;
    const matches = (patterns, id) => patterns.some((one) => matchesPattern(one, id));
    const { allowed_models: allowed, excluded_models: excluded } = plugin ?? {};
    const allows = (id) => (!Array.isArray(allowed) || matches(allowed, id)) && !(Array.isArray(excluded) && matches(excluded, id));
    const chosen = [bestForTask(body, prompt), ...models.ids()].find(allows);
    if (chosen !== undefined) return chosen;
    throw new ApiError(404, `No models match the restrictions of the plugin ${pluginId}.`, { metadata: { error_type: 'not_found' } });
  };
}

/** Whether a model's id matches a pattern, in which `*` stands for any characters. */
function matchesPattern(pattern, id) {
  const parts = String(pattern).split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(id);
}

function bestForTask(body, prompt) {
  if (body.modalities?.includes('image')) return 'google/gemini-2.5-flash-image';
  if (body.modalities?.includes('audio')) return 'openai/gpt-audio';
  if (/\b(code|function|bug|rust|javascript|python|sql)\b/i.test(prompt)) return 'anthropic/claude-sonnet-4.5';
  return prompt.length > 400 ? 'google/gemini-2.5-pro' : 'openai/gpt-5-mini';
}

/** Removes the suffixes that only control routing. Other suffixes, such as `:free`, belong to the id. */
function stripSuffixes(id) {
  const suffixes = [];
  let base = id;
  for (let match = ROUTING_SUFFIX.exec(base); match; match = ROUTING_SUFFIX.exec(base)) {
    suffixes.push(match[1]);
    base = base.slice(0, match.index);
  }
  return { id: base, suffixes };
}

/** Resolves a requested id to a model, through routers, aliases and presets. Throws a 400 for an unknown id. */
function resolve(requested, { body, prompt, models }) {
  const [named, preset] = requested.split('@preset/');
  const { id, suffixes } = stripSuffixes(named || (preset ? PRESET_MODEL : ''));
  const model = models.find(id);
  if (!model) throw new ApiError(400, `${requested} is not a valid model ID`, { metadata: { error_type: 'invalid_request' } });

  const router = ROUTERS.get(id);
  const isOnline = suffixes.includes('online');
  if (router) return { model: models.target(router.pick(body, prompt, models)), strategy: router.strategy, router: id, isOnline };
  if (model.alias_target) return { model: models.target(model.alias_target.slug), strategy: 'latest', router: null, isOnline };
  return { model, strategy: preset ? 'alias' : 'direct', router: null, isOnline };
}

/** Whether a list of slugs names a provider: by its slug, its name, or a variant such as `slug/region`. */
function names(slugs, provider) {
  return slugs.some((slug) => slug.toLowerCase().split('/')[0] === provider.slug || slug === provider.name);
}

/** Whether prices per token are within a `max_price`, which is per million tokens. */
function isWithin(pricing, limit) {
  return ['prompt', 'completion'].every((name) => limit?.[name] === undefined || Number(pricing[name]) * 1e6 <= Number(limit[name]) + 1e-9);
}

/**
 * Returns those of a model's providers that `provider` of the request allows, the best first. Throws a 404 if none is left.
 * @param {(provider: object) => object} priceOf the prices of the model at a provider
 */
function allowedProviders(available, preferences, priceOf) {
  const { only, ignore, order, allow_fallbacks: fallbacks, zdr, data_collection: collection, max_price: limit } = preferences;
  const preferred = order ?? [];
  const listed = only ?? (preferred.length > 0 && fallbacks === false ? preferred : undefined);
  const wanted = available.filter((provider) => (!listed || names(listed, provider)) && !names(ignore ?? [], provider));
  if (wanted.length === 0) {
    const metadata = { available_providers: available.map(({ slug }) => slug), requested_providers: listed ?? [] };
    throw new ApiError(404, 'No allowed providers are available for the selected model.', { metadata });
  }
  const permitted = wanted.filter((provider) => (!zdr || provider.zdr) && (collection !== 'deny' || !provider.trains));
  if (permitted.length === 0) throw makeError(404, 'data-policy', {});
  const kept = permitted.filter((provider) => isWithin(priceOf(provider), limit));
  if (kept.length === 0) throw new ApiError(404, 'No endpoints found that satisfy the max_price of the request.');
  const rank = (provider) => {
    const place = preferred.findIndex((slug) => names([slug], provider));
    return place < 0 ? preferred.length : place;
  };
  return [...kept].sort((a, b) => rank(a) - rank(b));
}

function checkProvider(preferences) {
  for (const name of ['only', 'ignore', 'order']) {
    const value = preferences[name] ?? [];
    if (Array.isArray(value) && value.every((slug) => typeof slug === 'string')) continue;
    throw new ApiError(400, `provider.${name} must be an array of provider slugs`, { metadata: { error_type: 'invalid_request' } });
  }
}

function checkModels({ models }) {
  if (!Array.isArray(models) || models.length <= MAX_MODELS) return;
  throw new ApiError(400, `'models' array must have ${MAX_MODELS} items or fewer.`, { metadata: { error_type: 'invalid_request' } });
}

/** Returns the requested model ids in the order in which they are tried. */
function requestedModels(body) {
  const ids = [body.model, ...(Array.isArray(body.models) ? body.models : [])].filter((id) => typeof id === 'string');
  return ids.length > 0 ? [...new Set(ids)] : ['openrouter/auto'];
}

/**
 * Chooses the model and provider that answer. As OpenRouter does, it tries each requested model in turn. Throws the last
 * error if all fail.
 * @param {{ body: object, prompt: string, directives: object, models: ModelList, failing?: Map<string, object> }} request
 *   `failing`: the scenarios of the models that fail
 * @returns {{ requested: string, model: object, provider: object, providers: object[], strategy: string, router: string|null, isOnline: boolean, attempts: object[] }}
 */
function chooseRoute(request) {
  const { body, prompt, directives, models } = request;
  const preferences = body.provider ?? {};
  checkProvider(preferences);
  checkModels(body);
  const requested = requestedModels(body);
  const candidates = requested.map((id) => ({ id, ...resolve(id, request) }));
  if (directives.model !== undefined) candidates[0].model = resolve(directives.model, request).model;

  const attempts = [];
  let lastError;
  for (const candidate of candidates) {
    const providers = models.providersOf(candidate.model.id);
    try {
      const [provider] = allowedProviders(providers, preferences, ({ slug }) => models.pricingOf(candidate.model, slug));
      checkAbilities(candidate.model, body);
      failIfAsked(candidate, provider, request);
      attempts.push({ provider: provider.name, model: candidate.model.id, status: 200 });
      const strategy = attempts.length > 1 ? 'fallback' : candidate.strategy;
      return { ...candidate, requested: requested[0], provider, providers, strategy, attempts };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      attempts.push({ provider: providers[0].name, model: candidate.model.id, status: error.status });
      lastError = error;
    }
  }
  lastError.attempts = attempts;
  throw lastError;
}

/** Throws the error of a model that fails: by its scenario (`failing`), or by the directive `fail`. */
function failIfAsked({ id, model }, provider, { prompt, directives, failing = new Map() }) {
  const context = { model: model.id, provider: provider.name, prompt };
  const scenario = failing.get(id);
  if (scenario) throw makeError(scenario.status, scenario.kind, { ...scenario, ...context });
  const { fail = [], failStatus = 503, failKind, retryAfter, reset } = directives;
  const isAsked = fail.some((name) => name === '*' || name === id || name === model.id || name === stripSuffixes(id).id);
  if (isAsked) throw makeError(failStatus, failKind, { ...context, retryAfter, reset });
}

/** Makes `openrouter_metadata`, which the request header `X-OpenRouter-Metadata: enabled` asks for. */
function routerMetadata({ requested, model, provider, providers, strategy, router, attempts }, isByok) {
  const available = providers.map(({ name }) => ({ provider: name, model: model.id, selected: name === provider.name }));
  return {
    requested,
    strategy,
    region: 'iad',
    summary: `available=${available.length}, selected=${provider.name}`,
    attempt: attempts.length,
    is_byok: isByok,
    endpoints: { total: available.length, available },
    ...(attempts.length > 1 && { attempts }),
    ...(router && { pipeline: [{ type: 'router', name: router, summary: `chose ${model.id}`, data: { task_type: 'general' } }] }),
  };
}

module.exports.chooseRoute = chooseRoute;
module.exports.matchesPattern = matchesPattern;
module.exports.requestedModels = requestedModels;
module.exports.routerMetadata = routerMetadata;
module.exports.stripSuffixes = stripSuffixes;
