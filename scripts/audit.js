'use strict';

// `npm run audit`: the licences, the origin and the doubles of all crates (deny.toml), and what is known against what the
// published package brings along. `--advisories`: also what is known against the crates; the list of that comes from a
// repository of RustSec's, which cannot be reached everywhere.
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const { TOOLS, npm, run } = require('./tools.js');

const VERSION = '0.20.2';
const env = { ...process.env, PATH: [path.join(TOOLS, 'bin'), process.env.PATH].join(path.delimiter) };
const checks = ['licenses', 'bans', 'sources', ...(process.argv.includes('--advisories') ? ['advisories'] : [])];

if (spawnSync('cargo-deny', ['--version'], { env }).status !== 0) {
  run('cargo', ['install', 'cargo-deny', '--version', VERSION, '--locked', '--quiet', '--root', TOOLS]);
}
run('cargo-deny', ['--locked', 'check', ...checks], { env });
run(npm, ['audit', '--omit=dev']);
