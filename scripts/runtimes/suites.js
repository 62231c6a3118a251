'use strict';

// Runs the test files of `__test__/runtimes/suites.js` in a runtime, and returns what each test came to.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const SUITES = require('../../__test__/runtimes/suites.js');
const { ROOT, TARGET } = require('../tools.js');

const TESTS = path.join(ROOT, '__test__');
const JEST = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
/** Bun runs the files itself, with this file instead of Jest's `setupFiles`. */
const BUN = ['test', '--timeout', '60000', '--preload', './__test__/support/environment.js'];

/** Returns the test files of a row, relative to `__test__`. */
function filesOf({ files }) {
  const inFolder = (folder) => fs.readdirSync(path.join(TESTS, folder)).filter((name) => name.endsWith('.test.js')).map((name) => folder + name);
  return files.flatMap((one) => (one.endsWith('/') ? inFolder(one) : [one]));
}

/** Returns the test files that run in a kind of runtime. */
function filesIn(kind) {
  return SUITES.filter(({ only = kind }) => only.includes(kind)).flatMap(filesOf);
}

/**
 * Runs test files in a runtime.
 * @returns {Promise<{ passed: number, failures: { file: string, name: string, why: string }[] }>} a file that cannot be run
 *   is one failure, without a name
 */
async function runSuites({ id, kind }, program, files) {
  return kind === 'bun' ? runInBun(program, files) : runInJest(program, files, id, kind === 'deno' ? ['run', '--allow-all'] : []);
}

/** Jest runs in Deno as it does in Node. One process for all files, because several runtimes are tested at a time. */
async function runInJest(program, files, id, before) {
  const report = path.join(TARGET, `runtimes-${id}.json`);
  fs.rmSync(report, { force: true });
  const wanted = files.map((file) => path.join(TESTS, file));
  // In Deno a handle of Jest's own stays open.
  const { output } = await finished(program, [...before, JEST, '--runInBand', '--forceExit', '--silent', '--json', '--outputFile', report, '--runTestsByPath', ...wanted]);
  if (!fs.existsSync(report)) return { passed: 0, failures: [{ file: '', name: '', why: `Jest wrote no report:\n${output}` }] };
  const { numPassedTests: passed, testResults } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const failures = testResults.flatMap(({ name: absolute, assertionResults, message }) => {
    const file = path.relative(TESTS, absolute);
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0 && message !== '') return [{ file, name: '', why: message }];
    return failed.map(({ ancestorTitles, title, failureMessages }) => ({ file, name: [...ancestorTitles, title].join(' > '), why: failureMessages.join('\n') }));
  });
  return { passed, failures };
}

/** Reads the lines that `bun test` prints: the name of a file, `(pass) name [time]`, and the error before `(fail) name [time]`. */
async function runInBun(program, files) {
  const { output } = await finished(program, [...BUN, ...files.map((file) => `./__test__/${file}`)]);
  const failures = [];
  let [passed, file, said] = [0, '', []];
  for (const line of output.replace(/\x1b\[[\d;]*m/g, '').split('\n')) {
    const [, head] = /^__test__\/(\S+\.test\.js):$/.exec(line) ?? [];
    const [, outcome, name] = /^\((pass|fail)\) (.*?)(?: \[[\d.]+m?s\])?$/.exec(line) ?? [];
    // The summary repeats the failures.
    if (/^\d+ tests (failed|skipped):$/.test(line)) break;
    if (head) file = head;
    if (outcome === 'pass') passed += 1;
    if (outcome === 'fail') failures.push({ file, name, why: said.join('\n') });
    said = head || outcome ? [] : [...said, line];
  }
  const isComplete = /^Ran \d+ tests? across (\d+) files?/m.exec(output)?.[1] === String(files.length);
  // A file that throws while it is loaded has one failure without a name, and counts as one that ran.
  for (const [, count] of output.matchAll(/^ *(\d+) errors?$/gm)) failures.push({ file: '', name: '', why: `${count} errors outside tests:\n${output.match(/# Unhandled error[^]{0,1000}/)?.[0]}` });
  if (!isComplete) failures.push({ file, name: '', why: `Bun did not run all files:\n${output.slice(-5000)}` });
  return { passed, failures };
}

/** Runs a program to its end. Resolves to what it wrote. */
function finished(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
    child.on('error', reject);
    child.on('close', () => resolve({ output }));
  });
}

module.exports = { filesIn, filesOf, runSuites };
