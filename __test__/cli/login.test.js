'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { run, start } = require('../support/command.js');
const { until } = require('../support/until.js');

const isWindows = process.platform === 'win32';

let emulator;
let folder;
let env;
let file;
beforeAll(async () => { emulator = await startEmulator({ showKeys: true }); });
beforeEach(() => {
  emulator.reset();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-login-'));
  file = path.join(folder, 'openrouter-native', 'key');
  env = { OPENROUTER_BASE_URL: emulator.baseURL, XDG_CONFIG_HOME: folder };
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
afterAll(() => emulator.close());

/** Starts a login, and goes through it as the browser of the user does. */
async function logIn(args, more = {}) {
  const shown = start(['login', '--no-browser', ...args], { env: { ...env, ...more } });
  const address = /^Log in at this address:\n(http\S+)$/m;
  await until(() => shown.child.exitCode !== null || address.test(shown.stderr), 'it shows the address');
  const [, url] = address.exec(shown.stderr) ?? [];
  if (url) expect(await (await fetch(url)).text()).toContain('close this window');
  return shown.ended;
}

/** The keys with which the emulator was asked, without repetition. */
const keysSent = () => [...new Set(emulator.requests.map(({ headers }) => headers.authorization).filter(Boolean))].map((value) => value.replace('Bearer ', ''));

describe('login', () => {
  test('prints the key on stdout, and nothing else', async () => {
    const { code, stdout, stderr } = await logIn([]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^sk-or-v1-login-[0-9a-f]+\n$/) });
    expect(stderr).not.toContain(stdout.trim());
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test('--json prints the key and its user', async () => {
    const { stdout } = await logIn(['--json']);
    expect(JSON.parse(stdout)).toEqual({ key: expect.stringMatching(/^sk-or-v1-login-/), userId: 'user_emulator' });
  });

  test('--save keeps the key where only the user reads it, prints it nowhere, and the other commands use it', async () => {
    const { code, stdout, stderr } = await logIn(['--save']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(`The key is saved in ${file}.\n`);
    const { key } = JSON.parse(fs.readFileSync(file, 'utf8'));
    expect(key).toMatch(/^sk-or-v1-login-/);
    expect(stderr).not.toContain(key);
    if (!isWindows) {
      expect(fs.statSync(file).mode & 0o777).toBe(0o600);
      expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    }
    expect(await run(['chat', '/emulate text="one"'], { env })).toMatchObject({ code: 0, stdout: 'one\n' });
    expect(keysSent()).toEqual([key]);
  });

  test('--save replaces a key that was saved before', async () => {
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, 'an older one', { mode: 0o644 });
    expect(await logIn(['--save'])).toMatchObject({ code: 0 });
    expect(JSON.parse(fs.readFileSync(file, 'utf8')).key).toMatch(/^sk-or-v1-login-/);
    if (!isWindows) expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['key']);
  });

  test('--save fails before the login where nothing can be saved', async () => {
    const shown = await run(['login', '--save', '--no-browser'], { env: { ...env, XDG_CONFIG_HOME: __filename } });
    expect(shown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: [^\n]*(ENOTDIR|EEXIST)[^\n]*\n$/) });
    expect(emulator.requests).toEqual([]);
  });

  test('prints a key that cannot be saved after the login, because it could not be read again', async () => {
    const shown = start(['login', '--save', '--no-browser'], { env });
    await until(() => /(http\S+)$/m.test(shown.stderr), 'it shows the address');
    // The file is a folder by now, which no file can replace.
    fs.mkdirSync(path.join(file, 'in'), { recursive: true });
    await fetch(/(http\S+)$/m.exec(shown.stderr)[1]);
    expect(await shown.ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/^sk-or-v1-login-/), stderr: expect.stringMatching(/error: The key cannot be saved: [^\n]* It is printed instead\.\n$/) });
  });

  test('sends the limit to the page, and proves who began the login', async () => {
    const shown = start(['login', '--no-browser', '--limit', '5'], { env });
    await until(() => /(http\S+)$/m.test(shown.stderr), 'it shows the address');
    const url = new URL(/(http\S+)$/m.exec(shown.stderr)[1]);
    expect(url.pathname).toBe('/auth');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ limit: '5', code_challenge_method: 'S256' });
    url.searchParams.set('code_challenge', 'of another program');
    await fetch(url);
    expect(await shown.ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/error: The login failed: Invalid code_verifier Begin it again[^\n]*\n$/) });
  });

  test('--emulator needs nobody, and saves nothing', async () => {
    expect(await run(['login', '--emulator'], { env })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sk-or-v1-login-/), stderr: '' });
    expect(await run(['login', '--emulator', '--save'], { env })).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: --save keeps no key of the emulator/) });
    expect(fs.readdirSync(folder)).toEqual([]);
    expect(emulator.requests).toEqual([]);
  });
});

