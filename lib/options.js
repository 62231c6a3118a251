'use strict';

const { isUint8Array } = require('node:util/types');

const native = require('./bridge/native.js');
const { OpenRouterError, wrongOption } = require('./errors.js');
const {
  LIBRECHAT_OPTIONS,
  MORE_LIBRECHAT_OPTIONS,
  endpointPlaces,
  environmentKey,
  environmentSiteUrl,
  isRealKey,
  withEndpointSwitches,
} = require('./librechat-names.js');
const { OptionNames, optionsOf, unknownField } = require('./option-names.js');
const { toJSON } = require('./util/json.js');

/** The names of the options that the addon reads, see `src/config/options.rs`. */
const CLIENT_OPTIONS = native.optionNames(false);
/** The names of the options of `createFetch` that the addon reads. */
const FETCH_OPTIONS = native.optionNames(true);
/** The options of `createFetch` that JavaScript reads, see `lib/fetch/`. */
const FETCH_OPTIONS_HERE = ['sessionHeader', 'maxWait', 'fallbackModels', 'chainFor', 'backgroundModel', 'showModel'];
/**
 * The callbacks of `createFetch`, by the events for which they are called: the addon's, and those of `fetch/settlement.js` and
 * `fetch/explanation.js`.
 */
const FETCH_HOOKS = { model: 'onModel', usage: 'onUsage', fallback: 'onFallback', error: 'onError', settled: 'onSettled', message: 'errorMessage' };

/** The options of the client that JavaScript reads. */
const READ_HERE = ['apiKey', 'openRouterApiKey', 'logger'];

/** The names that the constructor of the client knows. */
const CLIENT_NAMES = new OptionNames('OpenRouterClient', [...READ_HERE, ...CLIENT_OPTIONS], LIBRECHAT_OPTIONS);
/** The names that `createFetch` knows. The switches of LibreChat's `endpointOption` are read. */
const FETCH_NAMES = new OptionNames('createFetch', [...FETCH_OPTIONS, ...FETCH_OPTIONS_HERE, ...Object.values(FETCH_HOOKS)], ['endpointOption']);
/** The names that LibreChat's own class knows. */
const LIBRECHAT_NAMES = new OptionNames(
  'OpenRouterClient',
  [...READ_HERE, ...CLIENT_OPTIONS],
  [...LIBRECHAT_OPTIONS, ...MORE_LIBRECHAT_OPTIONS],
);

/**
 * Replaces a value that JSON would drop or write as `null`. No option may have this value, so the addon refuses the option by
 * its name.
 */
const REFUSED = [[]];

/** Returns the names of the options of a client, without those that an adapter sets itself. */
function clientOptionsExcept(...own) {
  return CLIENT_OPTIONS.filter((name) => !own.includes(name));
}

/**
 * Returns the options as JSON text for the addon.
 * @param {object} given
 * @param {string[]} [names] the options to read
 */
function optionsJSON(given, names = CLIENT_OPTIONS) {
  const options = withEndpointSwitches(given);
  const known = {};
  for (const name of names) {
    const value = options[name];
    if (value !== undefined && value !== null) known[name] = (READERS[name] ?? refusable)(value, name);
  }
  return toJSON(known, 'The options', 'invalid_option');
}

/** How options are read whose values are more than JSON. */
const READERS = {
  budget: budgetIds,
  ca: (pems) => [pems].flat().map(pemText),
  headers: (headers) => sendableHeaders(headers),
  // They are parameters of requests, which the addon does not check.
  modelOptions: (parameters) => parameters,
};

/** The options of a chat that may also be among its parameters. */
const CHAT_NAMES = new OptionNames('chatCompletion', [
  'signal', 'headers', 'timeouts', 'maxRetries', 'zdr', 'dataCollection', 'responseCache', 'onProgress',
]);
/** What turns a privacy setting off. It has no effect on one that the parameters turn on. */
const OFF = { zdr: false, dataCollection: 'allow' };
const LOOKUP_NAMES = new OptionNames('getCredits', ['force', 'signal']);
const MODELS_NAMES = new OptionNames('getModels', ['force', 'signal', 'filters']);
const ESTIMATE_NAMES = new OptionNames('estimateCost', ['signal', 'answerTokens']);
const GENERATION_NAMES = new OptionNames('getGeneration', ['signal', 'headers', 'timeouts', 'maxRetries']);

/** Returns the parameters of a chat with the options of its second argument, which are preferred. */
function withCallOptions(params, options, caller) {
  if (options === undefined || options === null) return params;
  CHAT_NAMES.check(optionsOf(options), caller);
  // What is no object is refused later, with a message about the parameters.
  if (typeof params !== 'object' || params === null) return params;
  const isGiven = ([name, value]) => value !== undefined && value !== null && !(value === OFF[name] && Object.hasOwn(params, name));
  return { ...params, ...Object.fromEntries(Object.entries(options).filter(isGiven)) };
}

/**
 * Returns the options of a call that looks something up: whether the cache is bypassed, and the signal. They are given as
 * an object, or the first of them before it.
 */
function lookupOptions(force, options, caller, names = LOOKUP_NAMES) {
  if (typeof force === 'object' && force !== null) {
    if (options !== undefined && options !== null) throw wrongOption('options', 'one object: { force, signal }');
    return lookupOptions(force.force, force, caller, names);
  }
  const { signal, force: chosen } = optionsOf(options);
  names.check(options ?? {}, caller);
  for (const value of [force, chosen]) if (typeof (value ?? false) !== 'boolean') throw wrongOption('force', 'true or false');
  return { force: Boolean(force || chosen), signal };
}

