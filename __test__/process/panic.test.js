'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { startEmulator } = require('../../emulator');
const { ROOT, runScript } = require('../support/process.js');

/** The addon with functions that panic on purpose, which published builds do not have. */
const ADDON = path.join(ROOT, 'target', 'panic-trigger', 'openrouter-native.node');

let emulator;
beforeAll(async () => {
  execFileSync('cargo', ['build', '--locked', '--lib', '--features', 'panic-trigger'], { cwd: ROOT, stdio: 'pipe' });
  fs.mkdirSync(path.dirname(ADDON), { recursive: true });
  const extension = { darwin: 'dylib', win32: 'dll' }[process.platform] ?? 'so';
  const prefix = process.platform === 'win32' ? '' : 'lib';
  fs.copyFileSync(path.join(ROOT, 'target', 'debug', `${prefix}openrouter_native.${extension}`), ADDON);
  emulator = await startEmulator();
}, 600_000);
afterAll(() => emulator.close());

const onPanic = (script) => runScript(`
  const native = require('./lib/bridge/native.js');
  const { connect } = require('./lib/bridge/hub.js');
  const { resultOf } = require('./lib/bridge/call.js');
  const words = 'canary-words';
  ${script}
  const alive = await new OpenRouterClient().chatCompletion(stream({ text: 'alive' }));
  console.log((await alive.finalCompletion()).choices[0].message.content);`, {
  env: {
    OPENROUTER_BASE_URL: emulator.baseURL,
    OPENROUTER_API_KEY: 'sk-or-v1-limit-panic',
    OPENROUTER_NATIVE_LIBRARY_PATH: ADDON,
    NAPI_RS_NATIVE_LIBRARY_PATH: ADDON,
  },
});

describe('a panic in Rust', () => {
  const LOGGED = /^\[OpenRouter\] A fault of openrouter-native at src\S+:\d+:\d+\. The call was rejected; please report this\.\n$/;

  test('on the network thread rejects the call, and the process goes on', async () => {
    const { code, stdout, stderr } = await onPanic(`
      const error = await resultOf(native.panicInCall(connect(), words), {}).catch((reason) => reason);
      console.log(error instanceof OpenRouterError, error.message);`);
    expect(stdout).toBe('true The request ended unexpectedly. Please report this.\nalive\n');
    expect(stderr).toMatch(LOGGED);
    expect(code).toBe(0);
  });

  test('in a function that JavaScript calls is thrown, and the process goes on', async () => {
    const { code, stdout, stderr } = await onPanic(`
      connect();
      try { native.panicHere(words); } catch (error) { console.log(error instanceof Error); }`);
    expect(stdout).toBe('true\nalive\n');
    expect(stderr).toMatch(LOGGED);
    expect(code).toBe(0);
  });
});

test('a published build has no functions that panic on purpose', () => {
  const native = require('../../lib/bridge/native.js');
  expect(Object.keys(native).filter((name) => /panic/i.test(name))).toEqual([]);
});
