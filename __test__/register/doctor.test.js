'use strict';

// `openrouter-native doctor --register PROGRAM` says whether `openrouter-native/register` would take hold of a program.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { run } = require('../support/command.js');
const { REGISTER } = require('./support/register.js');

let folder;
beforeEach(() => { folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-doctor-'))); });
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function write(files) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
}
const installed = (name, version, dependencies = {}) => ({ [`node_modules/${name}/package.json`]: { name, version, dependencies } });

/** The checks of a program by their names, and the exit status. */
async function checksOf(program, env = { NODE_OPTIONS: `--require ${REGISTER}` }) {
  const { code, stdout, stderr } = await run(['doctor', '--register', path.join(folder, program), '--json'], { env });
  expect(stderr).toBe('');
  const { ok, checks } = JSON.parse(stdout);
  expect(code).toBe(ok ? 0 : 1);
  return { ok, ...Object.fromEntries(checks.map(({ name, ...check }) => [name, check])) };
}

test('a program that sends its requests by fetch, with NODE_OPTIONS in its environment', async () => {
  write({ 'app.mjs': "import OpenAI from 'openai';\nimport './lib/a.js';", 'lib/a.ts': "export { b } from 'undici';", ...installed('openai', '7.0.0'), ...installed('undici', '7.1.0') });
  const checks = await checksOf('app.mjs', { NODE_OPTIONS: `--require ${REGISTER}`, OPENROUTER_ZDR: 'true' });
  expect(checks).toMatchObject({
    ok: true,
    settings: { status: 'ok', message: 'OPENROUTER_ZDR' },
    program: { status: 'ok', message: path.join(folder, 'app.mjs') },
    NODE_OPTIONS: { status: 'ok' },
    'takes hold': { status: 'ok', message: `in Node ${process.versions.node}, started in ${folder}` },
    clients: { status: 'ok', message: "Node's fetch, undici 7.1.0" },
  });
});

test('without NODE_OPTIONS it says what to set, and has tried it', async () => {
  write({ 'app.js': '' });
  expect(await checksOf('app.js', {})).toMatchObject({
    ok: true,
    NODE_OPTIONS: { status: 'warning', advice: `Set it where the program is started: export NODE_OPTIONS="--require ${REGISTER}"` },
    'takes hold': { status: 'ok', message: expect.stringContaining('it will, with NODE_OPTIONS as above') },
  });
});

test.each([
  ['axios', '1.7.0', 'axios: set its adapter to fetch'],
  ['got', '14.0.0', 'got'],
  ['node-fetch', '3.3.2', 'node-fetch 3: use'],
  ['superagent', '9.0.0', 'superagent'],
])('%s is a client that cannot be taken, also of a dependency', async (name, version, shown) => {
  write({ 'app.js': `const client = require('${name}');`, ...installed(name, version) });
  expect((await checksOf('app.js')).clients).toMatchObject({ status: 'warning', message: expect.stringContaining(`not taken: ${shown}`), advice: expect.stringContaining('must be sent by fetch') });
  write({ 'app.js': "await import('outer');", ...installed('outer', '1.0.0', { inner: '1' }), ...installed('inner', '1.0.0', { [name]: '1' }) });
  expect((await checksOf('app.js')).clients.message).toContain(' (by way of outer and inner)');
});

test('node-fetch 2 can be taken; node:https cannot', async () => {
  write({ 'app.js': "require('node-fetch');", ...installed('node-fetch', '2.7.0') });
  expect((await checksOf('app.js')).clients).toMatchObject({ status: 'ok', message: "Node's fetch, node-fetch 2.7.0" });
  write({ 'app.js': "const https = require('https');" });
  expect((await checksOf('app.js')).clients).toMatchObject({ status: 'warning', message: 'not taken: node:https' });
});

test('a script of package.json that sets NODE_OPTIONS itself', async () => {
  write({ 'package.json': { main: 'app.js', scripts: { start: 'cross-env NODE_OPTIONS=--max-old-space-size=4096 node app.js' } }, 'app.js': '' });
  expect((await checksOf('.')).NODE_OPTIONS).toMatchObject({ status: 'warning', message: expect.stringContaining('the scripts start of package.json set NODE_OPTIONS') });
});

test('an older Node, a wrong setting, and no program', async () => {
  write({ 'app.js': '', '.nvmrc': 'v18.20.0\n' });
  expect((await checksOf('app.js')).program).toMatchObject({ status: 'warning', message: `${folder} asks for Node v18.20.0` });
  expect(await checksOf('app.js', { OPENROUTER_ZRD: 'true' })).toMatchObject({
    ok: false,
    settings: { status: 'failed', message: 'OPENROUTER_ZRD is no setting. Did you mean OPENROUTER_ZDR?' },
    'takes hold': { status: 'skipped' },
  });
  expect(await checksOf('none.js')).toMatchObject({ ok: false, program: { status: 'failed' }, clients: { status: 'skipped' } });
});

test('a name in NODE_OPTIONS that is not found from the folder of the program', async () => {
  write({ 'app.js': '' });
  expect((await checksOf('app.js', { NODE_OPTIONS: '--require openrouter-native/register' }))['takes hold']).toMatchObject({
    status: 'failed',
    message: `Node does not find the module of NODE_OPTIONS from ${folder}`,
    advice: expect.stringContaining(REGISTER),
  });
});

test('a program that imports itself, or more than it has, is read to its end', async () => {
  write({ 'app.js': "require('./app.js'); require('./none.js'); require('none');", ...installed('none2', '1.0.0', { none2: '1' }) });
  expect((await checksOf('app.js')).clients).toMatchObject({ status: 'ok' });
});

test('without --json it prints a line for each check', async () => {
  write({ 'app.js': '' });
  const { stdout, code } = await run(['doctor', '--register', path.join(folder, 'app.js')], { env: { NODE_OPTIONS: `--require ${REGISTER}` } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^OK {4}takes hold {3}in Node /m);
});
