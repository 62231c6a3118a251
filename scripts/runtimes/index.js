'use strict';

// `npm run test:runtimes`: runs the smoke program and the test files of `__test__/runtimes/suites.js` in the other supported
// runtimes. Each test must pass there, except for those in `__test__/runtimes/differences.js`, which must fail. Arguments:
// names of runtimes, by default all; `--files fetch/` runs only the files whose path contains that text.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { layOut, smoke, startServers } = require('../smoke');
const { ROOT, ensureBuilt, fail, run } = require('../tools.js');
const { compared } = require('./differences.js');
const { runtimes } = require('./programs.js');
const { filesIn, runSuites } = require('./suites.js');

/** How many runtimes are tested at a time. The tests wait most of their time, so this suits two processors. */
const AT_ONCE = 3;

main();

async function main() {
  const { values: { files: part }, positionals: names } = parseArgs({ options: { files: { type: 'string', default: '' } }, allowPositionals: true });
  const all = runtimes();
  const unknown = names.filter((name) => all.every(({ id }) => id !== name));
  if (unknown.length > 0) fail(`There is no runtime ${unknown.join(', ')}. There are: ${all.map(({ id }) => id).join(', ')}`);
  if (all.length === 0) console.log('Other runtimes are tested on Linux x64 with glibc only.');
  ensureBuilt();
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-runtimes-'));
  run(process.execPath, [path.join(ROOT, 'scripts', 'package.js'), '--dist', path.join(scratch, 'dist')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const tarballs = fs.readdirSync(path.join(scratch, 'dist')).map((name) => path.join(scratch, 'dist', name));
  const folder = layOut(tarballs, fs.mkdtempSync(path.join(scratch, 'app-')));
  const servers = await startServers();
  const total = { passed: 0, failed: 0 };
  const waiting = all.filter(({ id }) => names.length === 0 || names.includes(id));
  const worker = async () => {
    for (let runtime = waiting.shift(); runtime; runtime = waiting.shift()) {
      const { passed, faults, differing } = await test(runtime, part, folder, servers);
      console.log([`${runtime.name}: ${passed} passed, ${faults.length} failed, ${differing} differ as documented`, ...faults].join('\n'));
      total.passed += passed;
      total.failed += faults.length;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await servers.close();
  fs.rmSync(scratch, { recursive: true });
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 ? 0 : 1);
}

/** Runs the smoke program and the test files in a runtime. */
async function test(runtime, part, folder, servers) {
  const program = runtime.program();
  const smoked = await smoke([program, ...runtime.flags], folder, { servers }).then(() => '', (error) => error.message);
  const files = filesIn(runtime.kind).filter((file) => file.includes(part));
  const { passed, failures } = await runTwice(runtime, program, files);
  const { faults, differing } = compared(runtime.kind, files, failures);
  if (smoked !== '') faults.unshift(`FAILED  ${runtime.name}, the smoke program: ${smoked}`);
  return { passed: passed + (smoked === '' ? 1 : 0), faults, differing };
}

/** Runs test files, and those with failures that are not listed a second time, because three runtimes at once keep a machine busy. */
async function runTwice(runtime, program, files) {
  const first = await runSuites(runtime, program, files);
  const suspects = [...new Set(compared(runtime.kind, files, first.failures).unexpected.map(({ file }) => file))];
  if (suspects.length === 0 || suspects.includes('')) return first;
  console.log(`${runtime.name}: ${suspects.join(', ')} had failures, and run a second time`);
  const second = await runSuites(runtime, program, suspects);
  const others = first.failures.filter(({ file }) => !suspects.includes(file));
  return { passed: first.passed + first.failures.length - others.length - second.failures.length, failures: [...others, ...second.failures] };
}
