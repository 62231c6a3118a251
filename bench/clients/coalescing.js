'use strict';

/** At most one delta in this many ms, which is the default of `configureAgents` and of `ChatOpenRouter`. */
const COALESCE = 33;

/** Returns this package's `fetch`, which merges deltas. */
function coalescing() {
  const { createFetch } = require('../..');
  const { FETCH_NAMES } = require('../../lib/options.js');
  const options = { coalesce: COALESCE };
  return createFetch(FETCH_NAMES.unknownIn(options).length > 0 ? {} : options);
}

module.exports = { COALESCE, coalescing };
