'use strict';

const { OpenRouterError } = require('../errors.js');
const { get, modelPath, post } = require('./post.js');

// What may be asked about models, providers, keys and generations.

const data = (answer) => answer?.data ?? null;
const reading = (path) => (client, options, caller) => get(client, path, undefined, options, caller).changed(data);
const asking = (path) => (client, filters, options, caller) => get(client, path, filters, options, caller).changed(data);

/** Models that match filters. They are not cached: there are too many filters. */
function filteredModels(client, filters, options, caller) {
  return get(client, '/models', filters, options, caller).changed((answer) => answer?.data ?? []);
}

function getModel(client, id, options, caller) {
  return get(client, `/model/${modelPath(id, 'getModel')}`, undefined, options, caller).changed(data);
}

function getGenerationContent(client, id, options, caller) {
  if (typeof id !== 'string' || id === '') {
    throw new OpenRouterError('getGenerationContent needs the id of a generation.', { code: 'invalid_request' });
  }
  return get(client, '/generation/content', { id }, options, caller).changed(data);
}

function getImageEndpoints(client, id, options, caller) {
  return get(client, `/images/models/${modelPath(id, 'getImageEndpoints')}/endpoints`, undefined, options, caller);
}

function countModels(client, filters, options, caller) {
  return get(client, '/models/count', filters, options, caller).changed((answer) => answer?.data?.count ?? null);
}

/** Says what was wrong with an answer. */
function sendFeedback(client, params, options, caller) {
  return post(client, '/generation/feedback', params, options, { caller }).changed(data);
}

module.exports = {
  countModels,
  filteredModels,
  getActivity: asking('/activity'),
  getBenchmarks: asking('/benchmarks'),
  getEmbeddingModels: asking('/embeddings/models'),
  getGenerationContent,
  getImageEndpoints,
  getImageModels: reading('/images/models'),
  getKey: reading('/key'),
  getModel,
  getProviders: reading('/providers'),
  getTaskClassifications: asking('/classifications/task'),
  getUserModels: reading('/models/user'),
  getVideoModels: reading('/videos/models'),
  getZdrEndpoints: reading('/endpoints/zdr'),
  sendFeedback,
};
