'use strict';

const { KEY } = require('../request.js');
const { agentOn } = require('./agents.js');

/** This package's model. */
async function load() {
  const { ChatOpenRouter } = require('../../adapters/langchain');
  return agentOn(ChatOpenRouter, (baseURL) => ({ apiKey: KEY, baseURL }));
}

module.exports = load;
