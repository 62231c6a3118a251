'use strict';

// The commands by which LibreChat's guide for OpenRouter tests a deployment do what their names say.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { apiTestArguments } = require('../../scripts/api-tests.js');
const { follow } = require('../support/command.js');
const { environmentWith } = require('../support/environment.js');
const { ROOT, runNode } = require('../support/process.js');

const SCRIPT = path.join(ROOT, 'scripts', 'validate-openrouter-deployment.sh');
const KEY = 'sk-or-v1-limit-canary-0123456789';
const NAMES = ['addon', 'key', 'environment', 'network', 'proxy', 'tls', 'models', 'clock', 'credits', 'zdr', 'chat', 'fallback', 'retention'];

describe('npm run test:api', () => {
  const filesOf = (...args) => {
    const all = apiTestArguments(args);
    return all.slice(all.indexOf('--runTestsByPath') + 1);
  };

  test('has the tests of each adapter, and no other', () => {
    const folders = new Set(filesOf().map((file) => path.dirname(file)));
    expect([...folders].sort()).toEqual(['__test__/express', '__test__/handler', '__test__/langchain', '__test__/librechat']);
    for (const file of filesOf()) expect(fs.existsSync(path.join(ROOT, file))).toBe(true);
  });

  test.each([
    [['--testPathPattern=openrouter'], filesOf()],
    [['--testPathPatterns=openrouter'], filesOf()],
    [['--testPathPattern', 'OpenRouter'], filesOf()],
    [['--testPathPattern=librechat/agents.test'], ['__test__/librechat/agents.test.js']],
    [['--testPathPattern=express/body', '--testPathPattern=langchain/tools'], ['__test__/express/body.test.js', '__test__/langchain/tools.test.js']],
  ])('%j runs the tests whose path it matches', (args, files) => {
    expect(filesOf(...args)).toEqual(files);
  });

  test('passes other options on to Jest', () => {
    expect(apiTestArguments(['--bail', '--testPathPattern=express/body', '-t', 'JSON'])).toEqual(['--bail', '-t', 'JSON', '--runTestsByPath', '__test__/express/body.test.js']);
  });

  test('with a pattern that matches nothing fails, and lists the tests that there are', async () => {
    const { code, stdout, stderr } = await runNode(['scripts/test.js', '--api', '--testPathPattern=nothing-of-this-name']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^No test of an adapter matches nothing-of-this-name\. There are:\n(__test__\/\S+\n)+$/);
  });

  test('is what the command of the guide runs', () => {
    expect(require('../../package.json').scripts['test:api']).toBe('node scripts/test.js --api');
  });
});

(process.platform === 'win32' ? describe.skip : describe)('validate-openrouter-deployment.sh', () => {
  let folder;
  let emulator;
  beforeAll(async () => { emulator = await startEmulator({ showKeys: true }); });
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-deployment-'));
    emulator.reset();
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));
  afterAll(() => emulator.close());

  const run = (script, args = [], env = {}) => follow(spawn('sh', [script, ...args], { cwd: folder, env: environmentWith(env) })).ended;
  const linesOf = ({ stdout }) => stdout.trimEnd().split('\n').map((line) => line.split(/ +/, 2));

  test('with --emulator prints one line for each check, and exits with 0', async () => {
    const shown = await run(SCRIPT, ['--emulator']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(shown)).toEqual(NAMES.map((name) => ['OK', name]));
  });

  // The names of the fork and of upstream's librechat.example.yaml.
  test.each(['OPENROUTER_API_KEY', 'OPENROUTER_KEY'])('reads the .env file of the folder, in which LibreChat has its key as %s', async (name) => {
    fs.writeFileSync(path.join(folder, '.env'), `${name}="${KEY}"\nOPENROUTER_BASE_URL=${emulator.baseURL}\n`);
    const shown = await run(SCRIPT);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(shown)).toEqual(NAMES.map((name) => ['OK', name]));
    expect(shown.stdout).not.toContain('canary');
    const chats = emulator.requests.filter(({ path: url }) => url.endsWith('/chat/completions'));
    expect(new Set(chats.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]));
  });

  test('exits with 1 where a check failed, and says what to do', async () => {
    const shown = await run(SCRIPT, [], { OPENROUTER_API_KEY: 'sk-or-v1-broke', OPENROUTER_BASE_URL: emulator.baseURL });
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/^FAIL {2}chat .*\n +→ Buy credits at /m);
    expect(shown.stdout).toMatch(/^SKIP {2}retention /m);
  });

  test.each(['node_modules', 'api/node_modules', 'packages/api/node_modules'])('a copy in the scripts of LibreChat finds the package in %s', async (modules) => {
    const copy = path.join(folder, 'scripts', path.basename(SCRIPT));
    fs.mkdirSync(path.dirname(copy));
    fs.copyFileSync(SCRIPT, copy);
    fs.mkdirSync(path.join(folder, modules), { recursive: true });
    fs.symlinkSync(ROOT, path.join(folder, modules, 'openrouter-native'));
    expect(await run(copy, ['--emulator'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('where the package is not installed says how to install it', async () => {
    const copy = path.join(folder, path.basename(SCRIPT));
    fs.copyFileSync(SCRIPT, copy);
    expect(await run(copy)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('npm install openrouter-native --workspace api') });
  });
});
