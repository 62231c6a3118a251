'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { ROOT, runNode } = require('../support/process.js');

let folder;
beforeEach(() => { folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-scripts-')); });
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

test.each([
  ['scripts/build.js', ['linux-x65-gnu'], 'There is no platform linux-x65-gnu. There are: linux-x64-gnu, '],
  ['scripts/linux/build.js', ['linux-x64-gnu', 'win32-x64-msvc'], 'There is no platform win32-x64-msvc. '],
  ['scripts/linux/elf.js', ['linux-x65-gnu'], 'There is no platform linux-x65-gnu. '],
  ['scripts/linux/test.js', ['linux-x64-gnu', 'linux-x65-gnu'], 'There is no platform linux-x65-gnu. '],
  ['scripts/fuzz.js', ['framr'], 'There is no fuzz target framr. There are: chunks, '],
  ['bench/index.js', ['tiny', '--only', 'stream-1,stream-2'], 'There is no workload stream-2. There are: after-pause, '],
  ['bench/index.js', ['tiny', '--clients', 'ourz'], 'There is no client ourz. There are: node-fetch, '],
  ['bench/index.js', ['tiny', '--runs', 'x'], '--runs x is not a number of runs'],
])('%s refuses the unknown name in %j, instead of doing less than it was asked for', async (script, args, message) => {
  const { code, stdout, stderr } = await runNode([script, ...args]);
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(message) });
});

test('npm version writes the version wherever cargo or npm reads it, and stages the files for the commit', () => {
  const git = (...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  const inRoot = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const copied = inRoot('ls-files', '*Cargo.toml', '*Cargo.lock', 'scripts', 'npm', 'package.json', 'lib/bridge/platform.js');
  for (const name of copied) fs.cpSync(path.join(ROOT, name), path.join(folder, name));
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  git('init', '-q');
  git('add', '-A');
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, version: '98.76.54' }));
  execFileSync(process.execPath, ['scripts/version.js'], { cwd: folder });

  const named = new RegExp(`^name = "${manifest.name}"\nversion = "(.+)"`, 'm');
  const versions = copied.map((name) => [name, named.exec(fs.readFileSync(path.join(folder, name), 'utf8'))?.[1]]).filter(([, version]) => version);
  expect(Object.fromEntries(versions)).toEqual({ 'Cargo.toml': '98.76.54', 'Cargo.lock': '98.76.54', 'bench/engine/Cargo.lock': '98.76.54', 'fuzz/Cargo.lock': '98.76.54' });
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'npm', 'darwin-arm64', 'package.json'), 'utf8'));
  expect(version).toBe('98.76.54');
  expect(git('diff', '--name-only').trim()).toBe('package.json');
});

test('a figure that is negative after the cost of the harness was subtracted counts as too small to measure', () => {
  const { TARGETS } = require('../../bench/targets.js');
  const target = TARGETS.find(({ workload, what }) => workload === 'http-200' && what === 'main-thread CPU against node-fetch');
  const measured = (ours, theirs) => {
    const clients = { ours: { mainMs: { median: ours } }, 'node-fetch': { mainMs: { median: theirs } } };
    return target.measure({ workloads: { 'http-200': { clients } } });
  };
  expect(measured(2, 20)).toEqual({ ratio: 2, shown: '1/10' });
  expect(measured(-2, 20)).toEqual({ ratio: Infinity, shown: 'too small to measure' });
  expect(measured(2, -20)).toBeNull();
});
