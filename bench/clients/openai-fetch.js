'use strict';

const loadOpenAI = require('./openai.js');

/** OpenAI's SDK, with this package's `fetch`. */
function load() {
  const { createFetch } = require('../..');
  return loadOpenAI(createFetch());
}

module.exports = load;
