'use strict';

const { until } = require('../../support/until.js');

/** Runs `work`, which caches a value, and returns the times before and after it, for {@link dueTTL}. */
async function timed(work) {
  const before = performance.now();
  await work();
  return { before, after: performance.now() };
}

/**
 * Returns a TTL in milliseconds for which a value that was cached between `before` and `after` is due for a background
 * refresh: the value is older than 80 % of the TTL, and expires in 150 ms at the earliest. Waits until there is such a TTL.
 */
async function dueTTL({ before, after }) {
  const spare = () => (performance.now() - after) / 0.8 - (performance.now() - before);
  // How long the value stays between 80 and 100 % of a TTL grows with its age.
  await until(() => spare() > 150, 'the value is old enough');
  const now = performance.now();
  return Math.floor((now - after) / 0.8);
}

module.exports.dueTTL = dueTTL;
module.exports.timed = timed;
