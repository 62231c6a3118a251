'use strict';

// The programs of emulator/README.md, pasted into files of a folder where the package is installed.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { environmentWith } = require('../support/environment.js');
const { install } = require('../support/installed.js');
const { blocksOf } = require('../support/markdown.js');
const { ROOT } = require('../support/process.js');

const VITEST = path.join(ROOT, '__test__', 'package', 'install', 'node_modules', 'vitest');
const blocks = blocksOf('emulator/README.md').filter(({ language }) => language === 'js');
/** The blocks that name their file in their first line. */
const files = blocks.flatMap(({ code }) => (/^\/\/ (\S+\.m?js)\n/.exec(code) ? [[/^\/\/ (\S+)/.exec(code)[1], code]] : []));

let installed;
beforeAll(async () => {
  installed = await install();
  installed.link('openai');
  fs.symlinkSync(VITEST, path.join(installed.folder, 'node_modules', 'vitest'), 'junction');
  for (const [name, code] of files) fs.writeFileSync(path.join(installed.folder, name), code);
}, 180_000);
afterAll(() => installed?.remove());

/** Runs a program of the folder; returns what it prints. */
function run(...args) {
  try {
    return execFileSync(process.execPath, args, { cwd: installed.folder, env: environmentWith({ NO_COLOR: '1', CI: '1' }), encoding: 'utf8', stdio: 'pipe', timeout: 120_000 });
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}\n${error.stderr}`);
  }
}

test('each block that is a file is run below', () => {
  expect(files.map(([name]) => name)).toEqual(['weather.mjs', 'weather.test.mjs', 'stream.test.js', 'openai.test.mjs']);
});

test('the first program prints what its comment says, and ends', () => {
  const [{ code }] = blocks;
  fs.writeFileSync(path.join(installed.folder, 'first.mjs'), code);
  expect(run('first.mjs')).toBe(`${/console\.log\(.*\/\/ (.*)/.exec(code)[1]}\n`);
});

test('the script and the function after it fit the emulator of the first program', () => {
  const [first, second] = blocks.map(({ code }) => code);
  const use = `
    const ask = () => client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'The weather?' }] });
    const [one, two] = [await ask(), await ask()];
    const failed = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], maxRetries: 0 }).catch((error) => error.status);
    emulator.script(null);
    console.log(one.choices[0].message.tool_calls.length, two.choices[0].message.content, failed, (await ask()).choices[0].message.content);`;
  fs.writeFileSync(path.join(installed.folder, 'second.mjs'), `${first.replace('await emulator.close();', '')}${second}${use}`);
  expect(run('second.mjs')).toContain('1 It is 21 °C in Lisbon. 429 Sunny\n');
});

test('Vitest', () => {
  expect(run('node_modules/vitest/vitest.mjs', 'run', 'weather.test.mjs', '--reporter=json')).toMatch(/"numPassedTests":2,"numFailedTests":0/);
}, 130_000);

test('Jest', () => {
  const results = JSON.parse(run(path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), '--rootDir', '.', '--json', 'stream.test.js'));
  expect(results).toMatchObject({ success: true, numPassedTests: 1, openHandles: [] });
}, 130_000);

test('node:test', () => {
  expect(run('--test', '--test-reporter=tap', 'openai.test.mjs')).toMatch(/^# pass 1$/m);
}, 130_000);
