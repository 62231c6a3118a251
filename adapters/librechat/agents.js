'use strict';

const { createFetch } = require('../..');
const { FETCH_HOOKS, FETCH_OPTIONS, FETCH_OPTIONS_HERE, OptionNames, optionsOf, wrongOption } = require('../../lib/options.js');
const { PREWARM } = require('../../lib/util/send.js');
const { autoRouterOf, floorsOf } = require('../../lib/util/switches.js');
const { isGuarded, reasonToSkip, tellSkip, warn } = require('./agents-skips.js');
const { timeoutsOf } = require('./agents-timeouts.js');
const { shownError } = require('./shown-errors.js');

/** The options that are passed to `createFetch`. */
const PASSED = [...FETCH_OPTIONS, ...FETCH_OPTIONS_HERE, ...Object.values(FETCH_HOOKS)];

/**
 * What LibreChat cannot do itself: it would save and show an answer that was cut off as complete, repeat refused requests for
 * minutes, send the fallback models with titles as well, and pay a third of a millisecond for each delta of an answer.
 */
const DEFAULTS = { failOnTruncation: true, maxWait: 20_000, coalesce: 33, chainFor: 'chat', modelsPerRequest: 3, sessionHeader: 'x-session-id' };

/** Parameters that LibreChat sets on its OpenAI configuration and that `@langchain/openai` drops. */
const DROPPED = ['models', 'route', 'provider'];

const NAMES = new OptionNames('configureAgents', [
  ...PASSED, ...DROPPED, 'modelKwargs', 'readableErrors', 'userProvidesBaseURL', 'userProvidedURL', 'transportTimeouts', 'onSkip', 'logger',
]);

/** The maximum number of fallback models that `createFetch` has. */
const MAX_MODELS = 10;

/** The `fetch` functions that this module created. */
const ours = new WeakSet();

/**
 * Sets the package's `fetch` in the configuration of LibreChat's agents. Changes nothing where that cannot be, see
 * `agents-skips.js`.
 * @param {object} target upstream's `getOpenAIConfig` result or its `configOptions`, or the fork's `llmConfig`
 * @param {object} [options] see `index.d.ts`
 * @returns {boolean} whether the `fetch` was set
 */
function configureAgents(target, options) {
  const given = optionsOf(options);
  NAMES.check(given, configureAgents);
  if (typeof (given.onSkip ?? tellSkip) !== 'function') throw wrongOption('onSkip', 'a function');
  const parts = partsOf(target);
  const { llmConfig, configuration } = parts;
  const switches = switchesOf(given, llmConfig);
  const reason = reasonToSkip(target, given, parts, (fetch) => ours.has(fetch));
  if (reason !== null) {
    tellSkip(reason, given, protectionsIn({ ...given, ...switches }));
    return false;
  }
  const { fallbackModels, ...parameters } = parametersOf(given, llmConfig);
  const fetch = guardedFetch({ ...fetchOptions(given, configuration), ...(fallbackModels && { fallbackModels }), ...switches }, configuration?.baseURL);
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
 * Creates the package's `fetch`. A request that has LibreChat's guard, which may be set later, uses the global `fetch`. A chat is
 * about to be sent, so that its connection is opened meanwhile.
 */
function guardedFetch(options, baseURL) {
  const native = createFetch(options);
  if (typeof baseURL === 'string') native[PREWARM](baseURL);
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
  const timeouts = { ...timeoutsOf(configuration, given.transportTimeouts), ...given.timeouts };
  return { ...DEFAULTS, baseURL, proxy, errorMessage, ...Object.fromEntries(chosen), timeouts };
}

/**
 * Returns the switches from all places. The floors are options of the `fetch`, so that they also hold for requests to which
 * LangChain adds no parameters.
 */
function switchesOf(given, llmConfig) {
  const places = [given, given.modelKwargs, llmConfig, llmConfig?.modelKwargs];
  return { autoRouter: autoRouterOf([given, llmConfig]) ?? false, ...floorsOf(places) };
}

/** Returns the options that protect users or their money: the privacy settings and the limits of cost. */
function protectionsIn({ zdr, dataCollection, maxCost, budget }) {
  const all = { zdr, dataCollection: dataCollection === 'deny', maxCost: (maxCost ?? null) !== null, budget: (budget ?? null) !== null };
  return Object.keys(all).filter((name) => all[name]);
}

/**
 * Returns the parameters for `modelKwargs`, the only object whose fields LangChain sends unchanged, and beside them the option
 * `fallbackModels` for the models that are too many for one request.
 */
function parametersOf(given, llmConfig) {
  const own = { ...pick(given), ...given.modelKwargs };
  if (llmConfig === null) {
    if (Object.keys(own).length === 0) return {};
    throw wrongOption('target', `the whole result of getOpenAIConfig: ${Object.keys(own).join(', ')} can be sent by way of its llmConfig only`);
  }
  const { models, ...others } = { ...pick(llmConfig), ...llmConfig.modelKwargs, ...own };
  if (!Array.isArray(models)) return others;
  const all = models.filter((model) => model !== llmConfig.model);
  const limit = given.modelsPerRequest ?? DEFAULTS.modelsPerRequest;
  if (all.length <= limit || given.fallbackModels) return all.length > 0 ? { ...others, models: all } : others;
  // The API refuses more with one request, so that the `fetch` asks them one group after the other.
  const rest = all.slice(MAX_MODELS);
  if (rest.length > 0) {
    const message = `A chat asks ${MAX_MODELS} fallback models at most, so these of models are never asked: ${rest.join(', ')}.`;
    warn(message, message, given.logger);
  }
  return { ...others, fallbackModels: all.slice(0, MAX_MODELS) };
}

/** Returns the dropped parameters that `source` sets. */
function pick(source) {
  return Object.fromEntries(DROPPED.filter((name) => source[name] !== undefined && source[name] !== null).map((name) => [name, source[name]]));
}

module.exports = { configureAgents };
