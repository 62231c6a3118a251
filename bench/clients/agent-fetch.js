'use strict';

const loadAgent = require('./agent.js');

/** A LangChain agent on LangChain's own model class, with this package's `fetch`. */
function load() {
  const { createFetch } = require('../..');
  return loadAgent(createFetch());
}

module.exports = load;
