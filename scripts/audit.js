'use strict';

// `npm run audit`: checks the licences, sources and duplicates of all crates (deny.toml), and the npm dependencies of the
// published package for known vulnerabilities. `--advisories` also checks the crates for known vulnerabilities. That needs
// RustSec's advisory repository, which not every network can reach.
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
