'use strict';

const { OpenRouterError } = require('./errors.js');
const native = require('./bridge/native.js');

/** Forgets the cached credits and models of one API key, or of all. */
function clearCache(apiKey) {
  if (apiKey !== undefined && apiKey !== null && typeof apiKey !== 'string') {
    throw new OpenRouterError('clearCache takes an API key as a string, or nothing for all.', { code: 'invalid_option' });
  }
  native.clearCache(apiKey);
}

/** The process's counters. */
function getStats() {
  return JSON.parse(native.stats());
}

module.exports = { clearCache, getStats };
