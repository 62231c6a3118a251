'use strict';

const { OpenRouterError } = require('./errors.js');
const { forgetModels } = require('./models.js');
const native = require('./bridge/native.js');

/**
 * Clears the cached credits and models of one API key, or of all keys without an argument. `null` is refused, because it is
 * more likely a key that is missing than the wish to clear everything.
 */
function clearCache(apiKey) {
  if (apiKey !== undefined && typeof apiKey !== 'string') {
    throw new OpenRouterError('clearCache takes an API key as a string, or nothing for all.', { code: 'invalid_option' });
  }
  native.clearCache(apiKey);
  // What is still in use is parsed again from the addon's cache.
  forgetModels();
}

/** Returns the counters of the process. */
function getStats() {
  return JSON.parse(native.stats());
}

module.exports = { clearCache, getStats };
