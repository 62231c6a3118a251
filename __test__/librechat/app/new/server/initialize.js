'use strict';

const { OpenRouterClient } = require('../app/clients');

/** Creates the client for a request, as for a custom endpoint named OpenRouter. */
function initializeClient({ req, res, endpointOption, baseURL }) {
  const client = new OpenRouterClient(req.key, { endpoint: 'OpenRouter', endpointType: 'custom', baseURL, req, res, endpointOption });
  return { client, openRouterApiKey: req.key };
}

module.exports = { initializeClient };
