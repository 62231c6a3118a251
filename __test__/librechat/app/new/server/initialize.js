'use strict';

const { OpenRouterClient } = require('../app/clients');

/** Makes a client for a request, as a custom endpoint called OpenRouter. */
function initializeClient({ req, res, endpointOption, baseURL }) {
  const client = new OpenRouterClient(req.key, { endpoint: 'OpenRouter', endpointType: 'custom', baseURL, req, res, endpointOption });
  return { client, openRouterApiKey: req.key };
}

module.exports = { initializeClient };
