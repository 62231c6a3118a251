'use strict';

const { OpenRouterError } = require('../errors.js');

/** `value` as JSON text. What JSON cannot hold, such as a cycle, is an error with `code` that names `what`. */
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
