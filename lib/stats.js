'use strict';

const { OpenRouterError } = require('./errors.js');
const native = require('./bridge/native.js');

/** Clears the cached credits and models of one API key, or of all keys without an argument. */
function clearCache(apiKey) {
  if (apiKey !== undefined && apiKey !== null && typeof apiKey !== 'string') {
    throw new OpenRouterError('clearCache takes an API key as a string, or nothing for all.', { code: 'invalid_option' });
  }
  native.clearCache(apiKey);
}

/** Returns the counters of the process. */
function getStats() {
  return JSON.parse(native.stats());
}

module.exports = { clearCache, getStats };
