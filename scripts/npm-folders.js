'use strict';

// `node scripts/npm-folders.js`: writes `npm/<platform>/package.json` and `README.md` from `scripts/targets.js` and
// `package.json`. `npm version` runs it, and a test compares the result with what is committed.
const fs = require('node:fs');
const path = require('node:path');

const { platformManifest, platformReadme } = require('./manifests.js');
const { TARGETS } = require('./targets.js');
const { ROOT } = require('./tools.js');

/** Writes the folders of all platform packages below `root`. */
function writeNpmFolders(root = path.join(ROOT, 'npm')) {
  for (const target of TARGETS) {
    const folder = path.join(root, target.platform);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(platformManifest(target), null, 2)}\n`);
    fs.writeFileSync(path.join(folder, 'README.md'), platformReadme(target));
  }
}

if (require.main === module) writeNpmFolders();

module.exports = { writeNpmFolders };
