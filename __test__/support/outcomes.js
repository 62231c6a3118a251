'use strict';

const { inspect } = require('node:util');

const { cleanEnvironment } = require('./environment.js');

/** Returns the error that `work`, a promise or a function, rejects with or throws. Throws when `work` succeeds. */
async function failureOf(work) {
  let value;
  try {
    value = await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a failure and got ${inspect(value)}`);
}

/** Returns every text form in which an error or another object can end up in a log. */
function shownOf(value) {
  const shown = [
    inspect(value, { depth: Infinity, showHidden: true }),
    inspect(value, { depth: Infinity, customInspect: false }),
    JSON.stringify(value),
    String(value),
  ];
  for (let error = value; error instanceof Error; error = error.cause) {
    shown.push(error.message, error.stack);
    for (const name of ['data', 'metadata', 'partial', 'requestId', 'generationId']) shown.push(inspect(error[name], { depth: Infinity }));
  }
  return shown.join('\n');
}

module.exports.cleanEnvironment = cleanEnvironment;
module.exports.failureOf = failureOf;
module.exports.shownOf = shownOf;
