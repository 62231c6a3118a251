'use strict';

// Under which programs `openrouter-native/register` takes hold. `docs/register.md` has the table.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { startEmulator } = require('../../emulator');
const { NODES } = require('../support/nodes.js');
const { ROOT, runNode } = require('../support/process.js');
const { CHAT, MODULES, REGISTER, providersOf, runUnder } = require('./support/register.js');

const ZDR = { zdr: true };

let emulator;
let folder;
beforeAll(async () => {
  emulator = await startEmulator();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-register-'));
  fs.symlinkSync(MODULES, path.join(folder, 'node_modules'), 'junction');
});
afterEach(() => emulator.clear());
afterAll(async () => {
  fs.rmSync(folder, { recursive: true, force: true });
  await emulator.close();
});

/** Writes a program and returns its path. */
function program(name, text) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

/** Runs a program that sends `chats` chats, and checks that each was answered and carries zero data retention. */
async function holds(run, chats = 1) {
  const { code, stdout, stderr } = await run;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toEqual(Array(chats).fill('200'));
  expect(providersOf(emulator)).toEqual(Array(chats).fill(ZDR));
}

const GLOBAL = `${CHAT}\nchat(fetch);`;

test('without the package the programs of this file send no privacy setting', async () => {
  const { stdout } = await runNode(['-e', GLOBAL], { env: { BASE_URL: emulator.baseURL, OPENROUTER_ZDR: 'true' } });
  expect(stdout).toBe('200\n');
  expect(providersOf(emulator)).toEqual([undefined]);
});

describe.each(NODES)('in Node $version', ({ command }) => {
  const under = (args, options) => runUnder(emulator, args, { command: command(), ...options });

  test.each([
    ['--require with a path', `--require ${REGISTER}`, os.tmpdir()],
    ['--import with a path', `--import ${pathToFileURL(REGISTER)}`, os.tmpdir()],
    ['--require with the name, where the package is installed', '--require openrouter-native/register', ROOT],
    ['--import with the name, where the package is installed', '--import openrouter-native/register', ROOT],
    ['both of them, which take hold once', `--require ${REGISTER} --import ${pathToFileURL(REGISTER)}`, os.tmpdir()],
  ])('%s', async (_, NODE_OPTIONS, cwd) => {
    await holds(under(['-e', GLOBAL], { env: { NODE_OPTIONS }, cwd }));
  });

  test('an ES module', async () => {
    await holds(under([program('global.mjs', `${CHAT}\nawait chat(fetch);`)]));
  });

  const LOADED = ['undici', 'undici6', 'undici8', 'node-fetch'];
  test.each(LOADED)("a program's own %s, by require and by import", async (name) => {
    if (name === 'undici8' && /^v20/.test((await under(['-p', 'process.version'])).stdout)) return;
    const use = name === 'node-fetch' ? 'own.default ?? own' : 'own.fetch';
    await holds(under([program('own.cjs', `${CHAT}\nconst own = require('${name}');\nchat(${use});`)]));
    await holds(under([program('own.mjs', `${CHAT}\nimport * as own from '${name}';\nawait chat(${use});\nawait chat(own.default${name === 'node-fetch' ? '' : '.fetch'});`)]), 2);
  });

  test('tsx, also for an undici that the program imports', async () => {
    const text = `${CHAT.replace('(fetch, more)', '(fetch: any, more?: any)')}\nimport * as own from 'undici';\nawait chat(fetch);\nawait chat(own.fetch);`;
    await holds(under(['--import', pathToFileURL(path.join(MODULES, 'tsx', 'dist', 'loader.mjs')).href, program('tsx.mts', text)], { cwd: folder }), 2);
  });

  test('a worker thread, also one with options of its own', async () => {
    const worker = program('worker.cjs', GLOBAL);
    const text = `const { Worker } = require('node:worker_threads');\nconst { once } = require('node:events');
      (async () => {
        await once(new Worker(${JSON.stringify(worker)}), 'exit');
        await once(new Worker(${JSON.stringify(worker)}, { execArgv: ['--no-warnings'] }), 'exit');
        await once(new Worker(${JSON.stringify(worker)}, { env: { ...process.env } }), 'exit');
      })();`;
    await holds(under(['-e', text]), 3);
  });

  test('a child process, which inherits the environment', async () => {
    const child = program('child.cjs', GLOBAL);
    await holds(under(['-e', `
      const { execFileSync, fork } = require('node:child_process');
      execFileSync(process.execPath, [${JSON.stringify(child)}], { stdio: 'inherit' });
      fork(${JSON.stringify(child)});`]), 2);
  });

  test('cluster', async () => {
    await holds(under([program('cluster.cjs', `${CHAT}
      const cluster = require('node:cluster');
      if (cluster.isPrimary) { cluster.fork(); cluster.fork(); } else chat(fetch).then(() => process.exit());`)]), 2);
  });
});

