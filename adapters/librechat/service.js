'use strict';

const { OpenRouterClient, clearCache, getStats } = require('../..');

/**
 * Creates the service of LibreChat's fork. It keeps neither keys nor clients, because clients are cheap and their caches
 * belong to the process.
 * @param {object} [options] the options of each client
 */
function createOpenRouterService(options) {
  const getClient = (apiKey, more) => new OpenRouterClient(apiKey, { ...options, ...more });
  return {
    getClient,
    getCredits: async (apiKey, forceRefresh = false) => getClient(apiKey).getCredits(forceRefresh),
    getModels: async (apiKey, forceRefresh = false) => getClient(apiKey).getModels(forceRefresh),
    chatCompletion: async (apiKey, params) => getClient(apiKey).chatCompletion(params),
    clearCache: (apiKey) => clearCache(apiKey),
    getCacheStats() {
      const { credits, models } = getStats();
      return { credits, models };
    },
  };
}

module.exports = { createOpenRouterService };
