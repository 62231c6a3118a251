'use strict';

// `npm run demo`: does the set-up, then runs the demo.
const { ensureBuilt, run } = require('./tools.js');

ensureBuilt();
run(process.execPath, ['demo/index.js', ...process.argv.slice(2)]);
