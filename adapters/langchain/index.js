'use strict';

const { defineChatOpenRouter } = require('./chat-model.js');
const { usableOpenAI } = require('./versions.js');

/** Each `require` has a literal name, so that bundlers include the package. */
const LOADS = {
  '@langchain/openai': () => require('@langchain/openai'),
  '@langchain/openai/package.json': () => require('@langchain/openai/package.json'),
  '@langchain/core/package.json': () => require('@langchain/core/package.json'),
};

module.exports.ChatOpenRouter = defineChatOpenRouter({
  ...usableOpenAI((name) => LOADS[name]()),
  ...require('@langchain/core/messages'),
  ...require('@langchain/core/outputs'),
  ...require('@langchain/core/utils/async_caller'),
});
