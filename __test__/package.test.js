'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const DIST = path.join(ROOT, 'dist');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

describe('npm run package', () => {
  let folder;
  let tarballs;
  const inFolder = (command, args) => execFileSync(command, args, { cwd: folder, encoding: 'utf8' });

  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/package.js'], { cwd: ROOT, stdio: 'pipe' });
    tarballs = fs.readdirSync(DIST).map((name) => path.join(DIST, name));
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-'));
    fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
    // All tarballs are named, that of the one dependency too, so that nothing has to be asked of a registry.
    const [{ filename }] = JSON.parse(inFolder(npm, ['pack', '--json', path.join(ROOT, 'node_modules', 'commander')]));
    inFolder(npm, ['install', '--offline', '--no-audit', '--no-fund', path.join(folder, filename), ...tarballs]);
  }, 120_000);

  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('makes a tarball of the main package and one of this platform, and nothing else', () => {
    const version = require('../package.json').version;
    expect(tarballs.map((file) => path.basename(file)).sort()).toEqual([
      `openrouter-native-${version}.tgz`,
      expect.stringMatching(new RegExp(`^openrouter-native-[a-z0-9-]+-${version}\\.tgz$`)),
    ]);
  });

  test('ships what the package needs and nothing of how it is made', () => {
    const installed = path.join(folder, 'node_modules', 'openrouter-native');
    const files = fs.readdirSync(installed).sort();
    expect(files).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'adapters', 'cli', 'emulator', 'index.d.ts', 'index.js', 'lib', 'native', 'package.json']);
    expect(fs.readdirSync(path.join(installed, 'native')).sort()).toEqual(['index.d.ts', 'index.js']);
    const manifest = JSON.parse(fs.readFileSync(path.join(installed, 'package.json'), 'utf8'));
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(Object.keys(manifest.dependencies)).toEqual(['commander']);
    const [[name, version]] = Object.entries(manifest.optionalDependencies);
    expect(version).toBe(manifest.version);
    expect(fs.readdirSync(path.join(folder, 'node_modules', name))).toEqual(
      expect.arrayContaining([expect.stringMatching(/\.node$/), 'package.json']),
    );
  });

  test.each([
    ['require', ['-e', "console.log(typeof require('openrouter-native').OpenRouterClient)"]],
    [
      'import',
      ['--input-type=module', '-e', "import { OpenRouterClient } from 'openrouter-native'; console.log(typeof OpenRouterClient)"],
    ],
  ])('can be used by %s where both are installed', (_how, args) => {
    expect(inFolder(process.execPath, args).trim()).toBe('function');
  });

  test('brings the command, which chats with the emulator', () => {
    const command = path.join(folder, 'node_modules', '.bin', process.platform === 'win32' ? 'openrouter-native.cmd' : 'openrouter-native');
    expect(inFolder(command, ['chat', '--emulator', '/emulate text="packed"'])).toBe('packed\n');
  });

  test('chats from there with the emulator', () => {
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
