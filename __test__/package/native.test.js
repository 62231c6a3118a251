'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { version } = require('../../package.json');
const { PLATFORMS } = require('../../lib/bridge/packages.js');
const { platform } = require('../../lib/bridge/platform.js');
const { TARGETS } = require('../../scripts/targets.js');
const { runNode } = require('../support/process.js');

const ROOT = path.join(__dirname, '..', '..');
const HERE = platform();
const ADDON = path.join(ROOT, 'native', `openrouter-native.${HERE}.node`);
const onLinux = process.platform === 'linux' ? describe : describe.skip;

/** An installed main package without its binary, and what else is put beside it. */
let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-loader-'));
  for (const name of ['package.json', 'index.js', 'lib']) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, 'node_modules', 'openrouter-native', name), { recursive: true });
  }
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Puts a platform package with this file as its binary beside it. */
function install(name, file) {
  const home = path.join(folder, 'node_modules', `openrouter-native-${name}`);
  fs.mkdirSync(home);
  fs.writeFileSync(path.join(home, 'package.json'), JSON.stringify({ name: `openrouter-native-${name}`, main: 'addon.node' }));
  if (file) fs.copyFileSync(file, path.join(home, 'addon.node'));
}

/** What `require` of it does: the error's fields, or its exports' names. */
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

test('each published platform has its package named, and no other has', () => {
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

describe('an error that helps (I1, I2)', () => {
  test('where the binary is not installed: the platform, the Node, and how to get it', async () => {
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

  test('where node_modules came from another platform, it names that one', async () => {
    const other = PLATFORMS.find((one) => one !== HERE);
    install(other, ADDON);
    expect((await load()).message).toContain(`Installed is openrouter-native-${other}: node_modules, or the lock file, was made on another platform.`);
  });

  test("where the binary is broken, the system's own words come first", async () => {
    const broken = path.join(folder, 'broken.node');
    fs.writeFileSync(broken, 'not a library');
    install(HERE, broken);
    const { message, cause } = await load();
    expect(cause).toBeTruthy();
    expect(message.split('\n')[0]).toBe(`openrouter-native could not load its binary, openrouter-native-${HERE}: ${cause.split('\n')[0]}`);
  });

  test('where the binary is of another version, both are named', async () => {
    install(HERE, ADDON);
    const manifest = path.join(folder, 'node_modules', 'openrouter-native', 'package.json');
    fs.writeFileSync(manifest, JSON.stringify({ ...JSON.parse(fs.readFileSync(manifest, 'utf8')), version: '9.9.9' }));
    const { message } = await load();
    expect(message).toContain(`It is of version ${version}, openrouter-native of 9.9.9.`);
    expect(message).toContain('npm install openrouter-native@9.9.9');
  });

  test('where the platform has no binary, it says which have, and how to build one', async () => {
    const { message } = await load({ before: "Object.defineProperty(process, 'arch', { value: 'riscv64' })" });
    expect(message).toContain('There is no such package.');
    expect(message).toContain(`There are binaries for ${PLATFORMS.join(', ')}.`);
    expect(message).toContain('To build it from source');
  });
});

describe('OPENROUTER_NATIVE_LIBRARY_PATH', () => {
  test('names the binary to load, before all others', async () => {
    const broken = path.join(folder, 'broken.node');
    fs.writeFileSync(broken, 'not a library');
    install(HERE, broken);
    expect((await load({ env: { OPENROUTER_NATIVE_LIBRARY_PATH: ADDON } })).names).toContain('OpenRouterClient');
  });

  test('is not passed over where its file cannot be loaded', async () => {
    install(HERE, ADDON);
    const file = path.join(folder, 'absent.node');
    const { message } = await load({ env: { OPENROUTER_NATIVE_LIBRARY_PATH: file } });
    expect(message).toContain(`OPENROUTER_NATIVE_LIBRARY_PATH=${file}: `);
    expect(message).toContain('Correct the variable');
  });
});

onLinux('the C library is that of this Node, whatever else the machine has (I3)', () => {
  const { arch } = process;
  /** The platform that a Node whose file begins like this one's would see. */
  const seen = (loader, options = []) => {
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
  ])('%s is %s', (loader, libc) => expect(seen(loader)).toBe(`linux-${arch}-${libc}`));

  test('a file that names no loader: Node itself is asked', () => expect(seen('')).toBe(HERE));

  test('no program is started, and the report is left as it was', async () => {
    const { stdout } = await runNode(['-e', `
      const { ChildProcess } = require('node:child_process');
      ChildProcess.prototype.spawn = () => { throw new Error('started a program'); };
      Object.defineProperty(process, 'execPath', { value: '/nowhere' });
      const before = process.report.excludeNetwork;
      console.log(require(${JSON.stringify(path.join(ROOT, 'lib', 'bridge', 'platform.js'))}).platform(), process.report.excludeNetwork === before);`]);
    expect(stdout.trim()).toBe(`${HERE} true`);
  });
});
