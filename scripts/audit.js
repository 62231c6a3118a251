'use strict';

// `npm run audit`: checks the licences, sources and duplicates of all crates (deny.toml), and the npm dependencies of the
// published package for known vulnerabilities. `--advisories` also checks the crates for known vulnerabilities. That needs
// RustSec's advisory repository, which not every network can reach.
const { ensureCargoTool, npm, run, toolsEnv } = require('./tools.js');

const checks = ['licenses', 'bans', 'sources', ...(process.argv.includes('--advisories') ? ['advisories'] : [])];

ensureCargoTool('cargo-deny', '0.20.2');
run('cargo-deny', ['--locked', 'check', ...checks], { env: toolsEnv });
run(npm, ['audit', '--omit=dev']);
