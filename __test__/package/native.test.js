'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { version } = require('../../package.json');
const { PLATFORMS } = require('../../lib/bridge/packages.js');
const { platform } = require('../../lib/bridge/platform.js');
const { TARGETS } = require('../../scripts/targets.js');
const { ROOT, runNode } = require('../support/process.js');

const HERE = platform();
const ADDON = path.join(ROOT, 'native', `openrouter-native.${HERE}.node`);
const onLinux = process.platform === 'linux' ? describe : describe.skip;

/** A folder in which the main package is installed without its binary. */
let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-loader-'));
  for (const name of ['package.json', 'index.js', 'lib']) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, 'node_modules', 'openrouter-native', name), { recursive: true });
  }
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Installs a platform package beside the main package, with this file as its binary. */
function install(name, file) {
  const home = path.join(folder, 'node_modules', `openrouter-native-${name}`);
  fs.mkdirSync(home);
  fs.writeFileSync(path.join(home, 'package.json'), JSON.stringify({ name: `openrouter-native-${name}`, main: 'addon.node' }));
  if (file) fs.copyFileSync(file, path.join(home, 'addon.node'));
}

/** Loads the package in a child process; returns the fields of the error, or the names of the exports. */
async function load({ env = {}, before = '' } = {}) {
  const { stdout, stderr } = await runNode(['-e', `
    ${before};
    const { createRequire } = require('node:module');
    try {
      console.log(JSON.stringify({ names: Object.keys(createRequire(${JSON.stringify(`${folder}/x.js`)})('openrouter-native')) }));
    } catch ({ message, code, platform, cause }) {
      console.log(JSON.stringify({ message, code, platform, cause: cause?.message }));
    }`], { env });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('the loader names the package of each published platform, and no other', () => {
  expect(PLATFORMS).toEqual(TARGETS.map((target) => target.platform));
  const text = fs.readFileSync(path.join(ROOT, 'lib', 'bridge', 'packages.js'), 'utf8');
  const named = [...text.matchAll(/case '([^']+)': return require\('openrouter-native-([^']+)'\)/g)];
  expect(named.map(([, one]) => one)).toEqual(PLATFORMS);
  expect(named.map(([, , one]) => one)).toEqual(PLATFORMS);
});

test('the package of this platform is loaded', async () => {
  install(HERE, ADDON);
  expect((await load()).names).toContain('OpenRouterClient');
});

describe('the error of a failed load', () => {
  test('has the platform, the Node version and the remedy if the binary is not installed', async () => {
    const { message, code, platform: named } = await load();
    expect({ code, named }).toEqual({ code: 'ERR_OPENROUTER_NATIVE', named: HERE });
    expect(message.split('\n')).toEqual([
      `openrouter-native could not load its binary, openrouter-native-${HERE}: It is not installed.`,
      `This is openrouter-native ${version} on ${HERE}, Node.js ${process.versions.node}.`,
      expect.stringContaining('--omit=optional'),
      expect.stringContaining('Delete node_modules and the lock file'),
      expect.stringContaining(`npm install --save-optional openrouter-native-${HERE}@${version}`),
      expect.stringContaining('OPENROUTER_NATIVE_LIBRARY_PATH'),
    ]);
  });

  test('names the other platform if node_modules was made there', async () => {
    const other = PLATFORMS.find((one) => one !== HERE);
    install(other, ADDON);
    expect((await load()).message).toContain(`Installed is openrouter-native-${other}: node_modules, or the lock file, was made on another platform.`);
  });

  test('begins with the message of the system if the binary is broken', async () => {
    const broken = path.join(folder, 'broken.node');
    fs.writeFileSync(broken, 'not a library');
    install(HERE, broken);
    const { message, cause } = await load();
    expect(cause).toBeTruthy();
    expect(message.split('\n')[0]).toBe(`openrouter-native could not load its binary, openrouter-native-${HERE}: ${cause.split('\n')[0]}`);
  });

  test('names both versions if the binary has another one', async () => {
    install(HERE, ADDON);
    const manifest = path.join(folder, 'node_modules', 'openrouter-native', 'package.json');
    fs.writeFileSync(manifest, JSON.stringify({ ...JSON.parse(fs.readFileSync(manifest, 'utf8')), version: '9.9.9' }));
    const { message } = await load();
    expect(message).toContain(`It is of version ${version}, openrouter-native of 9.9.9.`);
    expect(message).toContain('npm install openrouter-native@9.9.9');
  });

  test('lists the platforms with a binary if this one has none, and how to build one', async () => {
    const { message } = await load({ before: "Object.defineProperty(process, 'arch', { value: 'riscv64' })" });
    expect(message).toContain('There is no such package.');
    expect(message).toContain(`There are binaries for ${PLATFORMS.join(', ')}.`);
    expect(message).toContain('To build it from source');
  });
});

describe('OPENROUTER_NATIVE_LIBRARY_PATH', () => {
  test('names the binary to load instead of any other', async () => {
    const broken = path.join(folder, 'broken.node');
    fs.writeFileSync(broken, 'not a library');
    install(HERE, broken);
    expect((await load({ env: { OPENROUTER_NATIVE_LIBRARY_PATH: ADDON } })).names).toContain('OpenRouterClient');
  });

  test('is not ignored if its file cannot be loaded', async () => {
    install(HERE, ADDON);
    const file = path.join(folder, 'absent.node');
    const { message } = await load({ env: { OPENROUTER_NATIVE_LIBRARY_PATH: file } });
    expect(message).toContain(`OPENROUTER_NATIVE_LIBRARY_PATH=${file}: `);
    expect(message).toContain('Correct the variable');
  });
});

onLinux('the C library is detected from this Node, not from the machine', () => {
  const { arch } = process;
  /** Returns the platform that is detected for a Node executable that names this loader. */
  const platformFor = (loader, options = []) => {
    const file = path.join(folder, 'node');
    fs.writeFileSync(file, Buffer.concat([Buffer.from('\u007fELF'), Buffer.alloc(500), Buffer.from(loader), Buffer.alloc(9000)]));
    const script = `Object.defineProperty(process, 'execPath', { value: ${JSON.stringify(file)} }); console.log(require(${JSON.stringify(path.join(ROOT, 'lib', 'bridge', 'platform.js'))}).platform())`;
    return execFileSync(process.execPath, [...options, '-e', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  };

  test.each([
    ['/lib64/ld-linux-x86-64.so.2', 'gnu'],
    ['/lib/ld-linux-aarch64.so.1', 'gnu'],
    ['/nix/store/0a-glibc-2.40/lib/ld-linux-x86-64.so.2', 'gnu'],
    ['/lib/ld-musl-x86_64.so.1', 'musl'],
    ['/lib/ld-musl-aarch64.so.1', 'musl'],
  ])('%s is %s', (loader, libc) => expect(platformFor(loader)).toBe(`linux-${arch}-${libc}`));

  test('from the report of Node if its executable names no loader', () => expect(platformFor('')).toBe(HERE));

  test('without starting a program, and the settings of the report stay as they were', async () => {
    const { stdout } = await runNode(['-e', `
      const { ChildProcess } = require('node:child_process');
      ChildProcess.prototype.spawn = () => { throw new Error('started a program'); };
      Object.defineProperty(process, 'execPath', { value: '/nowhere' });
      const before = process.report.excludeNetwork;
      console.log(require(${JSON.stringify(path.join(ROOT, 'lib', 'bridge', 'platform.js'))}).platform(), process.report.excludeNetwork === before);`]);
    expect(stdout.trim()).toBe(`${HERE} true`);
  });
});
