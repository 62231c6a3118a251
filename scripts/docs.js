'use strict';

// `npm run docs`: generates the API reference in `docs/api` from the types. The result is committed, and a test checks that
// it is up to date.
const path = require('node:path');

const { ROOT, ensureDependencies, runLocal } = require('./tools.js');

ensureDependencies();
runLocal('typedoc', ['--options', path.join(__dirname, 'typedoc.json'), ...process.argv.slice(2)]);
