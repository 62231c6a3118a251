'use strict';

// LibreChat's names for options and environment variables. They are translated here, so that the Rust core need not know
// LibreChat.

const { autoRouterOf, floorsOf } = require('./util/switches.js');

/**
 * The options that LibreChat's initializers and its BaseClient pass to a client. The package's client keeps them in
 * `client.options`, does not read any but `endpointOption`, and sends none.
 */
const LIBRECHAT_OPTIONS = [
  'addParams', 'agent', 'agent_id', 'artifacts', 'attachments', 'chatGptLabel', 'contextStrategy', 'conversationId', 'customParams',
  'directEndpoint', 'dropParams', 'endpoint', 'endpointOption', 'endpointTokenConfig', 'endpointType', 'examples', 'fileTokenLimit',
  'forcePrompt', 'greeting', 'iconURL', 'imageDetail', 'maxContextTokens', 'maxPromptTokens', 'maxResponseTokens', 'model_parameters',
  'modelDisplayLabel', 'modelLabel', 'modelsConfig', 'openRouterActualModel', 'overrideParentMessageId', 'parentMessageId',
  'promptPrefix', 'replaceOptions', 'req', 'res', 'resendFiles', 'resendImages', 'reverseProxyUrl', 'sender', 'spec', 'streamRate',
  'summarize', 'summaryModel', 'titleConvo', 'titleMessageRole', 'titleMethod', 'titleModel', 'titlePrompt', 'titlePromptTemplate',
  'userMCPAuthMap',
];

/**
 * More options that LibreChat passes to its own class. The package's client refuses them, because elsewhere they are mistakes:
 * `provider` as an option of the client would leave its privacy settings without effect.
 */
const MORE_LIBRECHAT_OPTIONS = [
  'debug', 'instructions', 'key', 'model', 'models', 'provider', 'providerPreferences', 'system', 'tools', 'user',
  'userId',
];

/** LibreChat's placeholder for a key that each user provides. */
const USER_PROVIDED = 'user_provided';

/** Whether a key is a key, and neither blank nor LibreChat's placeholder. */
function isRealKey(key) {
  const text = key?.trim() ?? '';
  return text !== '' && text !== USER_PROVIDED;
}

/** Returns the key from the environment; `undefined` if there is none. */
function environmentKey(env) {
  return isRealKey(env.OPENROUTER_API_KEY) ? env.OPENROUTER_API_KEY : undefined;
}

/** Returns the address of the user's site from the environment, for OpenRouter's rankings. */
function environmentSiteUrl({ OPENROUTER_SITE_URL: own, DOMAIN_CLIENT: domain }) {
  return own?.trim() ? own : domain;
}

/**
 * Returns the places of LibreChat's `endpointOption` in which a user's settings may be. The rest of it may hold requests and
 * sockets, which nothing may read.
 */
function endpointPlaces(endpointOption) {
  return [endpointOption, endpointOption?.modelOptions, endpointOption?.model_parameters];
}

/** Returns `options` with the switches of LibreChat's `endpointOption`, see `util/switches.js`. */
function withEndpointSwitches(options) {
  const { endpointOption, modelOptions } = options;
  if (!endpointOption) return options;
  const places = endpointPlaces(endpointOption);
  const floors = floorsOf(places);
  return {
    ...options,
    autoRouter: autoRouterOf([options, modelOptions, ...places]),
    zdr: floors.zdr || options.zdr,
    dataCollection: floors.dataCollection ?? options.dataCollection,
  };
}

module.exports = {
  LIBRECHAT_OPTIONS,
  MORE_LIBRECHAT_OPTIONS,
  endpointPlaces,
  environmentKey,
  environmentSiteUrl,
  isRealKey,
  withEndpointSwitches,
};
