'use strict';

const { OpenRouterClient, clearCache, getStats } = require('../..');
const { CLIENT_NAMES, optionsOf } = require('../../lib/options.js');

/**
 * Creates the service of LibreChat's fork. It keeps neither keys nor clients, because clients are cheap and their caches
 * belong to the process.
 * @param {object} [options] the options of each client
 */
function createOpenRouterService(options) {
  CLIENT_NAMES.check(optionsOf(options), createOpenRouterService);
  const getClient = (apiKey, more) => new OpenRouterClient(apiKey, { ...options, ...more });
  return {
    getClient,
    getCredits: async (apiKey, ...options) => getClient(apiKey).getCredits(...options),
    getModels: async (apiKey, ...options) => getClient(apiKey).getModels(...options),
    chatCompletion: async (apiKey, params, options) => getClient(apiKey).chatCompletion(params, options),
    clearCache: (apiKey) => clearCache(apiKey),
    getCacheStats() {
      const { credits, models } = getStats();
      return { credits, models };
    },
  };
}

module.exports = { createOpenRouterService };
