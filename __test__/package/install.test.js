'use strict';

// Package managers install a release from a registry on this machine.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { platform } = require('../../lib/bridge/platform.js');
const { TARGETS } = require('../../scripts/targets.js');
const { ROOT } = require('../../scripts/tools.js');
const { version } = require('../../package.json');
const { MANAGERS, Project } = require('./install/managers.js');
const { startRegistry } = require('./install/registry.js');
const { makeRelease } = require('./install/release.js');

const HERE = platform();
const OWN = `openrouter-native-${HERE}`;
const ELSEWHERE = HERE.startsWith('darwin') ? ['linux', 'x64'] : ['darwin', 'arm64'];
const LOAD = "console.log(typeof require('openrouter-native').OpenRouterClient)";

let release;
let registry;
let project;
beforeAll(async () => {
  release = makeRelease();
  registry = await startRegistry(release.tarballs);
}, 180_000);
beforeEach(() => registry.fetched());
afterEach(() => project?.remove());
afterAll(() => {
  registry?.close();
  release?.remove();
});

const start = (name) => { project = new Project(name, registry.url, version); };
const loaded = async () => (await project.node('-e', LOAD)).trim();
const failure = async () => (await project.node('-e', `try { ${LOAD} } catch (error) { console.log(error.message) }`)).trim();

/** The platform packages that a package manager fetched. */
const binaries = () => registry.fetched().filter((name) => name.startsWith('openrouter-native-'));

describe.each(Object.entries(MANAGERS))('%s', (name, manager) => {
  beforeEach(() => start(name));

  test('fetches only the binary of this platform, unless the manager always fetches all', async () => {
    await project.install();
    expect(await loaded()).toBe('function');
    expect(binaries()).toEqual(manager.fetchesAll ? TARGETS.map((target) => `openrouter-native-${target.platform}`).sort() : [OWN]);
  });

  test('installs from a lock file that was made on another platform, and needs no script for it', async () => {
    await project.lockElsewhere(...ELSEWHERE);
    expect(binaries()).toContain(`openrouter-native-${ELSEWHERE.join('-')}`);
    await project.installLocked(manager.noScripts);
    expect(await loaded()).toBe('function');
  });

  const withoutOptional = manager.without ? test : test.skip;
  withoutOptional('without optional dependencies the error says what is missing', async () => {
    await project.install(manager.without);
    expect(await failure()).toContain(`could not load its binary, ${OWN}: It is not installed.`);
  });
});

describe('npm/cli#4828: a lock file of npm that lists only the binary of the platform that it was made on', () => {
  test('the error names this cause, and the command that it advises repairs the install', async () => {
    start('npm');
    await project.lockElsewhere(...ELSEWHERE);
    const file = path.join(project.folder, 'package-lock.json');
    const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
    delete lock.packages[`node_modules/${OWN}`];
    fs.writeFileSync(file, JSON.stringify(lock));
    // Older versions of npm skip the missing package; this install has the same result.
    await project.install('--omit=optional');
    const message = await failure();
    expect(message).toContain('so may a lock file made on another platform');

    const [, advised] = /: (npm install --save-optional .+)$/m.exec(message);
    const [, ...args] = advised.split(' ');
    await project.run([...MANAGERS.npm.command, ...args]);
    expect(await loaded()).toBe('function');
    project.empty();
    await project.installLocked();
    expect(await loaded()).toBe('function');
  });
});

describe('scripts/publish.js', () => {
  const publish = async (to) => {
    const { host } = new URL(to.url);
    // npm publishes only with a login; the registry accepts any token.
    const own = { npm_config_registry: to.url, [`npm_config_//${host}/:_authToken`]: 'none', npm_config_cache: path.join(release.folder, 'cache') };
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/publish.js', release.dist], { cwd: ROOT, env: { ...process.env, ...own } });
    return stdout;
  };
  const put = (to) => to.requests.filter((line) => line.startsWith('PUT')).map((line) => line.slice('PUT /'.length));

  test('publishes the platform packages, then the main package, and skips packages that are published already', async () => {
    const names = TARGETS.map((target) => `openrouter-native-${target.platform}`);
    const waiting = names.slice(-2);
    const isWaiting = (file) => [...waiting, 'openrouter-native'].some((name) => path.basename(file) === `${name}-${version}.tgz`);
    const half = await startRegistry(release.tarballs.filter((file) => !isWaiting(file)));
    try {
      expect(await publish(half)).toContain(`${names[0]}@${version} is published already`);
      expect(put(half)).toEqual([...waiting, 'openrouter-native']);
      half.requests.length = 0;
      await publish(half);
      expect(put(half)).toEqual([]);
    } finally {
      half.close();
    }
  }, 120_000);

  test('publishes nothing if a tarball is missing', async () => {
    fs.rmSync(release.tarballs.find((file) => file.includes('win32-arm64')));
    await expect(publish(registry)).rejects.toThrow('has no tarball of openrouter-native-win32-arm64-msvc');
  });
});
