'use strict';

// `npm run soak`: does the set-up, then runs the soak test. Options: --seconds, --streams, --calls.
const { ensureBuilt, run } = require('./tools.js');

ensureBuilt();
run(process.execPath, ['--expose-gc', 'bench/soak.js', ...process.argv.slice(2)]);
