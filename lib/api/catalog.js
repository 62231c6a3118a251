'use strict';

const { OpenRouterError } = require('../errors.js');
const { get, modelPath } = require('./post.js');

// What may be asked about models, providers, keys and generations.

const data = (answer) => answer?.data ?? null;
const reading = (path) => (client, options, caller) => get(client, path, undefined, options, caller).changed(data);

/** Models that match filters. They are not cached: there are too many filters. */
function filteredModels(client, filters, options, caller) {
  return get(client, '/models', filters, options, caller).changed((answer) => answer?.data ?? []);
}

function getModel(client, id, options, caller) {
  return get(client, `/model/${modelPath(id, 'getModel')}`, undefined, options, caller).changed(data);
}

function getEndpoints(client, id, options, caller) {
  return get(client, `/models/${modelPath(id, 'getEndpoints')}/endpoints`, undefined, options, caller).changed(data);
}

function getGenerationContent(client, id, options, caller) {
  if (typeof id !== 'string' || id === '') {
    throw new OpenRouterError('getGenerationContent needs the id of a generation.', { code: 'invalid_request' });
  }
  return get(client, '/generation/content', { id }, options, caller).changed(data);
}

function getActivity(client, filters, options, caller) {
  return get(client, '/activity', filters, options, caller).changed((answer) => answer?.data ?? []);
}

module.exports = {
  filteredModels,
  getActivity,
  getEndpoints,
  getGenerationContent,
  getKey: reading('/key'),
  getModel,
  getProviders: reading('/providers'),
  getUserModels: reading('/models/user'),
  getZdrEndpoints: reading('/endpoints/zdr'),
};
