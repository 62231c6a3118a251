'use strict';

const { toJSON } = require('./bridge/call.js');
const { OpenRouterError } = require('./errors.js');

/** Options that the addon reads; every other one is kept on `client.options` and never sent. */
const KNOWN = [
  'baseURL',
  'siteUrl',
  'siteName',
  'modelOptions',
  'autoRouter',
  'zdr',
  'dataCollection',
  'headers',
  'modelsPerRequest',
  'routerMetadata',
  'allowInsecureHttp',
  'proxy',
  'ca',
  'timeouts',
  'maxRetries',
  'cache',
  'maxEventBytes',
  'maxResponseBytes',
  'rateLimit',
];

/** The options as the addon takes them: JSON text. */
function optionsJSON(options) {
  const known = {};
  for (const name of KNOWN) {
    if (options[name] !== undefined) known[name] = name === 'modelOptions' ? options[name] : refusable(options[name], name);
  }
  if (options.headers) known.headers = plainHeaders(options.headers);
  if (options.ca) known.ca = [options.ca].flat().map(pemText);
  // Of LibreChat's endpointOption only the switches are read; the rest may hold requests and sockets.
  const { autoRouter, zdr, modelOptions } = options.endpointOption ?? {};
  const nested = { autoRouter: modelOptions?.autoRouter, zdr: modelOptions?.zdr };
  known.endpointOption = { autoRouter, zdr, modelOptions: nested };
  return toJSON(known, 'The options', 'invalid_option');
}

/** The places a key may stand in, the strongest first. */
function keysOf(apiKey, options) {
  const keys = [options.openRouterApiKey, apiKey, options.apiKey].filter((key) => key !== undefined && key !== null);
  if (!keys.every((key) => typeof key === 'string')) {
    throw new OpenRouterError('The OpenRouter API key must be a string.', { code: 'invalid_api_key' });
  }
  return keys;
}

/**
 * The variables that the addon reads, nothing else of the environment, as it takes them: JSON text. They are asked for
 * one by one: V8 takes longer for names that it does not find in the source, and each client asks.
 */
function environment(env = process.env) {
  return JSON.stringify({
    OPENROUTER_API_KEY: env.OPENROUTER_API_KEY,
    OPENROUTER_BASE_URL: env.OPENROUTER_BASE_URL,
    OPENROUTER_SITE_URL: env.OPENROUTER_SITE_URL,
    OPENROUTER_SITE_NAME: env.OPENROUTER_SITE_NAME,
    DOMAIN_CLIENT: env.DOMAIN_CLIENT,
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

/** `Headers`, entries or an object, as an object. */
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

/** What JSON would leave out or make `null` stays to be seen, so that the addon can refuse it by its name. */
function refusable(value, option, depth = 0) {
  // No limit of time.
  if (value === Infinity && option === 'timeouts' && depth === 1) return null;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (['function', 'symbol', 'bigint'].includes(typeof value)) return `a ${typeof value}`;
  // No option is deeper; one that holds itself has no end.
  if (value === null || value === undefined || depth > 2 || Object.getPrototypeOf(value)?.constructor?.name !== 'Object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, refusable(inner, option, depth + 1)]));
}

/** The value stays out of the message: it may be a secret in the wrong place. */
function wrongOption(name, expected) {
  return new OpenRouterError(`Invalid option ${name}: expected ${expected}.`, { code: 'invalid_option' });
}

module.exports = { optionsJSON, keysOf, environment, plainHeaders, wrongOption };
