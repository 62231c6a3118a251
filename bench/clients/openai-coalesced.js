'use strict';

const { coalescing } = require('./coalescing.js');
const loadOpenAI = require('./openai.js');

/** OpenAI's SDK, with this package's `fetch`, which merges deltas. */
function load() {
  return loadOpenAI(coalescing());
}

module.exports = load;
