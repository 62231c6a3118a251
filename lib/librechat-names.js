'use strict';

// LibreChat's own names for what this package calls otherwise. They are mapped here, so that the Rust core need not know them.

/** LibreChat's placeholder for a key that each user brings. */
const USER_PROVIDED = 'user_provided';

/** The keys that are real. */
function realKeys(keys) {
  return keys.filter((key) => key.trim() !== USER_PROVIDED);
}

/** The address of this site, for OpenRouter's rankings. */
function siteUrlOf(env) {
  return blankAsUndefined(env.OPENROUTER_SITE_URL) ?? env.DOMAIN_CLIENT;
}

/** The key of the environment, unless it is the placeholder. */
function keyOf(env) {
  return env.OPENROUTER_API_KEY?.trim() === USER_PROVIDED ? undefined : env.OPENROUTER_API_KEY;
}

/**
 * `options` with the switches of LibreChat's `endpointOption`, of which nothing else is read: it may hold requests and sockets.
 * A switch of the options, or of their `modelOptions`, decides before it; but zero data retention is on if any place says so.
 */
function withEndpointSwitches(options) {
  const { endpointOption, modelOptions } = options;
  if (!endpointOption) return options;
  const places = [endpointOption, endpointOption.modelOptions ?? {}];
  const autoRouter = options.autoRouter ?? modelOptions?.autoRouter ?? places[0].autoRouter ?? places[1].autoRouter;
  const isAsked = (value) => value !== undefined && value !== null && value !== false;
  const zdr = [options, ...places].map((place) => place.zdr).find(isAsked) ?? options.zdr;
  return { ...options, autoRouter, zdr };
}

function blankAsUndefined(text) {
  return text?.trim() ? text : undefined;
}

module.exports = { keyOf, realKeys, siteUrlOf, withEndpointSwitches };
