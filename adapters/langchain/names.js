'use strict';

const { CLIENT_OPTIONS, OptionNames, unknownField } = require('../../lib/options.js');

/** The fields of `ChatOpenAI` and of the classes that it extends. A test compares them with the installed declarations. */
const CHAT_OPENAI = [
  '__includeRawResponse', 'apiKey', 'audio', 'cache', 'callbackManager', 'callbacks', 'completions', 'configuration', 'disableStreaming',
  'frequencyPenalty', 'logitBias', 'logprobs', 'maxCompletionTokens', 'maxConcurrency', 'maxRetries', 'maxTokens', 'metadata',
  'modalities', 'model', 'modelKwargs', 'modelName', 'n', 'onFailedAttempt', 'openAIApiKey', 'outputVersion', 'prefixMessages',
  'presencePenalty', 'promptCacheKey', 'promptCacheOptions', 'promptCacheRetention', 'reasoning', 'responses', 'service_tier', 'stop', 'stopSequences',
  'streamUsage', 'streaming', 'supportsStrictToolCalling', 'tags', 'temperature', 'timeout', 'topLogprobs', 'topP', 'useResponsesApi',
  'user', 'verbose', 'verbosity', 'zdrEnabled',
];
/** Fields that LangChain passes when it copies or loads a model, and those that it reads without declaring them. */
const UNDECLARED = ['defaultOptions', 'name', 'organization', 'reasoningEffort'];
/** OpenAI's options of `configuration`. */
const CONFIGURATION = [
  'adminAPIKey', 'dangerouslyAllowBrowser', 'defaultQuery', 'fetch', 'fetchOptions', 'httpAgent', 'logLevel', 'logger', 'maxRetries',
  'organization', 'project', 'provider', 'timeout', 'webhookSecret', 'workloadIdentity',
];
const PARAMETERS = ['models', 'provider', 'plugins', 'reasoning'];

/** The fields that this package adds, without `cache` and `modelOptions`, which LangChain and the fields of the model replace. */
const own = CLIENT_OPTIONS.filter((name) => name !== 'cache' && name !== 'modelOptions');
const FIELDS = new OptionNames('ChatOpenRouter', [...own, 'apiKey', 'openRouterApiKey', 'logger', ...PARAMETERS], [...CHAT_OPENAI, ...UNDECLARED]);
const READ = ['apiKey', 'baseURL', 'defaultHeaders'];
const OF_CONFIGURATION = new OptionNames('configuration', READ, CONFIGURATION);
const OF_CALL = new OptionNames('a call of ChatOpenRouter', ['zdr', 'dataCollection']);

/**
 * Throws if a field resembles one of this package and is none. Other unknown fields are passed to `ChatOpenAI`, whose
 * subclasses and users have fields of their own.
 */
function checkFields(fields, caller) {
  if (fields.modelOptions !== undefined && fields.modelOptions !== null) throw FIELDS.errorOf('modelOptions', caller);
  FIELDS.checkSimilar(fields, caller);
  for (const name of OF_CONFIGURATION.unknownIn(fields.configuration ?? {})) {
    if (OF_CONFIGURATION.likely(name)) throw unknownField('configuration', name, READ);
  }
}

/** Throws if an option of a call resembles a privacy setting and is none. */
function checkCall(options, caller) {
  OF_CALL.checkSimilar(options, caller);
}

module.exports = { CHAT_OPENAI, checkCall, checkFields };
