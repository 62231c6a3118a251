'use strict';

const { KEY } = require('../request.js');
const { agentOn } = require('./agents.js');

/** LangChain's own model; on another `fetch` where one is given. */
async function load(fetch) {
  const { ChatOpenAI } = require('@langchain/openai');
  return agentOn(ChatOpenAI, (baseURL) => ({ apiKey: KEY, configuration: { baseURL, ...(fetch && { fetch }) } }));
}

module.exports = load;
