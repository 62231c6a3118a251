'use strict';

/**
 * What the check against the OpenAPI file lets pass, and why: a problem, the test files in which it occurs, or both.
 * @type {{ problem?: RegExp, file?: RegExp, why: string }[]}
 */
const EXCEPTIONS = [
  { problem: /^POST \/completions: no such path/, why: 'the legacy endpoint works, and the file does not list it' },
  { problem: /\/provider\/max_price\/\w+ must be string/, why: 'the guide of provider selection writes numbers' },
  { problem: /takes no body of the type text\/plain/, why: 'a fetch of a test, whose SDK sets no type' },
  { file: /^__test__\/api\/request\.test\.js$/, why: 'it proves what happens to any address and body' },
];

module.exports = { EXCEPTIONS };
