'use strict';

const STEP_MS = 4;

/**
 * Asks again and again until the answer is truthy, and gives it.
 * @template T
 * @param {() => T | Promise<T>} condition
 * @param {string} what for the message, when it never holds
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

/**
 * Runs `work` and remembers between which two moments a value was cached, so that {@link dueTTL} can tell a TTL of
 * which the value's age is now between 80 and 100 %.
 */
async function timed(work) {
  const before = performance.now();
  await work();
  return { before, after: performance.now() };
}

/** A TTL of which a value that was cached between `before` and `after` has used up 80 % and not all, for a while yet. */
async function dueTTL({ before, after }) {
  const spare = () => (performance.now() - after) / 0.8 - (performance.now() - before);
  // The older the value, the longer the time between 80 and 100 %.
  await until(() => spare() > 150, 'the value is old enough');
  const now = performance.now();
  return Math.floor((now - after) / 0.8);
}

module.exports.dueTTL = dueTTL;
module.exports.timed = timed;
module.exports.until = until;
