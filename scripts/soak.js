'use strict';

// `npm run soak`: does the set-up, then runs the soak test. Options: see bench/soak/index.js.
const { ensureBuilt, run } = require('./tools.js');

ensureBuilt();
run(process.execPath, ['--expose-gc', 'bench/soak/index.js', ...process.argv.slice(2)]);
