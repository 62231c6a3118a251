'use strict';

// `npm run bench`: all the set-up, then the benchmark. Options: quick, --only workloads, --clients names, --runs 5,
// --out folder; see `bench/workloads.js` and `bench/clients/index.js` for the names.
const path = require('node:path');

const { ROOT, ensureBuilt, ensureDependencies, run } = require('./tools.js');

const BENCH = path.join(ROOT, 'bench');

/** Builds one of the benchmark's programs, beside the addon: what both need is built once. */
function ensureProgram(name) {
  const env = { ...process.env, CARGO_TARGET_DIR: path.join(ROOT, 'target') };
  run('cargo', ['build', '--release', '--locked', '--quiet'], { cwd: path.join(BENCH, name), env });
}

if (require.main === module) {
  ensureBuilt();
  ensureDependencies(BENCH);
  for (const name of ['server', 'engine']) ensureProgram(name);
  run(process.execPath, ['bench/index.js', ...process.argv.slice(2)]);
}

module.exports = { BENCH, ensureProgram };
