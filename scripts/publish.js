'use strict';

// What the release runs: publishes the tarballs in a folder, the platform packages first and the main package last, so
// that nobody installs a main package whose binary is not there yet. What is published already is left as it is: a
// release that broke off can be run again.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { mainManifest, packageName } = require('./manifests.js');
const { TARGETS } = require('./targets.js');
const { ROOT, fail, npm, run } = require('./tools.js');

const { values, positionals } = parseArgs({
  options: { provenance: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
  allowPositionals: true,
});
const folder = path.resolve(positionals[0] ?? path.join(ROOT, 'dist'));
const { name: main, version } = mainManifest([]);

const packages = [...TARGETS.map(({ platform }) => packageName(platform)), main];
const file = (name) => path.join(folder, `${name}-${version}.tgz`);
const missing = packages.filter((name) => !fs.existsSync(file(name)));
if (missing.length > 0) fail(`${folder} has no tarball of ${missing.join(', ')} in version ${version}: nothing was published.`);

for (const name of packages) {
  if (isPublished(name)) {
    console.log(`${name}@${version} is published already`);
    continue;
  }
  const options = [...(values.provenance ? ['--provenance'] : []), ...(values['dry-run'] ? ['--dry-run'] : [])];
  run(npm, ['publish', file(name), '--access', 'public', ...options]);
}

function isPublished(name) {
  const { status, stdout, stderr } = spawnSync(npm, ['view', `${name}@${version}`, 'version', '--json'], { cwd: ROOT, encoding: 'utf8' });
  if (status === 0) return stdout.trim() !== '';
  if (/E404/.test(stderr + stdout)) return false;
  return fail(`The registry does not say whether ${name}@${version} is published:\n${stderr}`);
}
