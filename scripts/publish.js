'use strict';

// The release runs this: it publishes the tarballs in a folder. The platform packages come first and the main package last,
// so that the main package is never available without its binaries. It skips versions that are already published, so that
// an interrupted release can be run again.
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
const { name: mainName, version } = mainManifest([]);

const packages = [...TARGETS.map(({ platform }) => packageName(platform)), mainName];
const file = (name) => path.join(folder, `${name}-${version}.tgz`);
const missing = packages.filter((name) => !fs.existsSync(file(name)));
if (missing.length > 0) fail(`${folder} has no tarball of ${missing.join(', ')} in version ${version}: nothing was published.`);

/** The registry that npm is configured to publish to. */
const registry = run(npm, ['config', 'get', 'registry'], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }).stdout.trim();

main();

async function main() {
  const done = await Promise.all(packages.map(isPublished));
  for (const [at, name] of packages.entries()) {
    if (done[at]) {
      console.log(`${name}@${version} is published already`);
      continue;
    }
    const options = [...(values.provenance ? ['--provenance'] : []), ...(values['dry-run'] ? ['--dry-run'] : [])];
    run(npm, ['publish', file(name), '--access', 'public', ...options]);
  }
}

async function isPublished(name) {
  const response = await fetch(new URL(name, registry));
  if (response.status === 404) return false;
  if (!response.ok) fail(`The registry does not say whether ${name} is published: it answers ${response.status}.`);
  return version in (await response.json()).versions;
}