describe('a saved key', () => {
  const save = (saved, mode = 0o600) => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof saved === 'string' ? saved : JSON.stringify(saved));
    fs.chmodSync(file, mode);
  };
  const checkOf = async () => JSON.parse((await run(['doctor', '--json'], { env })).stdout).checks.find(({ name }) => name === 'key');

  test('comes after OPENROUTER_API_KEY', async () => {
    save({ baseURL: emulator.baseURL, key: 'sk-or-v1-saved-canary' });
    await run(['chat', 'Hi'], { env: { ...env, OPENROUTER_API_KEY: 'sk-or-v1-given' } });
    await run(['chat', 'Hi'], { env: { ...env, OPENROUTER_API_KEY: ' ' } });
    expect(keysSent()).toEqual(['sk-or-v1-given', 'sk-or-v1-saved-canary']);
  });

  test('is known to the doctor, which does not show it', async () => {
    save({ baseURL: emulator.baseURL, key: 'sk-or-v1-saved-limit-canary' });
    const { code, stdout } = await run(['doctor', '--json'], { env });
    expect(code).toBe(0);
    expect(stdout).not.toContain('canary');
    expect((await checkOf()).message).toBe(`the saved key in ${file} is sk-or-v1-… (27 characters)`);
  });

  test.each([
    ['of another address', { baseURL: 'https://openrouter.ai/api/v1', key: 'sk-or-v1-canary' }, 0o600, /is for https:\/\/openrouter\.ai\/api\/v1, and OPENROUTER_BASE_URL names another address/],
    ['that other users may read', { key: 'sk-or-v1-canary' }, 0o644, /other users may read it\. Run: chmod 600 /],
    ['in a damaged file', '{"key":"sk-or-v1-canary"', 0o600, /holds no saved key\. Run `openrouter-native login --save`/],
  ])('%s is sent nowhere, and the doctor says why', async (_what, saved, mode, message) => {
    if (mode === 0o644 && isWindows) return;
    save(typeof saved === 'string' ? saved : { baseURL: emulator.baseURL, ...saved }, mode);
    const shown = await run(['chat', 'Hi'], { env });
    expect(shown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error: [^\n]+\n$/) });
    expect(shown.stderr).toMatch(message);
    expect(shown.stderr).not.toContain('canary');
    expect(await checkOf()).toMatchObject({ status: 'failed', message: expect.stringMatching(message) });
    expect(keysSent()).toEqual([]);
    // A command that needs no key works all the same.
    expect(await run(['models', '--free'], { env })).toMatchObject({ code: 0 });
  });

  test('is deleted by logout', async () => {
    save({ baseURL: emulator.baseURL, key: 'sk-or-v1-canary' });
    const shown = await run(['logout'], { env });
    expect(shown).toMatchObject({ code: 0, stdout: '', stderr: `${file} is deleted. The key stays valid until you delete it at https://openrouter.ai/settings/keys.\n` });
    expect(fs.existsSync(file)).toBe(false);
    expect(await run(['logout'], { env })).toMatchObject({ code: 0, stderr: 'No key was saved.\n' });
    expect(await run(['chat', 'Hi'], { env })).toMatchObject({ code: 1, stderr: expect.stringMatching(/and none is saved\. Run `openrouter-native login --save`/) });
  });
});
