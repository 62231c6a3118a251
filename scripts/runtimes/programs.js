'use strict';

// Provides other runtimes than the one that runs this script. They are npm packages, unpacked into `target/tools`.
const fs = require('node:fs');
const path = require('node:path');

const { platform } = require('../../lib/bridge/platform.js');
const { once } = require('../linux/once.js');
const { TOOLS, npm, run } = require('../tools.js');

/** The versions of Node.js that are tested, by their major version: the supported ones. */
const NODES = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.12.1' };
const BUN = '1.4.5';
const DENO = '2.9.6';
/** What a program needs of Deno's permissions. The addon's own connections are not subject to them. */
const DENO_FLAGS = ['run', '--no-prompt', '--allow-ffi', '--allow-read', '--allow-env'];
/** The names of the packages of Bun and Deno, by our names of platforms. On Alpine there is no Deno. */
const PACKAGES = {
  'linux-x64-gnu': ['@oven/bun-linux-x64', '@deno/linux-x64-glibc'],
  'linux-arm64-gnu': ['@oven/bun-linux-aarch64', '@deno/linux-arm64-glibc'],
  'darwin-x64': ['@oven/bun-darwin-x64', '@deno/darwin-x64'],
  'darwin-arm64': ['@oven/bun-darwin-aarch64', '@deno/darwin-arm64'],
  'win32-x64-msvc': ['@oven/bun-windows-x64', '@deno/win32-x64'],
  'win32-arm64-msvc': ['@oven/bun-windows-aarch64', '@deno/win32-arm64'],
};

/**
 * Returns Bun and Deno for this machine.
 * @returns {{ id: string, kind: 'node' | 'bun' | 'deno', name: string, program: () => string, flags: string[] }[]} `program`
 *   unpacks it; `flags` are those that run a program which uses the package
 */
function otherRuntimes() {
  const [bun, deno] = PACKAGES[platform()] ?? [];
  if (!bun) return [];
  const exe = process.platform === 'win32' ? '.exe' : '';
  return [
    { id: 'bun', kind: 'bun', name: `Bun ${BUN}`, program: () => path.join(unpackedPackage(bun, BUN), 'bin', `bun${exe}`), flags: [] },
    { id: 'deno', kind: 'deno', name: `Deno ${DENO}`, program: () => path.join(unpackedPackage(deno, DENO), `deno${exe}`), flags: DENO_FLAGS },
  ];
}

/** Returns the runtimes whose tests run on this machine, without the Node.js that runs this script; none but on Linux x64. */
function runtimes() {
  if (platform() !== 'linux-x64-gnu') return [];
  const [own] = process.versions.node.split('.');
  const nodes = Object.entries(NODES).filter(([major]) => major !== own).map(([major, version]) =>
    ({ id: `node${major}`, kind: 'node', name: `Node ${version}`, program: () => nodeProgram('x64', version), flags: [] }));
  return [...nodes, ...otherRuntimes()];
}

/** Returns the path of a Node.js for Linux with glibc. */
function nodeProgram(cpu, version) {
  return path.join(unpackedPackage(`node-linux-${cpu}`, version), 'bin', 'node');
}

/** Unpacks an npm package, without its dependencies and scripts, if it is not there yet. Returns its folder. */
function unpackedPackage(name, version) {
  const flat = name.replace('@', '').replace('/', '-');
  return once(path.join(TOOLS, `${flat}-${version}`), (unfinished) => {
    run(npm, ['pack', `${name}@${version}`, '--pack-destination', unfinished, '--loglevel=error'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const tarball = `${flat}-${version}.tgz`;
    run('tar', ['-xzf', tarball, '--strip-components=1'], { cwd: unfinished });
    fs.rmSync(path.join(unfinished, tarball));
  });
}

module.exports = { NODES, nodeProgram, otherRuntimes, runtimes };
