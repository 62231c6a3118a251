'use strict';

// Reads with `readelf` what a binary needs of the system that loads it.
// `node scripts/linux/elf.js linux-x64-gnu` fails if that binary must not be published; without a name, if any must not.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { GLIBC_FLOOR, LINUX, targetsNamed } = require('../targets.js');
const { BINARIES, binaryName, fail } = require('../tools.js');

const MACHINES = { x64: 'Advanced Micro Devices X86-64', arm64: 'AArch64' };
/** The shared libraries that every system with this C library has. Others would have to be installed. */
const LIBRARIES = {
  glibc: ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libgcc_s.so.1', 'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'],
  musl: ['libc.so'],
};
/** The symbols that Node looks for in an addon. */
const EXPORTED = ['napi_register_module_v1'];
const SIZE_LIMIT = 5.5e6;

function readelf(file) {
  const { status, stdout, error } = spawnSync('readelf', ['-W', '-h', '-d', '-l', '-V', '--dyn-syms', file], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error || status !== 0) fail(`readelf could not read ${file}: ${error?.message ?? status}`);
  const all = (pattern) => [...stdout.matchAll(pattern)].map(([, found]) => found);
  return {
    size: fs.statSync(file).size,
    machine: all(/^\s*Machine:\s+(.+)$/gm)[0],
    needed: all(/\(NEEDED\)\s+Shared library: \[(.+)\]/g),
    flags: all(/\(FLAGS(?:_1)?\)\s+(?:Flags: )?(.+)$/gm).flatMap((line) => line.trim().split(/\s+/)),
    glibc: all(/\bGLIBC_([\d.]+)/g).sort(byVersion).at(-1) ?? null,
    stack: all(/GNU_STACK(?:\s+0x[0-9a-f]+){5}\s+([RWE]+)/g)[0],
    exported: all(/\b(?:FUNC|OBJECT)\s+(?:GLOBAL|WEAK)\s+DEFAULT\s+\d+\s+(\S+)/g),
  };
}

const byVersion = (a, b) => a.localeCompare(b, 'en', { numeric: true });

/** Returns the reasons why a target's binary must not be published; none if it may be. */
function faultsOf({ cpu, libc }, elf) {
  const faults = [];
  const must = (holds, fault) => { if (!holds) faults.push(fault); };
  must(elf.machine === MACHINES[cpu], `is for ${elf.machine}`);
  const foreign = elf.needed.filter((name) => !LIBRARIES[libc].includes(name));
  must(foreign.length === 0, `needs ${foreign.join(', ')}`);
  must(elf.needed.length > 0, 'needs no C library');
  if (libc === 'glibc') {
    must(elf.glibc !== null && byVersion(elf.glibc, GLIBC_FLOOR) <= 0, `needs glibc ${elf.glibc}`);
    // Destructors of Rust's thread-locals may run after a `dlclose` (rust-lang/rust#91979). musl never unloads a library.
    must(elf.flags.includes('NODELETE'), 'may be unloaded');
  } else {
    must(elf.glibc === null, `needs glibc ${elf.glibc}`);
  }
  // musl refuses to load a library with static thread-locals if another one, such as jemalloc, has used up their space.
  must(!elf.flags.includes('STATIC_TLS'), 'has thread-locals that must be there from the start');
  must(elf.stack === 'RW', `has a stack that is ${elf.stack}`);
  must(elf.exported.join() === EXPORTED.join(), `exports ${elf.exported.join(', ')}`);
  must(elf.size <= SIZE_LIMIT, `has ${elf.size} bytes`);
  return faults;
}

if (require.main === module) {
  for (const target of targetsNamed(process.argv.slice(2), LINUX)) {
    const elf = readelf(path.join(BINARIES, binaryName(target.platform)));
    const faults = faultsOf(target, elf);
    if (faults.length > 0) fail(`${target.platform}: ${faults.join('; ')}`);
    console.log(target.platform, elf);
  }
}

module.exports = { faultsOf, readelf };
