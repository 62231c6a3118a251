'use strict';

const loadAgent = require('./agent.js');
const { coalescing } = require('./coalescing.js');

/** A LangChain agent on LangChain's own model class, with this package's `fetch`, which merges deltas. */
function load() {
  return loadAgent(coalescing());
}

module.exports = load;
