'use strict';

// The endpoints beside chats, by the names under which a client has them. Loaded when the first of them is called.

module.exports = {
  ...require('./answers.js'),
  ...require('./audio.js'),
  ...require('./catalog.js'),
  ...require('./embeddings.js'),
  ...require('./model-endpoints.js'),
  ...require('./videos.js'),
};
