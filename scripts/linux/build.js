'use strict';

// `npm run build:linux`: builds the addon for each Linux target, or for the named platforms, into `binaries/`.
const fs = require('node:fs');
const path = require('node:path');

const { GLIBC_FLOOR, LINUX, targetsNamed } = require('../targets.js');
const { ADDON, BINARIES, ROOT, binaryName, run } = require('../tools.js');
const { toolchain } = require('./rust.js');

/** A target folder of its own: `npm run build` uses another C compiler, so that each would rebuild the other's files. */
const FOLDER = path.join(ROOT, 'target', 'linux');

const targets = targetsNamed(process.argv.slice(2), LINUX);
fs.mkdirSync(BINARIES, { recursive: true });
targets.forEach(build);

function build(target) {
  const started = Date.now();
  const { env, args } = toolchain(target);
  const triple = target.libc === 'glibc' ? `${target.triple}.${GLIBC_FLOOR}` : target.triple;
  run('cargo-zigbuild', ['rustc', ...ADDON, '--target', triple, '--target-dir', FOLDER, ...args], { env });
  const built = path.join(FOLDER, target.triple, 'release', 'libopenrouter_native.so');
  const file = path.join(BINARIES, binaryName(target.platform));
  fs.copyFileSync(built, file);
  console.log(`${path.relative(ROOT, file)}: ${fs.statSync(file).size} bytes, in ${Math.round((Date.now() - started) / 1000)} s`);
}
