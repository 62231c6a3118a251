'use strict';

// From `npm install` to the first token: the first programs of the README are pasted into files of a new folder, each with the
// names and settings that the README gives, and run by each Node that the package supports.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { install } = require('../support/installed.js');
const { blocksOf } = require('../support/markdown.js');
const { NODES } = require('../support/nodes.js');
const { ROOT, runNode } = require('../support/process.js');

const TSC = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const blocks = blocksOf('README.md').filter(({ section }) => section === 'Install and first chat');
const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.trim().split('\n'));
const programs = blocks.filter(({ language }) => language === 'js');

/** From 22.18 on, Node runs TypeScript without a flag. For older ones, tsc compiles it. */
const stripsTypes = (version) => {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
};
const typeScriptFor = (version) => (stripsTypes(version) ? ['chat.mts', 'typed/chat.ts'] : ['out/chat.mjs', 'out/typed/chat.js']);

let emulator;
let installed;
beforeAll(async () => {
  emulator = await startEmulator({ showKeys: true });
  const [line] = commands;
  installed = await install(line.replace(/\s+#.*/, '').split(' ').slice(1));
  installed.link('@types/node', 'undici-types');
  const [module, commonJs] = programs.map(({ code }) => code);
  const write = (name, text) => fs.writeFileSync(path.join(installed.folder, name), text);
  write('chat.mjs', module);
  write('chat.cjs', commonJs);
  write('chat.mts', module);
  fs.mkdirSync(path.join(installed.folder, 'typed'));
  write('typed/package.json', '{"type":"module"}');
  write('typed/chat.ts', module);
}, 180_000);
afterEach(() => emulator.reset());
afterAll(async () => {
  await emulator?.close();
  installed?.remove();
});

const env = () => ({ OPENROUTER_BASE_URL: emulator.baseURL, OPENROUTER_API_KEY: 'sk-or-v1-first' });
/** Runs a program of the folder; checks that it prints the answer, and only that. */
async function answers(name, command) {
  const { code, stdout, stderr } = await runNode([path.join(installed.folder, name)], { env: env(), command });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^\S.{20,}$/s);
  const [{ deltas, headers }] = emulator.requests;
  expect(deltas).toBeGreaterThan(5);
  expect(headers.authorization).toBe('Bearer sk-or-v1-first');
}

test('the section has one program for ES modules and one for CommonJS, and says how to run the first', () => {
  expect(programs.map(({ isCommonJs }) => isCommonJs)).toEqual([false, true]);
  expect(commands.slice(0, 2)).toEqual([expect.stringMatching(/^npm install openrouter-native\b/), 'OPENROUTER_API_KEY=sk-or-… node chat.mjs']);
});

test('the installed package has the examples, which run there', async () => {
  const { code, stdout, stderr } = await runNode(['node_modules/openrouter-native/examples/chat.mjs'], { cwd: installed.folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/\d+ tokens in, \d+ out/);
});

describe('TypeScript', () => {
  test('the ES module compiles under strict, as chat.mts and as chat.ts of a package of ES modules', () => {
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--rootDir', '.', '--outDir', 'out'];
    const compile = () => execFileSync(process.execPath, [TSC, 'chat.mts', 'typed/chat.ts', ...options], { cwd: installed.folder, encoding: 'utf8', stdio: 'pipe' });
    expect(compile()).toBe('');
    fs.copyFileSync(path.join(installed.folder, 'typed', 'package.json'), path.join(installed.folder, 'out', 'typed', 'package.json'));
  }, 120_000);
});

describe.each(NODES)('Node $version', ({ version, command }) => {
  let node;
  beforeAll(() => { node = command(); }, 120_000);

  test.each(['chat.mjs', 'chat.cjs', ...typeScriptFor(version)])('%s runs as it is pasted', (file) => answers(file, node));
});
