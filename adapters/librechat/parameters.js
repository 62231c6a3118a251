'use strict';

/** What LibreChat keeps among a conversation's model options and no API knows. */
const LIBRECHATS = new Set([
  'agent_id', 'artifacts', 'assistant_id', 'attachments', 'chatGptLabel', 'conversationId', 'disableStreaming',
  'endpoint', 'endpointType', 'fallbackModels', 'fileTokenLimit', 'files', 'greeting', 'iconURL', 'imageDetail', 'key',
  'maxContextTokens', 'modelDisplayLabel', 'modelLabel', 'onProgress', 'promptPrefix', 'providerPreferences',
  'resendFiles', 'resendImages', 'signal', 'spec', 'stream', 'useResponsesApi',
]);

const SORTS = { cheapest: 'price', fastest: 'throughput' };

/**
 * Model options as request parameters: the API's own stay as they are, LibreChat's become what the API has for them.
 * @param {object | null | undefined} modelOptions
 */
function requestParameters(modelOptions) {
  const parameters = {};
  for (const [name, value] of Object.entries(modelOptions ?? {})) {
    if (!LIBRECHATS.has(name) && value !== undefined && value !== null) parameters[name] = value;
  }
  // LibreChat's own `tools` are names of its plugins, by default none.
  const { tools } = parameters;
  if (!Array.isArray(tools) || tools.length === 0 || tools.some((tool) => typeof tool !== 'object')) delete parameters.tools;
  const { fallbackModels, providerPreferences } = modelOptions ?? {};
  if (Array.isArray(fallbackModels)) parameters.models ??= fallbackModels;
  const provider = providerOf(providerPreferences);
  if (provider !== null) parameters.provider = { ...provider, ...parameters.provider };
  return parameters;
}

/** LibreChat's preference, a word, a list of providers or the API's own object, as `provider`. */
function providerOf(preference) {
  if (Array.isArray(preference)) return { order: preference };
  if (typeof preference === 'string') return SORTS[preference] ? { sort: SORTS[preference] } : null;
  return preference ?? null;
}

module.exports = { requestParameters };
