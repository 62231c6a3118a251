'use strict';

const openrouter = require('../../index.js');
const { clientOptionsExcept, plainHeaders } = require('../../lib/options.js');
const { isSecretHeader } = require('../shared/redaction.js');
const { checkFields } = require('./names.js');

const { OpenRouterClient } = openrouter;

const AUTO = 'openrouter/auto';

/**
 * The options of the client that are fields of the model. `cache` is not among them, because LangChain uses that name for
 * its own cache.
 */
const CLIENT = [...clientOptionsExcept('baseURL', 'headers', 'modelOptions', 'cache'), 'logger'];

/**
 * Splits the fields that a user or LibreChat gives into the options of the client and the fields of `ChatOpenAI`.
 * @param {string | object} [modelOrFields] as for `ChatOpenAI`
 * @param {object} [more] as for `ChatOpenAI`
 * @param {Function} [caller] the class, at whose construction the stack of an error starts
 * @returns {{ client: object, fields: object }}
 */
function splitFields(modelOrFields, more, caller) {
  const given = typeof modelOrFields === 'string' ? { ...more, model: modelOrFields } : (modelOrFields ?? {});
  checkFields(given, caller);
  const { openRouterApiKey, apiKey, openAIApiKey, configuration, headers, ...rest } = given;
  const { apiKey: configured, fetch, baseURL, defaultHeaders, ...kept } = configuration ?? {};

  const client = { baseURL: rest.baseURL ?? baseURL, headers: { ...plainHeaders(defaultHeaders), ...plainHeaders(headers) } };
  for (const name of CLIENT) if (rest[name] !== undefined) client[name] = rest[name];
  // LangChain spends many times more on a chunk than the client on a delta, and thirty updates a second look like a steady flow.
  client.coalesce ??= 33;
  if (typeof rest.timeout === 'number') client.timeouts = { headers: rest.timeout, ...rest.timeouts };

  // A client may be made for each request of the model. All share what the model may spend.
  if (typeof client.maxCost === 'number') {
    client.budget = [client.budget ?? [], new openrouter.Budget(client.maxCost)].flat();
    delete client.maxCost;
  }

  const key = openRouterApiKey ?? apiKey ?? openAIApiKey ?? configured;
  const isAsked = typeof key === 'function';
  // A client is constructed to check the options now. If the key comes from a function, it is known only for each request.
  const checked = new OpenRouterClient(isAsked ? 'asked-for-later' : key, client);
  const known = checked.apiKey;
  client.baseURL = checked.baseURL;

  const fields = {
    ...rest,
    model: rest.model ?? rest.modelName ?? (checked.autoRouter ? AUTO : ''),
    // The key is passed as a function, so that printing the model or a part of it does not show the key.
    apiKey: isAsked ? key : async () => known,
    configuration: { ...kept, baseURL: checked.baseURL, defaultHeaders: publicHeaders(client.headers) },
  };
  return { client, fields };
}

/** Returns the headers that may be printed and serialised, because they contain no secret. */
function publicHeaders(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isSecretHeader(name)));
}

module.exports = { CLIENT, splitFields };
