'use strict';

// `npm run test:linux`: checks what each Linux binary needs of the system, and runs it in every Node that is available for
// its platform. Writes the results into `target/linux.md`. Arguments: names of platforms, by default all.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { layOut, smoke, startServers } = require('../smoke');
const { LINUX, targetsNamed } = require('../targets.js');
const { BINARIES, ROOT, binaryName, ensureDependencies, fail, run } = require('../tools.js');
const { ensureProgram } = require('./debian.js');
const { faultsOf, readelf } = require('./elf.js');
const { nodesFor } = require('./nodes.js');

const TABLE = path.join(ROOT, 'target', 'linux.md');

main();

async function main() {
  const targets = targetsNamed(process.argv.slice(2), LINUX);
  const missing = targets.filter(({ platform }) => !fs.existsSync(path.join(BINARIES, binaryName(platform))));
  if (missing.length > 0) fail(`Not built: ${missing.map(({ platform }) => platform).join(', ')}. npm run build:linux builds them.`);
  ensureDependencies();
  ensureProgram('readelf', ['binutils']);
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-linux-'));
  // Install all platform packages side by side, as a package manager does that ignores the field `libc`. The loader must
  // then choose the right binary.
  run(process.execPath, [path.join(ROOT, 'scripts', 'package.js'), BINARIES, '--dist', path.join(scratch, 'dist')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const tarballs = fs.readdirSync(path.join(scratch, 'dist')).map((name) => path.join(scratch, 'dist', name));
  const folder = layOut(tarballs, fs.mkdtempSync(path.join(scratch, 'app-')));
  const servers = await startServers();
  const results = [];
  for (const target of targets) results.push(await test(target, folder, servers));
  await servers.close();
  fs.rmSync(scratch, { recursive: true });
  fs.writeFileSync(TABLE, table(results));
  const counted = results.flatMap(({ runs }) => runs);
  const failed = counted.filter(({ fault }) => fault).length;
  console.log(`${counted.length - failed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

/** Runs the checks of a target and prints each result. Its `runs` are `{ name, fault, did }`. */
async function test(target, folder, servers) {
  const elf = readelf(path.join(BINARIES, binaryName(target.platform)));
  const runs = [];
  const add = (name, fault, did) => {
    console.log(`${fault ? 'FAILED' : 'ok'}  ${target.platform}, ${name}${fault ? `: ${fault}` : ''}`);
    runs.push({ name, fault, did });
  };
  add('what it needs', faultsOf(target, elf).join('; '));
  for (const { name, command } of nodesFor(target)) {
    try {
      const { did, arch, libc } = await smoke(command, folder, { servers });
      const isIt = arch === target.cpu && libc.startsWith(target.libc);
      add(name, isIt ? '' : `that is a Node of ${arch} and ${libc}`, did);
    } catch (error) {
      add(name, error.message);
    }
  }
  return { target, elf, runs };
}

function table(results) {
  const rows = results.map(({ target, elf, runs }) => {
    const [, ...loads] = runs;
    const did = loads.find(({ fault }) => !fault)?.did.join(', ') ?? 'nothing';
    const where = loads.map(({ name, fault }) => (fault ? `${name} (FAILED)` : name)).join('; ');
    return `| ${target.platform} | ${(elf.size / 1e6).toFixed(2)} MB | ${elf.glibc ?? 'none'} | ${elf.needed.join(', ')} | ${where} | ${did} |`;
  });
  return ['| target | size | newest glibc symbol | needs | loaded in | did there |', '|---|---|---|---|---|---|', ...rows, ''].join('\n');
}
