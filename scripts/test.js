'use strict';

// `npm test`: does the set-up, runs every test runner, and prints their total in one line.
// `npm test -- --testPathPattern=X`: does the set-up, then runs only those Jest files.
const { spawn } = require('node:child_process');
const path = require('node:path');

const { FOLDER: AGENTS, nodeForAgents } = require('../__test__/librechat/agents-package/setup.js');
const { ROOT, bin, ensureBuilt, ensureDependencies, ensurePrograms } = require('./tools.js');

/** The package managers, bundlers and linters that the tests of a release use. */
const INSTALL = path.join(ROOT, '__test__', 'package', 'install');

/** Commands that only pass or fail. Each counts as one test. */
const wholes = [
  ['rustfmt', 'cargo', ['fmt', '--check']],
  ['clippy', 'cargo', ['clippy', '--locked', '--all-targets', '--all-features', '--', '-D', 'warnings']],
  // Tiny benchmark runs, which Jest does, build the other program of the benchmark, but not this one.
  ['bench engine', 'cargo', ['check', '--locked', '--manifest-path', 'bench/engine/Cargo.toml', '--target-dir', 'target']],
  ['types', process.execPath, () => [bin('tsc'), '-p', '__test__/package/types']],
  ['fuzz', process.execPath, ['scripts/fuzz.js', '--seconds', '10']],
];

/** The summary lines of the runners that count their tests. */
const CARGO = /^test result: \w+\. (\d+) passed; (\d+) failed/gm;
const JEST = /^Tests:\s+(?:(\d+) failed, )?(?:\d+ skipped, )?(?:(\d+) passed, )?\d+ total/m;

main();

async function main() {
  ensureBuilt();
  ensureDependencies(INSTALL);
  if (nodeForAgents()) ensureDependencies(AGENTS);
  ensurePrograms();
  const jestArgs = process.argv.slice(2);
  if (jestArgs.length > 0) {
    const { status } = await show(process.execPath, [bin('jest'), ...jestArgs.map(today)]);
    process.exit(status);
  }
  const total = { passed: 0, failed: 0 };
  const add = (name, passed, failed) => {
    console.log(`${name}: ${passed} passed, ${failed} failed\n`);
    total.passed += passed;
    total.failed += failed;
  };
  for (const [name, command, args] of wholes) {
    const { status } = await show(command, typeof args === 'function' ? args() : args);
    add(name, status === 0 ? 1 : 0, status === 0 ? 0 : 1);
  }
  // Without the default features there is no Node-API: the core must build and pass its tests without it.
  const cargo = await show('cargo', ['test', '--locked', '--no-default-features', '--no-fail-fast']);
  const counts = [...cargo.output.matchAll(CARGO)].map(([, passed, failed]) => [Number(passed), Number(failed)]);
  add('cargo test', ...counted(cargo, sum(counts)));
  const jest = await show(process.execPath, [bin('jest')]);
  const [, failed = 0, passed = 0] = JEST.exec(jest.output) ?? [];
  add('jest', ...counted(jest, [Number(passed), Number(failed)]));

  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 ? 0 : 1);
}

/** Counts a runner that failed without a failed test, for example because it did not build, as one failure. */
function counted({ status }, [passed, failed]) {
  return [passed, status !== 0 && failed === 0 ? 1 : failed];
}

function sum(pairs) {
  return pairs.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
}

/** Accepts Jest 29's name of the option `--testPathPatterns`, because LibreChat's documentation uses it. */
function today(argument) {
  return argument.replace(/^--testPathPattern(?=$|=)/, '--testPathPatterns');
}

/** Runs a command. Prints its output, and resolves to its exit status and output. */
function show(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (stream) => (bytes) => {
      output += bytes;
      stream.write(bytes);
    };
    child.stdout.on('data', keep(process.stdout));
    child.stderr.on('data', keep(process.stderr));
    child.on('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve({ status: 1, output });
    });
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}
