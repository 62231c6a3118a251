'use strict';

/**
 * The fields that LibreChat stores among the model options of a conversation and that are not sent: they are no parameters of
 * the API, or are this client's switches.
 */
const NOT_SENT = new Set([
  'agent_id', 'artifacts', 'assistant_id', 'attachments', 'autoRouter', 'chatGptLabel', 'conversationId', 'dataCollection',
  'disableStreaming', 'endpoint', 'endpointType', 'fallbackModels', 'fileTokenLimit', 'files', 'greeting', 'iconURL',
  'imageDetail', 'key', 'maxContextTokens', 'modelDisplayLabel', 'modelLabel', 'onProgress', 'promptPrefix',
  'providerPreferences', 'resendFiles', 'resendImages', 'signal', 'spec', 'stream', 'useResponsesApi', 'zdr',
]);

/** The values of `provider.sort` by LibreChat's names for them. */
const SORTS = { cheapest: 'price', fastest: 'throughput' };

/**
 * Returns the request parameters for model options. Parameters of the API stay unchanged; LibreChat's fallback models and
 * provider preference become `models` and `provider`.
 * @param {object | null | undefined} modelOptions
 */
function requestParameters(modelOptions) {
  const parameters = {};
  for (const [name, value] of Object.entries(modelOptions ?? {})) {
    if (!NOT_SENT.has(name) && value !== undefined && value !== null) parameters[name] = value;
  }
  // LibreChat's own `tools` are names of its plugins, by default an empty list. They are no tools of the API.
  const { tools } = parameters;
  if (!Array.isArray(tools) || tools.length === 0 || tools.some((tool) => typeof tool !== 'object')) delete parameters.tools;
  const { fallbackModels, providerPreferences } = modelOptions ?? {};
  if (Array.isArray(fallbackModels)) parameters.models ??= fallbackModels;
  const provider = providerOf(providerPreferences);
  if (provider !== null) parameters.provider = { ...provider, ...parameters.provider };
  return parameters;
}

/**
 * Returns `provider` for LibreChat's preference: a word of `SORTS`, a list of providers, or the API's own object; null for
 * none.
 */
function providerOf(preference) {
  if (Array.isArray(preference)) return { order: preference };
  if (typeof preference === 'string') return SORTS[preference] ? { sort: SORTS[preference] } : null;
  return preference ?? null;
}

module.exports = { requestParameters };
