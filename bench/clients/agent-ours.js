'use strict';

const { KEY } = require('../request.js');
const { agentOn } = require('./agents.js');

/** A LangChain agent on this package's model class. */
async function load() {
  const { ChatOpenRouter } = require('../../adapters/langchain');
  return agentOn(ChatOpenRouter, (baseURL) => ({ apiKey: KEY, baseURL }));
}

module.exports = load;
