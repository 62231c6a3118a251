'use strict';

// Maps LibreChat's names of options and variables to those of this package, so that the Rust core does not need to know
// them.

/** LibreChat's placeholder for a key that each user provides. */
const USER_PROVIDED = 'user_provided';

/** Returns the keys without LibreChat's placeholder. */
function realKeys(keys) {
  return keys.filter((key) => key.trim() !== USER_PROVIDED);
}

/** Returns the address of the user's site from the environment, for OpenRouter's rankings. */
function siteUrlOf(env) {
  return blankAsUndefined(env.OPENROUTER_SITE_URL) ?? env.DOMAIN_CLIENT;
}

/** Returns the key from the environment; `undefined` if it is the placeholder. */
function keyOf(env) {
  return env.OPENROUTER_API_KEY?.trim() === USER_PROVIDED ? undefined : env.OPENROUTER_API_KEY;
}

/**
 * Returns `options` with the switches of LibreChat's `endpointOption`. Nothing else of `endpointOption` is read, because it
 * may hold requests and sockets. `autoRouter` is taken from the first place that sets it: the options, their `modelOptions`,
 * then `endpointOption`. Zero data retention is on if any place turns it on.
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
