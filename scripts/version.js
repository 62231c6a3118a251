'use strict';

// `npm version` runs this after it has written package.json and before it commits. It writes the same version to Cargo.toml,
// which is that of the addon, to each lock file that names the addon, and to the platform packages in `npm/`.
const fs = require('node:fs');
const path = require('node:path');

const { writeNpmFolders } = require('./npm-folders.js');
const { ROOT, run } = require('./tools.js');

const { name, version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
/** The version in the line after the package's name. */
const LINE = new RegExp(`(^name = "${name}"\nversion = )".+"`, 'm');

const { stdout } = run('git', ['ls-files', 'Cargo.toml', '*Cargo.lock'], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
const files = stdout.trim().split('\n');

for (const file of files) {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  fs.writeFileSync(path.join(ROOT, file), text.replace(LINE, `$1"${version}"`));
}
writeNpmFolders();
run('git', ['add', ...files, 'npm']);
