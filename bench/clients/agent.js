'use strict';

const { KEY } = require('../request.js');
const { agentOn } = require('./agents.js');

/** A LangChain agent on LangChain's own model class, optionally with another `fetch`. */
async function load(fetch) {
  const { ChatOpenAI } = require('@langchain/openai');
  return agentOn(ChatOpenAI, (baseURL) => ({ apiKey: KEY, configuration: { baseURL, ...(fetch && { fetch }) } }));
}

module.exports = load;
