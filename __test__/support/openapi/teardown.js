'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { VARIABLE } = require('./record.js');

/**
 * After all tests: checks the requests that their servers have received against the API's OpenAPI file, and fails if one is not in
 * it.
 */
module.exports = () => {
  const { OPENROUTER_OPENAPI: file, [VARIABLE]: recorded } = process.env;
  if (!recorded) {
    console.log('\nOPENROUTER_OPENAPI does not name the API\'s OpenAPI file, so the requests of the tests were not checked against it.');
    return;
  }
  const { OpenApiCheck } = require('./check.js');
  const { reportOf } = require('./report.js');
  const lines = fs.existsSync(recorded) ? fs.readFileSync(recorded, 'utf8').split('\n').filter(Boolean) : [];
  fs.rmSync(path.dirname(recorded), { recursive: true });
  const { text, hasFailed } = reportOf(OpenApiCheck.of(file), lines.map((line) => JSON.parse(line)));
  console.log(`\n${text}`);
  if (hasFailed) throw new Error('Some requests of the tests are not in the OpenAPI file.');
};
