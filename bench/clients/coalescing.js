'use strict';

/** At most one delta in this many ms, which is the default of `configureAgents` and of `ChatOpenRouter`. */
const COALESCE = 33;

/** Returns this package's `fetch`, which merges deltas. */
function coalescing() {
  const { createFetch } = require('../..');
  return createFetch({ coalesce: COALESCE });
}

module.exports = { COALESCE, coalescing };
