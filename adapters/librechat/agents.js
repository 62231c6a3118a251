'use strict';

const { createFetch } = require('../..');
const names = require('../shared/option-names.js');
const { wrongOption } = require('../../lib/options.js');

/** Options that `createFetch` gets as they are. The switches may stand in two places. */
const SWITCHES = new Set(['autoRouter', 'zdr']);
const HOOKS = ['onError', 'onFallback', 'onModel', 'onUsage'];
const FETCH_OPTIONS = [...names.FETCH_OPTIONS.filter((name) => !SWITCHES.has(name)), ...HOOKS];

/** What LibreChat sets on its OpenAI configuration and `@langchain/openai` never sends. */
const DROPPED = ['models', 'route', 'provider'];

/** As many fallbacks as the API takes. */
const MODELS_PER_REQUEST = 3;

const ours = new WeakSet();

/**
 * Puts the native `fetch` under LibreChat's agents.
 *
 * Stays out, and changes nothing, where a user supplies the base URL: LibreChat then guards the request with a
 * dispatcher of its own against addresses inside the network, and no other engine can honour that.
 * @param {object} target upstream's `getOpenAIConfig` result or its `configOptions`, or the fork's `llmConfig`
 * @param {object} [options] see `index.d.ts`
 * @returns {boolean} whether it is in place
 */
function configureAgents(target, options) {
  const given = options ?? {};
  const { llmConfig, configuration } = partsOf(target);
  if (given.userProvidesBaseURL || given.userProvidedURL || isGuarded(configuration?.fetchOptions)) return false;
  // Somebody's own fetch has a purpose: a direct endpoint's rewrites the address.
  if (configuration?.fetch && !ours.has(configuration.fetch)) return false;
  const parameters = parametersOf(given, llmConfig);
  const fetch = guardedFetch({ ...fetchOptions(given, configuration), ...switchesOf(given, llmConfig) });
  if (llmConfig !== null && Object.keys(parameters).length > 0) llmConfig.modelKwargs = parameters;
  if (configuration) configuration.fetch = fetch;
  else llmConfig.configuration = { fetch };
  return true;
}

/** Where the model's settings and the SDK's are, in each shape. */
function partsOf(target) {
  if (typeof target !== 'object' || target === null) throw wrongOption('target', "LibreChat's llmConfig or configOptions");
  if (target.configOptions) return { llmConfig: target.llmConfig ?? null, configuration: target.configOptions };
  const llmConfig = target.llmConfig ?? target;
  const isConfig = ['configuration', 'model', 'modelName', 'modelKwargs', 'streaming'].some((name) => name in llmConfig);
  if (llmConfig !== target || isConfig) return { llmConfig, configuration: llmConfig.configuration };
  return { llmConfig: null, configuration: target };
}

/** LibreChat's guard against addresses inside the network: a dispatcher that checks, and no redirect around it. */
function isGuarded(init) {
  return Boolean(init?.dispatcher) && init.redirect === 'error';
}

/** The native fetch; a guard that is set later still holds. */
function guardedFetch(options) {
  const native = createFetch(options);
  const fetch = (input, init) => (isGuarded(init) ? globalThis.fetch(input, init) : native(input, init));
  ours.add(fetch);
  return fetch;
}

function fetchOptions(given, configuration) {
  const chosen = FETCH_OPTIONS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]);
  // LibreChat's PROXY is read from the environment as well; an agent may name another.
  const agent = configuration?.httpAgent?.proxy;
  return { proxy: agent?.href ?? (typeof agent === 'string' ? agent : undefined), ...Object.fromEntries(chosen) };
}

function switchesOf(given, llmConfig) {
  return {
    autoRouter: given.autoRouter ?? llmConfig?.autoRouter === true,
    // A floor: neither place can take back what the other asks for.
    zdr: given.zdr === true || llmConfig?.zdr === true,
  };
}

/** What goes into `modelKwargs`, the one place whose fields LangChain sends as they are. */
function parametersOf(given, llmConfig) {
  const own = { ...pick(given), ...given.modelKwargs };
  if (llmConfig === null) {
    if (Object.keys(own).length === 0) return {};
    throw wrongOption('target', `the whole result of getOpenAIConfig: ${Object.keys(own).join(', ')} can be sent by way of its llmConfig only`);
  }
  const { models, ...rest } = { ...pick(llmConfig), ...llmConfig.modelKwargs, ...own };
  if (!Array.isArray(models)) return rest;
  const chain = models.filter((model) => model !== llmConfig.model).slice(0, given.modelsPerRequest ?? MODELS_PER_REQUEST);
  return chain.length > 0 ? { ...rest, models: chain } : rest;
}

function pick(source) {
  return Object.fromEntries(DROPPED.filter((name) => source[name] !== undefined && source[name] !== null).map((name) => [name, source[name]]));
}

module.exports = { configureAgents };
