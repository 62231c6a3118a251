'use strict';

const { createFetch } = require('../..');
const { FETCH_HOOKS, FETCH_OPTIONS, OptionNames, optionsOf, wrongOption } = require('../../lib/options.js');
const { autoRouterOf, floorsOf } = require('../../lib/util/switches.js');
const { shownError } = require('./shown-errors.js');

/** The options that are passed to `createFetch`. */
const PASSED = [...FETCH_OPTIONS, ...Object.values(FETCH_HOOKS)];

/** Parameters that LibreChat sets on its OpenAI configuration and that `@langchain/openai` drops. */
const DROPPED = ['models', 'route', 'provider'];

const NAMES = new OptionNames('configureAgents', [...PASSED, ...DROPPED, 'modelKwargs', 'readableErrors', 'userProvidesBaseURL', 'userProvidedURL']);

/** The maximum number of fallback models that the API accepts. */
const MODELS_PER_REQUEST = 3;

/** The `fetch` functions that this module created. */
const ours = new WeakSet();

/**
 * Sets the package's `fetch` in the configuration of LibreChat's agents.
 *
 * Changes nothing if a user provides the base URL. LibreChat then guards the request against addresses inside the network
 * with a dispatcher of undici, which the package's `fetch` cannot honour.
 * @param {object} target upstream's `getOpenAIConfig` result or its `configOptions`, or the fork's `llmConfig`
 * @param {object} [options] see `index.d.ts`
 * @returns {boolean} whether the `fetch` was set
 */
function configureAgents(target, options) {
  const given = optionsOf(options);
  NAMES.check(given, configureAgents);
  const { llmConfig, configuration } = partsOf(target);
  if (given.userProvidesBaseURL || given.userProvidedURL || isGuarded(configuration?.fetchOptions)) return false;
  // Another `fetch` stays, because it has a purpose: LibreChat's direct endpoints rewrite the address with theirs.
  if (configuration?.fetch && !ours.has(configuration.fetch)) return false;
  const parameters = parametersOf(given, llmConfig);
  const fetch = guardedFetch({ ...fetchOptions(given, configuration), ...switchesOf(given, llmConfig) });
  if (llmConfig !== null && Object.keys(parameters).length > 0) llmConfig.modelKwargs = parameters;
  if (configuration) configuration.fetch = fetch;
  else llmConfig.configuration = { fetch };
  return true;
}

/** Returns the model's settings (`llmConfig`) and the OpenAI SDK's (`configuration`) for each accepted shape of `target`. */
function partsOf(target) {
  if (typeof target !== 'object' || target === null) throw wrongOption('target', "LibreChat's llmConfig or configOptions");
  if (target.configOptions) return { llmConfig: target.llmConfig ?? null, configuration: target.configOptions };
  const llmConfig = target.llmConfig ?? target;
  const isConfig = ['configuration', 'model', 'modelName', 'modelKwargs', 'streaming'].some((name) => name in llmConfig);
  if (llmConfig !== target || isConfig) return { llmConfig, configuration: llmConfig.configuration };
  return { llmConfig: null, configuration: target };
}

/**
 * Whether an init has LibreChat's guard against addresses inside the network: a dispatcher that checks them, and no
 * redirects.
 */
function isGuarded(init) {
  return Boolean(init?.dispatcher) && init.redirect === 'error';
}

/** Creates the package's `fetch`. A request that has LibreChat's guard, which may be set later, uses the global `fetch`. */
function guardedFetch(options) {
  const native = createFetch(options);
  const fetch = (input, init) => (isGuarded(init) ? globalThis.fetch(input, init) : native(input, init));
  ours.add(fetch);
  return fetch;
}

function fetchOptions(given, configuration) {
  const chosen = PASSED.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]);
  // The variable PROXY of LibreChat is read from the environment. An HTTP agent may name another proxy.
  const agent = configuration?.httpAgent?.proxy;
  // The privacy settings depend on the endpoint, whose path counts from the base URL.
  const baseURL = URL.canParse(configuration?.baseURL) ? configuration.baseURL : undefined;
  const proxy = agent?.href ?? (typeof agent === 'string' ? agent : undefined);
  const errorMessage = given.readableErrors === false ? undefined : shownError;
  // LibreChat would save and show an answer that was cut off as complete.
  return { failOnTruncation: true, baseURL, proxy, errorMessage, ...Object.fromEntries(chosen) };
}

/**
 * Returns the switches from all places. The floors are options of the `fetch`, so that they also hold for requests to which
 * LangChain adds no parameters.
 */
function switchesOf(given, llmConfig) {
  const places = [given, given.modelKwargs, llmConfig, llmConfig?.modelKwargs];
  return { autoRouter: autoRouterOf([given, llmConfig]) ?? false, ...floorsOf(places) };
}

/** Returns the parameters for `modelKwargs`, the only object whose fields LangChain sends unchanged. */
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

/** Returns the dropped parameters that `source` sets. */
function pick(source) {
  return Object.fromEntries(DROPPED.filter((name) => source[name] !== undefined && source[name] !== null).map((name) => [name, source[name]]));
}

module.exports = { configureAgents };
