'use strict';

const { OpenRouterClient } = require('./lib/client.js');
const { OpenRouterError } = require('./lib/errors.js');
const { creditLevel, modelInfo } = require('./lib/models.js');
const { clearCache, getStats } = require('./lib/process.js');
const { ChatCompletionStream } = require('./lib/stream.js');

/** Its files are loaded by the first that is made: most programs have a client or this, not both. */
function createFetch(options) {
  return require('./lib/fetch.js').createFetch(options, createFetch);
}

// One literal line a name: Node finds these for `import { … }` by reading the text.
module.exports.OpenRouterClient = OpenRouterClient;
module.exports.OpenRouterError = OpenRouterError;
module.exports.ChatCompletionStream = ChatCompletionStream;
module.exports.createFetch = createFetch;
module.exports.creditLevel = creditLevel;
module.exports.modelInfo = modelInfo;
module.exports.clearCache = clearCache;
module.exports.getStats = getStats;
