'use strict';

const loadOpenAI = require('./openai.js');

/** OpenAI's SDK on the native engine. */
function load() {
  const { createFetch } = require('../..');
  return loadOpenAI(createFetch());
}

module.exports = load;
