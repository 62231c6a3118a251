'use strict';

// Makes the tarballs of a release: one for each platform and one for the main package. Only the binary of this platform is
// real; the others are placeholders, which no test loads.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { platform } = require('../../../lib/bridge/platform.js');
const { TARGETS } = require('../../../scripts/targets.js');
const { NATIVE, ROOT, binaryName } = require('../../../scripts/tools.js');

/** Makes a release; returns its tarballs, their folder, and the folder of the binaries. */
function makeRelease() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-release-'));
  const binaries = path.join(folder, 'binaries');
  const dist = path.join(folder, 'dist');
  fs.mkdirSync(binaries);
  for (const target of TARGETS) fs.writeFileSync(path.join(binaries, binaryName(target.platform)), `stands in for ${target.platform}`);
  const own = binaryName(platform());
  fs.copyFileSync(path.join(NATIVE, own), path.join(binaries, own));
  execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'package.js'), binaries, '--all', '--dist', dist], { stdio: 'pipe' });
  const tarballs = fs.readdirSync(dist).map((name) => path.join(dist, name));
  return { folder, binaries, dist, tarballs, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

module.exports.makeRelease = makeRelease;
