'use strict';

const native = require('./bridge/native.js');
const { OpenRouterError } = require('./errors.js');
const { keyOf, realKeys, siteUrlOf, withEndpointSwitches } = require('./librechat-names.js');
const { toJSON } = require('./util/json.js');

/**
 * The names of the options that the addon reads, see `src/config/options.rs`. Other options are kept in `client.options` and
 * never sent.
 */
const CLIENT_OPTIONS = native.optionNames(false);
/** The names of the options of `createFetch` that the addon reads. */
const FETCH_OPTIONS = native.optionNames(true);

/** Returns the options as JSON text for the addon. */
function optionsJSON(given) {
  const options = withEndpointSwitches(given);
  const known = {};
  for (const name of CLIENT_OPTIONS) {
    const value = options[name];
    if (value !== undefined) known[name] = name === 'modelOptions' ? value : refusable(value, name);
  }
  if (options.headers) known.headers = plainHeaders(options.headers);
  if (options.ca) known.ca = [options.ca].flat().map(pemText);
  return toJSON(known, 'The options', 'invalid_option');
}

/** Returns the given keys, the one with the highest precedence first. */
function keysOf(apiKey, options) {
  const keys = [options.openRouterApiKey, apiKey, options.apiKey].filter((key) => key !== undefined && key !== null);
  if (!keys.every((key) => typeof key === 'string')) {
    throw new OpenRouterError('The OpenRouter API key must be a string.', { code: 'invalid_api_key' });
  }
  return realKeys(keys);
}

/**
 * Returns the variables that the addon reads as JSON text, and nothing else of the environment. Their names are literals,
 * because computed names are slower and this function runs for each client.
 */
function environment(env = process.env) {
  return JSON.stringify({
    OPENROUTER_API_KEY: keyOf(env),
    OPENROUTER_BASE_URL: env.OPENROUTER_BASE_URL,
    OPENROUTER_SITE_URL: siteUrlOf(env),
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

/** Returns headers as an object. They may be given as `Headers`, as entries or as an object. */
function plainHeaders(headers) {
  if (typeof headers !== 'object') throw wrongOption('headers', 'an object of header names and values');
  if (typeof headers[Symbol.iterator] !== 'function') return headers;
  const entries = [...headers];
  if (!entries.every(Array.isArray)) throw wrongOption('headers', 'an object of header names and values');
  return Object.fromEntries(entries);
}

function pemText(pem) {
  if (typeof pem === 'string') return pem;
  if (pem instanceof Uint8Array || Buffer.isBuffer(pem)) return Buffer.from(pem).toString();
  throw wrongOption('ca', 'PEM text');
}

/**
 * Returns `value` with values that JSON would drop or write as `null` replaced by a description, so that the addon can
 * refuse the option by its name.
 */
function refusable(value, option, depth = 0) {
  // `Infinity` means no time limit, as `null` does.
  if (value === Infinity && option === 'timeouts' && depth === 1) return null;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (['function', 'symbol', 'bigint'].includes(typeof value)) return `a ${typeof value}`;
  // No option is nested deeper. The limit also ends the walk through an object that contains itself.
  if (value === null || value === undefined || depth > 2 || Object.getPrototypeOf(value)?.constructor?.name !== 'Object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, refusable(inner, option, depth + 1)]));
}

/**
 * Returns the error for a wrong option. The message does not contain the value, because it may be a secret in the wrong
 * place.
 */
function wrongOption(name, expected) {
  return new OpenRouterError(`Invalid option ${name}: expected ${expected}.`, { code: 'invalid_option' });
}

module.exports = { CLIENT_OPTIONS, FETCH_OPTIONS, environment, keysOf, optionsJSON, plainHeaders, wrongOption };
