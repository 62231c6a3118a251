'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { platform } = require('../../lib/bridge/platform.js');
const { TARGETS } = require('../../scripts/targets.js');
const { version } = require('../../package.json');
const { fakeCargo } = require('./install/fake-cargo.js');
const { makeRelease } = require('./install/release.js');
const { linksOf } = require('../support/markdown.js');
const { ROOT } = require('../support/process.js');

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Returns the files of a tarball, and its package.json. */
function contentsOf(tarball) {
  const tar = (args) => execFileSync('tar', [args, path.basename(tarball)], { cwd: path.dirname(tarball), encoding: 'utf8', maxBuffer: 2 ** 26 });
  const files = tar('-tzf').trim().split('\n').map((name) => name.replace(/^package\//, '')).sort();
  const manifest = execFileSync('tar', ['-xzOf', path.basename(tarball), 'package/package.json'], { cwd: path.dirname(tarball), encoding: 'utf8' });
  return { files, manifest: JSON.parse(manifest) };
}

const filesIn = (folder) => fs.readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name)).split(path.sep).join('/'));

describe('a release', () => {
  let release;
  let packages;
  beforeAll(() => {
    release = makeRelease();
    packages = new Map(release.tarballs.map((file) => [path.basename(file), contentsOf(file)]));
  }, 180_000);
  afterAll(() => release?.remove());

  const main = () => packages.get(`openrouter-native-${version}.tgz`);

  test('has a tarball for each platform and one for the main package', () => {
    const names = ['', ...TARGETS.map((target) => `-${target.platform}`)].map((end) => `openrouter-native${end}-${version}.tgz`);
    expect([...packages.keys()].sort()).toEqual(names.sort());
  });

  test('has in the main package its code, types and documents, and no binary', () => {
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json'];
    const folders = main().manifest.files.filter((name) => fs.statSync(path.join(ROOT, name)).isDirectory());
    expect(folders).toEqual(expect.arrayContaining(['lib', 'types', 'adapters', 'cli', 'emulator', 'ui/dist']));
    expect(main().files).toEqual(expect.arrayContaining(['ui/dist/index.mjs', 'ui/dist/page.html', 'ui/dist/page.js', 'ui/dist/THIRD-PARTY-LICENSES.md', 'ui/index.d.ts']));
    expect(main().files).toEqual([...new Set([...documents, ...folders.flatMap(filesIn), ...main().manifest.files.filter((name) => !folders.includes(name))])].sort());
    // Operators run this script in LibreChat's folder, which has the package only.
    const scripts = ['scripts/validate-openrouter-deployment.sh'];
    expect(main().files.filter((name) => /\.node$|\.test\.|^(src|native|scripts|__test__)\//.test(name))).toEqual(scripts);
  });

  test('has in the main package each file to which one of its pages links, so that the links work in node_modules', () => {
    const pages = main().files.filter((name) => name.endsWith('.md'));
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'SECURITY.md', 'docs/README.md', 'examples/README.md', 'emulator/README.md']));
    const links = pages.flatMap((page) => linksOf(page).map(({ file }) => `${page} links to ${file}`));
    expect(links.length).toBeGreaterThan(50);
    const isThere = (target) => main().files.some((name) => name === target || name.startsWith(`${target}/`));
    expect(links.filter((link) => !isThere(link.split(' links to ')[1]))).toEqual([]);
  });

  test('has each platform package as an optional dependency in exactly its own version', () => {
    const { optionalDependencies } = main().manifest;
    expect(optionalDependencies).toEqual(Object.fromEntries(TARGETS.map((target) => [`openrouter-native-${target.platform}`, version])));
  });

  test('has one dependency: the parser that the command needs', () => {
    expect(Object.keys(main().manifest.dependencies)).toEqual(['commander']);
  });

  test('has no scripts and no development dependencies in any package', () => {
    for (const { manifest } of packages.values()) {
      expect(manifest).not.toHaveProperty('scripts');
      expect(manifest).not.toHaveProperty('devDependencies');
      expect(manifest).not.toHaveProperty('jest');
    }
  });

  test.each(TARGETS)('has in $platform the binary and the licences, for that platform only', ({ platform: name, os: system, cpu, libc }) => {
    const { files, manifest } = packages.get(`openrouter-native-${name}-${version}.tgz`);
    const binary = `openrouter-native.${name}.node`;
    expect(files).toEqual(['LICENSE', 'README.md', 'THIRD-PARTY-LICENSES.md', binary, 'package.json']);
    expect(manifest).toMatchObject({ name: `openrouter-native-${name}`, version, main: binary, license: 'MIT', os: [system], cpu: [cpu] });
    expect(manifest.libc).toEqual(libc && [libc]);
    expect(manifest.engines).toEqual(main().manifest.engines);
    expect(manifest.repository).toEqual(main().manifest.repository);
  });
});

