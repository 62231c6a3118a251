'use strict';

const { clientOptionsExcept } = require('../shared/option-names.js');

const DEFAULT_BASE_URL = 'https://openrouter.ai/api/v1';

/** The options that are passed to the package's client as they are. The others are properties of LibreChat's client. */
const PASSED = clientOptionsExcept('baseURL', 'siteUrl', 'siteName', 'modelOptions', 'autoRouter', 'zdr', 'headers', 'cache');

/**
 * Returns the initial values of a client's properties. The environment is read for each client, as LibreChat expects.
 * @param {object} options the merged options of the client
 */
function settingsOf(options, env = process.env) {
  return {
    baseURL: options.baseURL || env.OPENROUTER_BASE_URL || DEFAULT_BASE_URL,
    siteUrl: options.siteUrl || env.OPENROUTER_SITE_URL || env.DOMAIN_CLIENT || undefined,
    siteName: options.siteName || env.OPENROUTER_SITE_NAME || undefined,
    cacheSettings: {
      creditsTTL: milliseconds(options.cache?.creditsTTL ?? env.OPENROUTER_CACHE_TTL_CREDITS, 300_000),
      modelsTTL: milliseconds(options.cache?.modelsTTL ?? env.OPENROUTER_CACHE_TTL_MODELS, 3_600_000),
    },
  };
}

function milliseconds(given, usual) {
  const time = given === undefined || given === null || String(given).trim() === '' ? NaN : Number(given);
  return Number.isFinite(time) && time >= 0 ? time : usual;
}

/**
 * Returns everything that the package's client is constructed from, as a flat list. If two lists are equal item by item, the
 * client can be reused. The list is taken from the properties, because LibreChat and its tests change them.
 */
function inputsOf(client) {
  const options = client.options ?? {};
  const { creditsTTL, modelsTTL } = client.cacheSettings ?? {};
  return [
    client.apiKey, client.baseURL, client.siteUrl, client.siteName, isPrivate(client), creditsTTL, modelsTTL,
    options.siteCategories, options.headers, ...PASSED.map((name) => options[name]),
  ];
}

/** Returns the options of the package's client for a list of {@link inputsOf}. */
function nativeOptions(inputs, logger) {
  const [apiKey, baseURL, siteUrl, siteName, zdr, creditsTTL, modelsTTL, categories, given, ...passed] = inputs;
  const headers = {
    // The header names that OpenRouter documents today. The package's client sends the older names itself.
    ...(siteName && { 'X-OpenRouter-Title': siteName }),
    ...(categories && { 'X-OpenRouter-Categories': [categories].flat().join(',') }),
    ...given,
  };
  const own = { apiKey, baseURL, siteUrl, siteName, zdr, headers, logger, cache: { creditsTTL, modelsTTL } };
  return { ...Object.fromEntries(PASSED.map((name, at) => [name, passed[at]])), ...own };
}

/** Whether any place demands zero data retention. One place is enough. */
function isPrivate({ zdr, options, modelOptions }) {
  return [zdr, options?.zdr, modelOptions?.zdr].includes(true);
}

module.exports = { inputsOf, isPrivate, nativeOptions, settingsOf };
