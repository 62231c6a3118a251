'use strict';

const { OpenRouterError } = require('../errors.js');

/**
 * Returns `value` as JSON text. A value that JSON cannot represent, such as a cycle, throws an error with `code`, whose
 * message begins with `what`.
 */
function toJSON(value, what, code, stringify = JSON.stringify) {
  let text;
  try {
    text = stringify(value);
  } catch (cause) {
    throw new OpenRouterError(`${what} cannot be written as JSON: ${cause.message}`, { code, cause });
  }
  if (text === undefined) throw new OpenRouterError(`${what} must be an object.`, { code });
  return text;
}

module.exports = { toJSON };
