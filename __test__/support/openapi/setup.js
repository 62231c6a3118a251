'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { VARIABLE } = require('./record.js');

/** Before all tests: lets them record their requests, if `OPENROUTER_OPENAPI` names the API's OpenAPI file. */
module.exports = () => {
  const { OPENROUTER_OPENAPI: file } = process.env;
  if (!file) return;
  if (!fs.existsSync(file)) throw new Error(`OPENROUTER_OPENAPI names ${file}, which does not exist.`);
  process.env[VARIABLE] = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'openapi-')), 'requests.jsonl');
};
