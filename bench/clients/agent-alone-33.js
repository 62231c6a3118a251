'use strict';

const loadAlone = require('./agent-alone.js');
const { COALESCE } = require('./coalescing.js');

/** The limit of an agent whose deltas are merged: at most one in this time, which has all words that are due. */
function load() {
  return loadAlone(COALESCE);
}

module.exports = load;