/** Returns the options of a call that opens a connection: the signal only. */
function connectOptions(given, name, caller) {
  const options = optionsOf(given);
  new OptionNames(name, ['signal']).check(options, caller);
  return options;
}

/** Returns the options of `estimateCost`. */
function estimateOptions(given, caller) {
  const options = optionsOf(given);
  ESTIMATE_NAMES.check(options, caller);
  return options;
}

/** Returns the options of `getGeneration`: the signal, and the others as JSON text for the addon. */
function generationOptions(given, caller) {
  const options = optionsOf(given);
  GENERATION_NAMES.check(options, caller);
  const { signal, ...sent } = options;
  return { signal, text: optionsJSON(sent, Object.keys(sent)) };
}

/** Returns the keys that the caller gave, without LibreChat's placeholder; the one with the highest precedence first. */
function givenKeys(apiKey, options) {
  const keys = [options.openRouterApiKey, apiKey, options.apiKey].filter((key) => key !== undefined && key !== null);
  if (!keys.every((key) => typeof key === 'string')) {
    throw new OpenRouterError('The OpenRouter API key must be a string. Pass it as apiKey, or set OPENROUTER_API_KEY.', { code: 'invalid_api_key' });
  }
  return keys.filter(isRealKey);
}

/**
 * Returns, as JSON text, the environment variables that the addon reads. Other variables do not leave JavaScript. The names
 * are literals, because computed names are slower and this function runs for each client.
 */
function environment(env = process.env) {
  return JSON.stringify({
    OPENROUTER_API_KEY: environmentKey(env),
    OPENROUTER_BASE_URL: env.OPENROUTER_BASE_URL,
    OPENROUTER_SITE_URL: environmentSiteUrl(env),
    OPENROUTER_SITE_NAME: env.OPENROUTER_SITE_NAME,
    OPENROUTER_CACHE_TTL_CREDITS: env.OPENROUTER_CACHE_TTL_CREDITS,
    OPENROUTER_CACHE_TTL_MODELS: env.OPENROUTER_CACHE_TTL_MODELS,
    OPENROUTER_BACKGROUND_REFRESH: env.OPENROUTER_BACKGROUND_REFRESH,
    PROXY: env.PROXY,
    HTTPS_PROXY: env.HTTPS_PROXY,
    https_proxy: env.https_proxy,
    HTTP_PROXY: env.HTTP_PROXY,
    http_proxy: env.http_proxy,
    ALL_PROXY: env.ALL_PROXY,
    all_proxy: env.all_proxy,
    NO_PROXY: env.NO_PROXY,
    no_proxy: env.no_proxy,
    NODE_EXTRA_CA_CERTS: env.NODE_EXTRA_CA_CERTS,
    SSL_CERT_FILE: env.SSL_CERT_FILE,
    SSL_CERT_DIR: env.SSL_CERT_DIR,
  });
}

/** Returns the ids of budgets, see `helpers/budget.js`, which is loaded only for programs that have some. */
function budgetIds(budgets) {
  return require('./helpers/budget.js').budgetIds(budgets);
}

/** Returns headers as an object. They may be given as `Headers`, as entries or as an object. */
function plainHeaders(headers) {
  if (headers === undefined || headers === null) return {};
  if (typeof headers !== 'object') throw wrongOption('headers', 'an object of header names and values');
  if (typeof headers[Symbol.iterator] !== 'function') return headers;
  const entries = [...headers];
  if (!entries.every(Array.isArray)) throw wrongOption('headers', 'an object of header names and values');
  return Object.fromEntries(entries);
}

/** Returns headers as an object for the addon, which names a header whose value cannot be sent. */
function sendableHeaders(headers) {
  return refusable(plainHeaders(headers), 'headers');
}

function pemText(pem) {
  if (typeof pem === 'string') return pem;
  if (isUint8Array(pem)) return Buffer.from(pem).toString();
  throw wrongOption('ca', 'PEM text');
}

/** Returns `value` with `REFUSED` in place of each value that JSON would drop or write as `null`. */
function refusable(value, option, depth = 0) {
  // `Infinity` means no time limit, as `null` does.
  if (value === Infinity && option === 'timeouts' && depth === 1) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : REFUSED;
  if (['function', 'symbol', 'bigint'].includes(typeof value)) return REFUSED;
  // No option is nested deeper. The limit also ends the walk through an object that contains itself.
  if (value === null || typeof value !== 'object' || depth > 2 || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, refusable(inner, option, depth + 1)]));
}

/** Whether a value is an object literal, also of another realm, such as Jest's. */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || (Object.getPrototypeOf(prototype) === null && !Array.isArray(value));
}

module.exports = {
  CLIENT_NAMES,
  CLIENT_OPTIONS,
  budgetIds,
  connectOptions,
  FETCH_HOOKS,
  FETCH_NAMES,
  FETCH_OPTIONS,
  FETCH_OPTIONS_HERE,
  LIBRECHAT_NAMES,
  MODELS_NAMES,
  OptionNames,
  clientOptionsExcept,
  endpointPlaces,
  environment,
  environmentKey,
  estimateOptions,
  generationOptions,
  givenKeys,
  isRealKey,
  lookupOptions,
  optionsJSON,
  optionsOf,
  plainHeaders,
  sendableHeaders,
  unknownField,
  withCallOptions,
  wrongOption,
};