test('ts-node', async () => {
  const file = program('ts-node.cts', `${CHAT.replace('(fetch, more)', '(fetch: any, more?: any)')}\nchat(fetch);\nchat(require('undici').fetch);`);
  const options = { TS_NODE_TRANSPILE_ONLY: 'true', TS_NODE_COMPILER_OPTIONS: '{"module":"nodenext","moduleResolution":"nodenext"}' };
  await holds(runUnder(emulator, ['--require', path.join(MODULES, 'ts-node', 'register'), file], { env: options }), 2);
});

test('Jest: the fetch of the tests of a program', async () => {
  program('chat.test.js', `${CHAT.replace('console.log(response.status)', 'expect(response.status).toBe(200)')}
    test('chats', () => chat(fetch));
    test('registers once in the realm of a test', async () => {
      const before = fetch;
      require(${JSON.stringify(REGISTER)});
      expect(globalThis.fetch).toBe(before);
    });`);
  program('jest.config.json', JSON.stringify({ testEnvironment: 'node', rootDir: folder }));
  const { code, stderr } = await runUnder(emulator, [path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), '--config', path.join(folder, 'jest.config.json')]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('2 passed') });
  expect(providersOf(emulator)).toEqual([ZDR]);
});

test("OpenTelemetry's instrumentation of undici, before and after the package, keeps its spans of other requests", async () => {
  const telemetry = program('telemetry.cjs', `
    const { registerInstrumentations } = require('@opentelemetry/instrumentation');
    const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
    const { BasicTracerProvider, SimpleSpanProcessor, InMemorySpanExporter } = require(${JSON.stringify(require.resolve('@opentelemetry/sdk-trace-base'))});
    const exporter = new InMemorySpanExporter();
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    registerInstrumentations({ tracerProvider, instrumentations: [new UndiciInstrumentation()] });
    globalThis.spans = () => exporter.getFinishedSpans().map(({ attributes }) => attributes['url.path']);`);
  const file = program('traced.cjs', `${CHAT}
    (async () => {
      await (await fetch(new URL('/api/other', process.env.ELSEWHERE))).text();
      await chat(fetch);
      await chat(require('undici').fetch);
      if (JSON.stringify(spans()) !== '["/api/other"]') throw new Error('spans of ' + spans());
    })();`);
  const elsewhere = await startEmulator();
  try {
    for (const NODE_OPTIONS of [`--require ${REGISTER} --require ${telemetry}`, `--require ${telemetry} --require ${REGISTER}`]) {
      await holds(runUnder(emulator, [file], { env: { NODE_OPTIONS, ELSEWHERE: elsewhere.url } }), 2);
    }
  } finally {
    await elsewhere.close();
  }
});

test("OpenTelemetry's hook for ES modules does not hide an undici that the program imports", async () => {
  const hook = program('hook.mjs', "import { register } from 'node:module';\nregister('import-in-the-middle/hook.mjs', import.meta.url);");
  const file = program('hooked.mjs', `${CHAT}\nimport { fetch as own } from 'undici';\nawait chat(own);`);
  await holds(runUnder(emulator, ['--import', hook, file], { env: { NODE_OPTIONS: `--import ${pathToFileURL(REGISTER)}` } }));
});
