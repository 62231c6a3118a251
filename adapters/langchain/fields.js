'use strict';

const { OpenRouterClient } = require('../../index.js');
const { clientOptionsExcept } = require('../shared/option-names.js');

const AUTO = 'openrouter/auto';

/** Options of the client that have the same name here. LangChain has a cache of its own, under that name. */
const CLIENT = [...clientOptionsExcept('baseURL', 'headers', 'modelOptions', 'cache'), 'logger'];

/** Headers that would put a secret into a serialized model. */
const SECRET = /authorization|cookie|key|token|secret/i;

/**
 * What the client takes and what LangChain's class takes, of what a user or LibreChat gives.
 * @param {string | object} [modelOrFields] @param {object} [more] as for `ChatOpenAI`
 * @returns {{ client: object, fields: object }}
 */
function splitFields(modelOrFields, more) {
  const given = typeof modelOrFields === 'string' ? { ...more, model: modelOrFields } : (modelOrFields ?? {});
  const { openRouterApiKey, apiKey, openAIApiKey, configuration, headers, ...rest } = given;
  const { apiKey: configured, fetch, baseURL, defaultHeaders, ...kept } = configuration ?? {};

  const client = { baseURL: rest.baseURL ?? baseURL, headers: headersOf(defaultHeaders, headers) };
  for (const name of CLIENT) if (rest[name] !== undefined) client[name] = rest[name];
  if (typeof rest.timeout === 'number') client.timeouts = { headers: rest.timeout, ...rest.timeouts };

  const key = openRouterApiKey ?? apiKey ?? openAIApiKey ?? configured;
  const isAsked = typeof key === 'function';
  // Tells now what is wrong with the options. The key of a user's function is known with each request only.
  const checked = new OpenRouterClient(isAsked ? 'asked-for-later' : key, client);
  const known = checked.apiKey;
  client.baseURL = checked.baseURL;

  const fields = {
    ...rest,
    model: rest.model ?? rest.modelName ?? (checked.autoRouter ? AUTO : ''),
    // A function shows no key to whoever prints this model or any part of it.
    apiKey: isAsked ? key : async () => known,
    configuration: { ...kept, baseURL: checked.baseURL, defaultHeaders: publicHeaders(client.headers) },
  };
  return { client, fields };
}

/** Two sets of headers as one object, the later stronger. */
function headersOf(...sets) {
  return Object.assign({}, ...sets.map((set) => (typeof set?.[Symbol.iterator] === 'function' ? Object.fromEntries(set) : set)));
}

/** Headers that may be printed and written down. */
function publicHeaders(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET.test(name)));
}

module.exports = { CLIENT, splitFields };
