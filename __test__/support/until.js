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

/**
 * Resolves when a server cannot write any more to a request: its byte count stays the same for 300 ms, enough to write megabytes.
 * @param {{ bytesWritten: number }} request
 */
async function untilStalled(request) {
  let before = -1;
  await until(async () => {
    if (request.bytesWritten === before) return true;
    before = request.bytesWritten;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    return false;
  }, 'the server cannot write any more');
}

module.exports = { until, untilStalled };
