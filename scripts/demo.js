'use strict';

// `npm run demo`: all the set-up, then the demo.
const { ensureBuilt, run } = require('./tools.js');

ensureBuilt();
run(process.execPath, ['demo/index.js', ...process.argv.slice(2)]);
