'use strict';

/** Calls a function of the user. When it throws, or rejects later, that must not fail the request. */
function callSafely(callback, value) {
  try {
    const result = callback(value);
    if (typeof result?.catch === 'function') result.catch(() => {});
  } catch {
    // The error belongs to the user's function, and there is no place to report it.
  }
}

module.exports = { callSafely };
