'use strict';

const loadAgent = require('./agent.js');

/** LangChain's own model on the native engine. */
function load() {
  const { createFetch } = require('../..');
  return loadAgent(createFetch());
}

module.exports = load;
