'use strict';

// `npm version` runs this between writing package.json and its commit. It gives Cargo.toml (and so the addon) and the
// platform packages in `npm/` the same version.
const fs = require('node:fs');
const path = require('node:path');

const { writeNpmFolders } = require('./npm-folders.js');
const { ROOT, run } = require('./tools.js');

const { name, version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
/** Where it stands after the package's name. */
const LINE = new RegExp(`(^name = "${name}"\nversion = )".+"`, 'm');
const files = ['Cargo.toml', 'Cargo.lock', path.join('fuzz', 'Cargo.lock')].filter((file) => fs.existsSync(path.join(ROOT, file)));

for (const file of files) {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  fs.writeFileSync(path.join(ROOT, file), text.replace(LINE, `$1"${version}"`));
}
writeNpmFolders();
run('git', ['add', ...files, 'npm']);
