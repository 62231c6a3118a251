'use strict';

const { clientOptionsExcept } = require('../shared/option-names.js');

const DEFAULT_BASE_URL = 'https://openrouter.ai/api/v1';

/** Options that go to the native client as they were given. The others are properties of LibreChat's client. */
const PASSED = clientOptionsExcept('baseURL', 'siteUrl', 'siteName', 'modelOptions', 'autoRouter', 'zdr', 'headers', 'cache');

/**
 * What stands in the properties of a client when it is made. The environment is read each time, as LibreChat expects.
 * @param {object} options the client's options, already merged
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
 * What decides how the native client is made, flat: two lists that are equal item by item are the same client. Taken
 * from the properties, which LibreChat and its tests write to.
 */
function inputsOf(client) {
  const options = client.options ?? {};
  const { creditsTTL, modelsTTL } = client.cacheSettings ?? {};
  return [
    client.apiKey, client.baseURL, client.siteUrl, client.siteName, isPrivate(client), creditsTTL, modelsTTL,
    options.siteCategories, options.headers, ...PASSED.map((name) => options[name]),
  ];
}

/** The native client's options, from what {@link inputsOf} gave. */
function nativeOptions(inputs, logger) {
  const [apiKey, baseURL, siteUrl, siteName, zdr, creditsTTL, modelsTTL, categories, given, ...passed] = inputs;
  const headers = {
    // The names that OpenRouter documents today; the older ones are the native client's own.
    ...(siteName && { 'X-OpenRouter-Title': siteName }),
    ...(categories && { 'X-OpenRouter-Categories': [categories].flat().join(',') }),
    ...given,
  };
  const own = { apiKey, baseURL, siteUrl, siteName, zdr, headers, logger, cache: { creditsTTL, modelsTTL } };
  return { ...Object.fromEntries(PASSED.map((name, at) => [name, passed[at]])), ...own };
}

/** Whether anything asks for zero data retention: wherever it stands, it holds. */
function isPrivate({ zdr, options, modelOptions }) {
  return [zdr, options?.zdr, modelOptions?.zdr].includes(true);
}

module.exports = { inputsOf, isPrivate, nativeOptions, settingsOf };
