'use strict';

const { faultsOf, readelf } = require('../../scripts/linux/elf.js');
const { LINUX } = require('../../scripts/targets.js');

const [GNU] = LINUX.filter(({ platform }) => platform === 'linux-x64-gnu');
const [MUSL] = LINUX.filter(({ platform }) => platform === 'linux-arm64-musl');
const good = {
  gnu: {
    size: 5_500_000,
    machine: 'Advanced Micro Devices X86-64',
    needed: ['libm.so.6', 'libc.so.6', 'ld-linux-x86-64.so.2', 'libpthread.so.0', 'libdl.so.2'],
    flags: ['BIND_NOW', 'NOW', 'NODELETE'],
    glibc: '2.17',
    stack: 'RW',
    exported: ['napi_register_module_v1'],
  },
  musl: { size: 5_500_000, machine: 'AArch64', needed: ['libc.so'], flags: ['NOW'], glibc: null, stack: 'RW', exported: ['napi_register_module_v1'] },
};

test('a binary that needs no more than its platform has may be published', () => {
  expect(faultsOf(GNU, good.gnu)).toEqual([]);
  expect(faultsOf(GNU, { ...good.gnu, glibc: '2.9' })).toEqual([]);
  expect(faultsOf(MUSL, good.musl)).toEqual([]);
});

test.each([
  ['a binary that needs a newer glibc', GNU, { ...good.gnu, glibc: '2.18' }, 'needs glibc 2.18'],
  ['a binary for another processor', GNU, { ...good.gnu, machine: 'AArch64' }, 'is for AArch64'],
  ['a binary that needs a library that must be installed', GNU, { ...good.gnu, needed: [...good.gnu.needed, 'libssl.so.3'] }, 'needs libssl.so.3'],
  ['a binary that may be unloaded', GNU, { ...good.gnu, flags: ['NOW'] }, 'may be unloaded'],
  ['a binary with an executable stack', GNU, { ...good.gnu, stack: 'RWE' }, 'has a stack that is RWE'],
  ['a binary that exports other symbols', GNU, { ...good.gnu, exported: ['malloc', 'napi_register_module_v1'] }, 'exports malloc, napi_register_module_v1'],
  ['a binary that is too large', GNU, { ...good.gnu, size: 5_500_001 }, 'has 5500001 bytes'],
  ['a glibc binary that is called musl', MUSL, { ...good.musl, needed: ['libc.so.6'], glibc: '2.17' }, 'needs libc.so.6; needs glibc 2.17'],
  ['a binary with thread-locals that a preloaded jemalloc leaves no room for', MUSL, { ...good.musl, flags: ['STATIC_TLS'] }, 'has thread-locals that must be there from the start'],
])('%s may not be published', (_what, target, elf, fault) => expect(faultsOf(target, elf).join('; ')).toBe(fault));

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('the output of readelf for this Node can be parsed', () => {
  const { machine, needed, stack, size } = readelf(process.execPath);
  expect({ machine, stack }).toEqual({ machine: expect.any(String), stack: 'RW' });
  expect(needed.length).toBeGreaterThan(0);
  expect(size).toBeGreaterThan(1_000_000);
});
