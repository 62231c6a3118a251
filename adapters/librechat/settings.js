'use strict';

const { OpenRouterClient: NativeClient } = require('../..');
const { clientOptionsExcept, plainHeaders } = require('../../lib/options.js');

/** The options that this adapter passes on as they are. For the others the properties of LibreChat's client count. */
const PASSED = clientOptionsExcept('baseURL', 'siteUrl', 'siteName', 'modelOptions', 'autoRouter', 'zdr', 'dataCollection', 'headers', 'cache');
/** The options that become properties of LibreChat's client. */
const PROPERTIES = { baseURL: 'baseURL', siteUrl: 'siteUrl', siteName: 'siteName', cache: 'cacheSettings' };

/** Stands for the key in a client that only resolves settings and sends nothing. */
const NO_KEY = 'no-key-yet';

/**
 * Returns the properties for options, with the environment and the defaults where an option is absent.
 * @param {object} options the merged options of LibreChat's client
 * @param {object} [given] if it is there, only the properties for these options are returned
 */
function propertiesOf(options, given) {
  // The package's client resolves them, so that the rules and the errors are the same.
  const settings = new NativeClient(NO_KEY, { ...pick(options, [...PASSED, ...Object.keys(PROPERTIES)]), logger: false });
  const wanted = Object.entries(PROPERTIES).filter(([option]) => given === undefined || given[option] !== undefined);
  return Object.fromEntries(wanted.map(([, property]) => [property, settings[property]]));
}

/**
 * Returns the options of the package's client, but for the key, the logger and the privacy floors. They are taken from the
 * current properties of LibreChat's client, because LibreChat and its tests change them.
 */
function nativeOptions({ baseURL, siteUrl, siteName, cacheSettings, options: current }) {
  const options = current ?? {};
  const headers = {
    // `buildHeaders()` of LibreChat's client shows the header name that OpenRouter documents today, beside the older one.
    ...(siteName && { 'X-OpenRouter-Title': siteName }),
    ...plainHeaders(options.headers),
  };
  const { creditsTTL, modelsTTL } = cacheSettings ?? {};
  return { ...pick(options, PASSED), baseURL, siteUrl, siteName, headers, cache: { creditsTTL, modelsTTL } };
}

function pick(options, names) {
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

module.exports = { nativeOptions, propertiesOf };
