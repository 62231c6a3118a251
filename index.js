'use strict';

const { OpenRouterClient } = require('./lib/client.js');
const { OpenRouterError } = require('./lib/errors.js');

// The other modules are loaded on first use, so that the start of a program does not wait for them.

function createFetch(options) {
  return require('./lib/fetch/index.js').createFetch(options, createFetch);
}

function creditLevel(balance) {
  return require('./lib/model-facts.js').creditLevel(balance);
}

function modelInfo(model) {
  return require('./lib/model-facts.js').modelInfo(model);
}

function explainPrivacy(request) {
  return require('./lib/privacy.js').explainPrivacy(request);
}

/** Returns the tool itself. It is there for TypeScript, which takes the type of the arguments from the schema. */
function defineTool(tool) {
  return tool;
}

function authorizationUrl(options) {
  return require('./lib/api/oauth.js').authorizationUrl(options);
}

function exchangeCode(options) {
  return require('./lib/api/oauth.js').exchangeCode(options);
}

function login(options) {
  return require('./lib/api/oauth.js').login(options);
}

function clearCache(apiKey) {
  require('./lib/stats.js').clearCache(apiKey);
}

function getStats() {
  return require('./lib/stats.js').getStats();
}

const classes = {
  get ChatCompletionStream() {
    return require('./lib/stream.js').ChatCompletionStream;
  },
  get Budget() {
    return require('./lib/helpers/budget.js').Budget;
  },
};

// For `import { … }`, Node finds the exports of a CommonJS module by reading its source, and recognises only these two forms:
// a literal assignment, and a getter that returns a member of an object.
module.exports.OpenRouterClient = OpenRouterClient;
module.exports.OpenRouterError = OpenRouterError;
Object.defineProperty(module.exports, 'ChatCompletionStream', { enumerable: true, get: function () { return classes.ChatCompletionStream; } });
Object.defineProperty(module.exports, 'Budget', { enumerable: true, get: function () { return classes.Budget; } });
module.exports.createFetch = createFetch;
module.exports.creditLevel = creditLevel;
module.exports.modelInfo = modelInfo;
module.exports.defineTool = defineTool;
module.exports.explainPrivacy = explainPrivacy;
module.exports.authorizationUrl = authorizationUrl;
module.exports.exchangeCode = exchangeCode;
module.exports.login = login;
module.exports.clearCache = clearCache;
module.exports.getStats = getStats;
