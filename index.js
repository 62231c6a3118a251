'use strict';

const { OpenRouterClient } = require('./lib/client.js');
const { OpenRouterError } = require('./lib/errors.js');

// The rest is loaded by the first that uses it: a program's start need not wait for it.

function createFetch(options) {
  return require('./lib/fetch/index.js').createFetch(options, createFetch);
}

function creditLevel(balance) {
  return require('./lib/models.js').creditLevel(balance);
}

function modelInfo(model) {
  return require('./lib/models.js').modelInfo(model);
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
};

// One literal line a name: Node finds these for `import { … }` by reading the text.
module.exports.OpenRouterClient = OpenRouterClient;
module.exports.OpenRouterError = OpenRouterError;
Object.defineProperty(module.exports, 'ChatCompletionStream', { enumerable: true, get: function () { return classes.ChatCompletionStream; } });
module.exports.createFetch = createFetch;
module.exports.creditLevel = creditLevel;
module.exports.modelInfo = modelInfo;
module.exports.clearCache = clearCache;
module.exports.getStats = getStats;