describe('the repository in package.json', () => {
  const { mainManifest, origin } = require('../../scripts/manifests.js');
  const saved = { ...process.env };
  afterEach(() => { process.env = { ...saved }; });

  test('is that of the publishing workflow, because npm refuses provenance otherwise', () => {
    Object.assign(process.env, { GITHUB_SERVER_URL: 'https://git.example', GITHUB_REPOSITORY: 'somebody/something' });
    const expected = {
      repository: { type: 'git', url: 'git+https://git.example/somebody/something.git' },
      homepage: 'https://git.example/somebody/something#readme',
      bugs: { url: 'https://git.example/somebody/something/issues' },
    };
    expect(origin()).toEqual(expected);
    expect(mainManifest([])).toMatchObject(expected);
  });
});

test('the folders in npm/ are what the version script writes', () => {
  const { writeNpmFolders } = require('../../scripts/npm-folders.js');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-'));
  writeNpmFolders(folder);
  const written = fs.readdirSync(folder, { recursive: true }).sort();
  expect(fs.readdirSync(path.join(ROOT, 'npm'), { recursive: true }).sort()).toEqual(written);
  for (const name of written.filter((one) => path.extname(one) !== '')) {
    expect(fs.readFileSync(path.join(ROOT, 'npm', name), 'utf8')).toBe(fs.readFileSync(path.join(folder, name), 'utf8'));
  }
  fs.rmSync(folder, { recursive: true });
});

test('Cargo.toml has the version of the package, because the addon contains it', () => {
  const [, theirs] = /^version = "(.+)"$/m.exec(fs.readFileSync(path.join(ROOT, 'Cargo.toml'), 'utf8'));
  expect(theirs).toBe(version);
});

describe('THIRD-PARTY-LICENSES.md', () => {
  const { licensesOf } = require('../../scripts/licenses.js');

  test('has a text for each crate that is linked into the binary, and none for crates that only build it', () => {
    const text = licensesOf('x86_64-unknown-linux-musl');
    const headings = text.split('\n').filter((line) => line.startsWith('## ')).join('\n');
    for (const name of ['Rust standard library', 'reqwest', 'rustls', 'ring', 'napi', 'tokio', 'zstd-sys']) expect(headings).toMatch(new RegExp(`\\b${name}\\b`));
    for (const name of ['napi-build', 'serde_derive', 'proptest', 'cc', 'windows-sys']) expect(headings).not.toMatch(new RegExp(`(## |, )${name} `));
    expect(text).not.toMatch(/<(year|owner|copyright holders)>/);
  });
});

describe('npm run package', () => {
  let folder;
  let dist;
  const FOREIGN = ['notes.md', 'openrouter-native.tgz', 'other-1.0.0.tgz'];
  const EARLIER = ['openrouter-native-0.0.1.tgz', 'openrouter-native-linux-x64-gnu-0.0.1.tgz'];
  const inFolder = (command, args) => execFileSync(command, args, { cwd: folder, encoding: 'utf8' });

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-'));
    dist = path.join(folder, 'dist');
    fs.mkdirSync(dist);
    for (const name of [...FOREIGN, ...EARLIER]) fs.writeFileSync(path.join(dist, name), name);
    execFileSync(process.execPath, ['scripts/package.js', '--dist', dist], { cwd: ROOT, stdio: 'pipe' });
    fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  }, 120_000);
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('deletes earlier tarballs from its folder, and nothing else', () => {
    expect(fs.readdirSync(dist)).toEqual(expect.arrayContaining(FOREIGN));
    expect(fs.readdirSync(dist).filter((name) => EARLIER.includes(name))).toEqual([]);
  });

  test('makes the tarballs of this platform and the main package, which install without a registry', () => {
    const tarballs = fs.readdirSync(dist).filter((name) => !FOREIGN.includes(name));
    expect(tarballs.sort()).toEqual([`openrouter-native-${version}.tgz`, `openrouter-native-${platform()}-${version}.tgz`].sort());
    // Name every tarball, also that of the only dependency, so that npm needs no registry.
    const [{ filename }] = JSON.parse(inFolder(npm, ['pack', '--json', path.join(ROOT, 'node_modules', 'commander')]));
    inFolder(npm, ['install', '--offline', '--no-audit', '--no-fund', path.join(folder, filename), ...tarballs.map((name) => path.join(dist, name))]);
    const { optionalDependencies } = JSON.parse(fs.readFileSync(path.join(folder, 'node_modules', 'openrouter-native', 'package.json'), 'utf8'));
    expect(optionalDependencies).toEqual({ [`openrouter-native-${platform()}`]: version });
  });

  test('installs the command, which chats with the emulator', () => {
    const command = path.join(folder, 'node_modules', '.bin', process.platform === 'win32' ? 'openrouter-native.cmd' : 'openrouter-native');
    expect(inFolder(command, ['chat', '--emulator', '/emulate text="packed"'])).toBe('packed\n');
  });

  test('installs the client, which chats with the emulator', () => {
    const script = `
      const { startEmulator } = require(${JSON.stringify(path.join(ROOT, 'emulator'))});
      const { OpenRouterClient } = require('openrouter-native');
      (async () => {
        const emulator = await startEmulator();
        const client = new OpenRouterClient('sk-or-v1-package', { baseURL: emulator.baseURL });
        const request = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { text: 'packed' } };
        const stream = await client.chatCompletion({ ...request, stream: true });
        for await (const text of stream.text()) process.stdout.write(text);
        await emulator.close();
      })();`;
    expect(inFolder(process.execPath, ['-e', script])).toBe('packed');
  });
});

