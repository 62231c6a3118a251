'use strict';

// `npm test`: does the set-up, runs every test runner, and prints their total in one line.
// `npm test -- --testPathPattern=X`: does the set-up, then runs only those Jest files.
// `npm run test:api -- --testPathPattern=X`: the same, of the tests of the adapters.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { FOLDER: AGENTS, nodeForAgents } = require('../__test__/librechat/agents-package/setup.js');
const { apiTestArguments } = require('./api-tests.js');
const { ROOT, bin, ensureBuilt, ensureDependencies } = require('./tools.js');
const { ensureInterface } = require('./ui.js');

/** The folder whose dependencies are the package managers, bundlers and linters that the tests of a release use. */
const INSTALL = path.join(ROOT, '__test__', 'package', 'install');

/** The folder whose dependencies are the SDKs of earlier major versions. */
const OLDER_SDKS = path.join(ROOT, '__test__', 'sdk', 'older');

/** The folder whose dependencies are the loaders and the other makes of `fetch` under which `register` is tested. */
const REGISTER_PROGRAMS = path.join(ROOT, '__test__', 'register', 'programs');

/** The servers, proxies, shells and the browser that some tests use, and their Debian packages. */
const PROGRAMS = { nginx: 'nginx-light', tinyproxy: 'tinyproxy', microsocks: 'microsocks', zsh: 'zsh', fish: 'fish', chromium: 'chromium' };

/** Commands that do not count tests. Each counts as one test, which passes if the command succeeds. */
const wholes = [
  ['rustfmt', 'cargo', ['fmt', '--check']],
  ['clippy', 'cargo', ['clippy', '--locked', '--all-targets', '--all-features', '--', '-D', 'warnings']],
  // Nothing else compiles this program: the benchmark that Jest runs leaves it out.
  ['bench engine', 'cargo', ['check', '--locked', '--manifest-path', 'bench/engine/Cargo.toml', '--target-dir', 'target']],
  ['fuzz', process.execPath, ['scripts/fuzz.js', '--seconds', '3']],
];

/** The summary lines of the runners that count their tests. */
const CARGO = /^test result: \w+\. (\d+) passed; (\d+) failed/gm;
const TOTAL = /^(\d+) passed, (\d+) failed\n*$/m;
const JEST = /^Tests:\s+(?:(\d+) failed, )?(?:\d+ skipped, )?(?:(\d+) passed, )?\d+ total/m;
const FAILED_FILE = /^FAIL (\S+\.test\.js)/gm;

main();

async function main() {
  const jestArgs = argumentsOfJest(process.argv.slice(2));
  ensureBuilt();
  ensureInterface();
  ensureDependencies(INSTALL);
  ensureDependencies(OLDER_SDKS);
  ensureDependencies(REGISTER_PROGRAMS);
  if (nodeForAgents()) ensureDependencies(AGENTS);
  ensurePrograms();
  if (jestArgs.length > 0) {
    const { status } = await show(process.execPath, [bin('jest'), ...jestArgs]);
    process.exit(status);
  }
  const total = { passed: 0, failed: 0 };
  const add = (name, passed, failed) => {
    console.log(`${name}: ${passed} passed, ${failed} failed\n`);
    total.passed += passed;
    total.failed += failed;
  };
  for (const [name, command, args] of wholes) {
    const { status } = await show(command, args);
    add(name, status === 0 ? 1 : 0, status === 0 ? 0 : 1);
  }
  // Without the default features there is no Node-API: the core must build and pass its tests without it.
  const cargo = await show('cargo', ['test', '--locked', '--no-default-features', '--no-fail-fast']);
  const counts = [...cargo.output.matchAll(CARGO)].map(([, passed, failed]) => [Number(passed), Number(failed)]);
  add('cargo test', ...counted(cargo, sum(counts)));
  add('jest', ...await runJest());
  const others = await show(process.execPath, ['scripts/runtimes']);
  add('other runtimes', ...counted(others, (TOTAL.exec(others.output) ?? [0, 0, 0]).slice(1).map(Number)));

  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 ? 0 : 1);
}

/**
 * Runs all Jest files, and those with failures a second time, one after another: while all run, a machine of two processors is so
 * busy that a child process may be late. A test that fails both times counts as failed.
 * @returns {Promise<[passed: number, failed: number]>}
 */
async function runJest() {
  const first = await show(process.execPath, [bin('jest')]);
  const [passed, failed] = counted(first, countsOfJest(first));
  const files = [...new Set([...first.output.matchAll(FAILED_FILE)].map(([, file]) => file))];
  if (failed === 0 || files.length === 0) return [passed, failed];
  console.log(`These files had failures. They run a second time, alone:\n${files.join('\n')}\n`);
  const second = await show(process.execPath, [bin('jest'), '--runInBand', '--runTestsByPath', ...files]);
  const [, failedAgain] = counted(second, countsOfJest(second));
  return [passed + Math.max(failed - failedAgain, 0), failedAgain];
}

function countsOfJest({ output }) {
  const [, failed = 0, passed = 0] = JEST.exec(output) ?? [];
  return [Number(passed), Number(failed)];
}

/** Installs the missing programs, if this is root on Debian. Without them the tests that need them are skipped. */
function ensurePrograms() {
  const isThere = (name) => ['/usr/sbin', '/usr/bin'].some((folder) => fs.existsSync(path.join(folder, name)));
  const missing = Object.keys(PROGRAMS).filter((name) => !isThere(name));
  if (missing.length === 0) return;
  const packages = missing.map((name) => PROGRAMS[name]).join(' ');
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    console.log(`Without ${missing.join(', ')} some tests are skipped. On Debian: apt-get install ${packages}`);
    return;
  }
  // This policy file keeps apt from starting the programs as services. The tests start them when needed.
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !fs.existsSync(policy);
  if (isOurs) fs.writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const script = `apt-get update -qq && apt-get install -y -qq --no-install-recommends ${packages}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'inherit'], env });
  if (isOurs) fs.rmSync(policy);
  if (status !== 0) console.log(`${packages} could not be installed: the tests that need them are skipped.`);
}

/** Counts a runner that failed without a failed test, for example because it did not build, as one failure. */
function counted({ status }, [passed, failed]) {
  return [passed, status !== 0 && failed === 0 ? 1 : failed];
}

function sum(pairs) {
  return pairs.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
}

/** Returns the arguments of Jest, none for a run of all tests. Ends this process if they match no test of an adapter. */
function argumentsOfJest([first, ...rest]) {
  if (first !== '--api') return [first, ...rest].filter((argument) => argument !== undefined).map(today);
  try {
    return apiTestArguments(rest);
  } catch (error) {
    console.error(error.message);
    return process.exit(1);
  }
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
