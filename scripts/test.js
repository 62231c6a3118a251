'use strict';

// `npm test`: all the set-up, then every runner, then one line that sums them.
// `npm test -- --testPathPattern=X`: the set-up, then just those Jest files.
const { spawn } = require('node:child_process');
const path = require('node:path');

const { FOLDER: AGENTS, nodeForAgents } = require('../__test__/librechat/agents-package/setup.js');
const { ROOT, bin, ensureBuilt, ensureDependencies, ensurePrograms } = require('./tools.js');

/** What a release is installed, bundled and linted with. */
const INSTALL = path.join(ROOT, '__test__', 'package', 'install');

/** Commands that pass or fail as a whole count as one test. */
const wholes = [
  ['rustfmt', 'cargo', ['fmt', '--check']],
  ['clippy', 'cargo', ['clippy', '--locked', '--all-targets', '--all-features', '--', '-D', 'warnings']],
  ['types', process.execPath, () => [bin('tsc'), '-p', '__test__/package/types']],
  ['fuzz', process.execPath, ['scripts/fuzz.js', '--seconds', '10']],
];

/** The closing lines of the runners that count by themselves. */
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
  // Without the Node layer: the core must build and pass with no Node-API in sight.
  const cargo = await show('cargo', ['test', '--locked', '--no-default-features', '--no-fail-fast']);
  const counts = [...cargo.output.matchAll(CARGO)].map(([, passed, failed]) => [Number(passed), Number(failed)]);
  add('cargo test', ...counted(cargo, sum(counts)));
  const jest = await show(process.execPath, [bin('jest')]);
  const [, failed = 0, passed = 0] = JEST.exec(jest.output) ?? [];
  add('jest', ...counted(jest, [Number(passed), Number(failed)]));

  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 ? 0 : 1);
}

/** A runner that failed without a failed test (it did not build, it crashed) has one failure. */
function counted({ status }, [passed, failed]) {
  return [passed, status !== 0 && failed === 0 ? 1 : failed];
}

function sum(pairs) {
  return pairs.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
}

/** The option's name of Jest 29, which LibreChat's documents use. */
function today(argument) {
  return argument.replace(/^--testPathPattern(?=$|=)/, '--testPathPatterns');
}

/** Runs a command with its output shown and kept. */
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
