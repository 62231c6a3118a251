'use strict';

const { defineChatOpenRouter } = require('./chat-model.js');

module.exports.ChatOpenRouter = defineChatOpenRouter({
  ...require('@langchain/openai'),
  ...require('@langchain/core/messages'),
  ...require('@langchain/core/outputs'),
  ...require('@langchain/core/utils/async_caller'),
});
