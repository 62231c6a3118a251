'use strict';

const { OpenRouterClient } = require('../app/clients');

/** Creates the client for a request, as the fork's `Endpoints/openrouter/initialize.js` does. */
function initializeClient({ req, res, endpointOption, baseURL }) {
  const { model, models, route, autoRouter, zdr, ...parameters } = endpointOption.modelOptions;
  const openRouterApiKey = req.key;
  const client = new OpenRouterClient(openRouterApiKey, {
    endpoint: 'openrouter',
    endpointType: 'openrouter',
    baseURL,
    modelOptions: { model, models, route, autoRouter, ...parameters },
    proxy: null,
    autoRouter,
    zdr,
    req,
    res,
    endpointOption,
  });
  return { client, openRouterApiKey };
}

module.exports = { initializeClient };
