'use strict';

/** Calls somebody else's function. One that throws, or rejects later, is its owner's trouble, not the request's. */
function attempt(callback, value) {
  try {
    const result = callback(value);
    if (typeof result?.catch === 'function') result.catch(() => {});
  } catch {
    // There is nobody else to tell.
  }
}

module.exports = { attempt };
