'use strict';

/** Calls a function of the user. An exception or a rejection in it is ignored, because it must not fail the request. */
function callSafely(callback, value) {
  try {
    const result = callback(value);
    if (typeof result?.catch === 'function') result.catch(() => {});
  } catch {
    // There is no place to report an error of the user's function.
  }
}

module.exports = { callSafely };
