'use strict';

// `npm run docs`: the API reference in `docs/api`, made of the types. It is committed; a test holds it to them.
const path = require('node:path');

const { ROOT, ensureDependencies, runLocal } = require('./tools.js');

ensureDependencies();
runLocal('typedoc', ['--options', path.join(ROOT, 'docs', 'typedoc.json'), ...process.argv.slice(2)]);
