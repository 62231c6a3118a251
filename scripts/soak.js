'use strict';

// `npm run soak`: all the set-up, then the soak. Options: --seconds, --streams, --calls.
const { ensureBuilt, run } = require('./tools.js');

ensureBuilt();
run(process.execPath, ['--expose-gc', 'bench/soak.js', ...process.argv.slice(2)]);
