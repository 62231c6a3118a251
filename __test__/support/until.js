'use strict';

const STEP_MS = 4;

/**
 * Calls `condition` every few milliseconds until it returns something truthy, and returns that. Throws after `deadlineMs`.
 * @template T
 * @param {() => T | Promise<T>} condition
 * @param {string} what describes the condition in the message of the error
 * @param {number} [deadlineMs]
 * @returns {Promise<T>}
 */
async function until(condition, what, deadlineMs = 30_000) {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${deadlineMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

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
module.exports.until = until;
