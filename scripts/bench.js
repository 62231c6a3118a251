'use strict';

// `npm run bench`: does the set-up, then runs the benchmark. Options: quick or tiny, --only workloads, --clients names,
// --runs 5, --out folder; see `bench/workloads.js` and `bench/clients/index.js` for the names.
const path = require('node:path');

const { ROOT, ensureBuilt, ensureDependencies, run } = require('./tools.js');

const BENCH = path.join(ROOT, 'bench');

/** Builds one of the benchmark's programs, in the addon's target folder, so that shared crates are built once. */
function ensureProgram(name) {
  const env = { ...process.env, CARGO_TARGET_DIR: path.join(ROOT, 'target') };
  run('cargo', ['build', '--release', '--locked', '--quiet'], { cwd: path.join(BENCH, name), env });
}

ensureBuilt();
ensureDependencies(BENCH);
const args = process.argv.slice(2);
ensureProgram('server');
ensureProgram('bare');
// `tiny` only shows that everything runs, and does not use the engine, which takes minutes to build.
if (!args.includes('tiny')) ensureProgram('engine');
run(process.execPath, ['bench/index.js', ...args]);