const onUnix = process.platform === 'win32' ? describe.skip : describe;

onUnix('an install from git', () => {
  let folder;
  let env;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.homedir(), '.openrouter-native-git-'));
    const bin = path.join(folder, 'bin');
    fs.mkdirSync(bin);
    fakeCargo(bin, path.join(ROOT, 'native', `openrouter-native.${platform()}.node`));
    env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** Runs `scripts/prepare.js` in this folder; returns its output. */
  const prepare = (place, history = ['.git']) => {
    const root = path.join(folder, place);
    for (const name of ['lib/bridge', 'scripts', ...history]) fs.mkdirSync(path.join(root, name), { recursive: true });
    for (const name of ['scripts/prepare.js', 'scripts/tools.js', 'lib/bridge/platform.js']) fs.copyFileSync(path.join(ROOT, name), path.join(root, name));
    // The folder has no development dependencies, with which the interface is bundled.
    fs.writeFileSync(path.join(root, 'scripts', 'ui.js'), "module.exports.ensureInterface = () => console.log('the interface is built');");
    return execFileSync(process.execPath, [path.join(root, 'scripts', 'prepare.js')], { encoding: 'utf8', env });
  };

  test.each(['_cacache/tmp/git-clone4fZx1a', '.tmpq07e1Y', 'yarn/v6/.tmp/defdc0a3.prepare', 'xfs-1a2b3c4d'])('builds in %s', (place) => {
    const output = prepare(place);
    expect(output).toContain('cargo rustc --release --lib --crate-type cdylib --locked --target here');
    expect(output).toContain('the interface is built');
  });

  test('builds without a .git folder, which some package managers remove', () => expect(prepare('store', [])).toContain('cargo rustc'));

  test('builds nothing in a checkout, where npm run build does', () => expect(prepare('projects/openrouter-native')).toBe(''));

  test('by npm builds the binary and the interface, and installs both', () => {
    const repository = path.join(folder, 'repository');
    const git = (...args) => execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args], { cwd: repository, stdio: 'pipe' });
    for (const name of ['lib', 'types', 'adapters', 'scripts', 'index.js', 'index.d.ts', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
      fs.cpSync(path.join(ROOT, name), path.join(repository, name), { recursive: true });
    }
    // The bundler of the interface is a development dependency, so this stands in for it: what it writes must be installed, too.
    fs.writeFileSync(path.join(repository, 'scripts', 'ui.js'), `module.exports.ensureInterface = () => {
      require('node:fs').mkdirSync('ui/dist', { recursive: true });
      require('node:fs').writeFileSync('ui/dist/index.mjs', 'export {};');
    };`);
    // Leave out the dependencies that the build does not need: npm installs all of them for a git dependency.
    fs.writeFileSync(path.join(repository, 'package.json'), JSON.stringify({ ...require('../../package.json'), devDependencies: {}, dependencies: {} }));
    for (const args of [['init', '-q'], ['add', '-A'], ['commit', '-qm', 'All']]) git(...args);

    const app = path.join(folder, 'app');
    fs.mkdirSync(app);
    fs.writeFileSync(path.join(app, 'package.json'), '{"private":true}');
    execFileSync(npm, ['install', '--no-audit', '--no-fund', `git+file://${repository}`], { cwd: app, env, stdio: 'pipe' });
    const script = "console.log(typeof require('openrouter-native').getStats)";
    expect(execFileSync(process.execPath, ['-e', script], { cwd: app, encoding: 'utf8' }).trim()).toBe('function');
    expect(fs.existsSync(path.join(app, 'node_modules', 'openrouter-native', 'ui', 'dist', 'index.mjs'))).toBe(true);
  }, 120_000);
});
