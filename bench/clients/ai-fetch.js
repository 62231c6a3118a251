'use strict';

const loadAI = require('./ai.js');

/** Vercel's AI SDK, with this package's `fetch`. */
function load() {
  const { createFetch } = require('../..');
  return loadAI(createFetch());
}

module.exports = load;
