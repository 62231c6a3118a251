'use strict';

// How programs load the installed package: by require and import, by TypeScript's module resolutions, and through bundlers.
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { platform } = require('../../lib/bridge/platform.js');
const { layOut, smoke, startServers } = require('../../scripts/smoke');
const manifest = require('../../package.json');
const { follow } = require('../support/command.js');
const { ROOT } = require('../support/process.js');

const MODULES = path.join(__dirname, 'install', 'node_modules');
const ENTRIES = Object.keys(manifest.exports).filter((entry) => entry !== './package.json').map((entry) => entry.replace(/^\./, 'openrouter-native'));
/** The packages that the entries for LangChain and Express need. */
const PEERS = ['@langchain', 'express', '@types'];
const BINARY = `openrouter-native.${platform()}.node`;

let dist;
let folder;
let servers;
beforeAll(async () => {
  dist = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-exports-'));
  execFileSync(process.execPath, ['scripts/package.js', '--dist', dist], { cwd: ROOT, stdio: 'pipe' });
  servers = await startServers();
}, 120_000);
beforeEach(() => {
  folder = layOut(fs.readdirSync(dist).map((name) => path.join(dist, name)));
  for (const name of PEERS) fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name), 'junction');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
afterAll(async () => {
  await servers?.close();
  fs.rmSync(dist, { recursive: true, force: true });
});

const write = (name, text) => fs.writeFileSync(path.join(folder, name), text);
const run = (args, options) => execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe', ...options });
const tarballs = () => fs.readdirSync(dist).map((name) => [name.replace(/-\d.*$/, ''), path.join(dist, name)]);
/** A program that chats with the emulator and prints the answer. */
const PROGRAM = `
  const client = new OpenRouterClient('sk-or-v1-bundle', { baseURL: JSON.parse(process.argv[2]).plain });
  const stream = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { text: 'bundled' }, stream: true });
  let answer = '';
  for await (const text of stream.text()) answer += text;
  console.log(JSON.stringify(answer));`;
const chats = (file) => smoke([process.execPath], path.dirname(file), { servers, program: file });

test.each(['openrouter-native', `openrouter-native-${platform()}`])('publint finds no problem in %s', (name) => {
  const tarball = new Map(tarballs()).get(name);
  expect(run([path.join(MODULES, 'publint', 'src', 'cli.js'), '--strict', tarball])).toContain('All good!');
});

test('each entry has types for require and import, in each module resolution of TypeScript', () => {
  const attw = path.join(MODULES, '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const { analysis } = JSON.parse(run([attw, new Map(tarballs()).get('openrouter-native'), '--format', 'json']));
  expect(analysis.problems).toEqual([]);
  expect(Object.keys(analysis.entrypoints).sort()).toEqual(Object.keys(manifest.exports).sort());
});

test.each(ENTRIES)('%s can be loaded by require and import', (entry) => {
  write('all.mjs', `import * as all from '${entry}'; console.log(Object.keys(all).length > 0);`);
  write('all.cjs', `console.log(Object.keys(require('${entry}')).length > 0);`);
  expect(run(['all.mjs']).trim()).toBe('true');
  expect(run(['all.cjs']).trim()).toBe('true');
});

test.each([
  ['nodenext', 'nodenext', ['user.mts', 'user.cts']],
  ['bundler', 'esnext', ['user.ts']],
])('TypeScript with moduleResolution %s', (moduleResolution, module, files) => {
  const user = `
    ${ENTRIES.map((entry, at) => `import * as entry${at} from '${entry}';`).join('\n')}
    import { OpenRouterClient, type ChatCompletionStream } from 'openrouter-native';
    export const open = (client: OpenRouterClient): Promise<ChatCompletionStream> =>
      client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [], stream: true });
    export const entries: object[] = [${ENTRIES.map((_, at) => `entry${at}`).join(', ')}];
    // @ts-expect-error: the types are found, so that this mistake is reported.
    export const wrong: number = new OpenRouterClient().baseURL;`;
  for (const file of files) write(file, user);
  const compilerOptions = { module, moduleResolution, target: 'es2022', strict: true, noEmit: true, skipLibCheck: true, types: ['node'] };
  write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
  expect(run([path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'])).toBe('');
}, 120_000);

describe('bundlers', () => {
  const esbuild = require(path.join(MODULES, 'esbuild'));
  const bundle = (options) => esbuild.build({ absWorkingDir: folder, bundle: true, platform: 'node', logLevel: 'silent', ...options });
  beforeEach(() => {
    write('app.cjs', `const { OpenRouterClient } = require('openrouter-native');\n(async () => {${PROGRAM}})();`);
    write('app.mjs', `import { OpenRouterClient } from 'openrouter-native';\n${PROGRAM}`);
  });

  /** Runs the bundle with the binary in a folder that has no other files. */
  const runsAlone = async (outdir) => {
    const alone = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-alone-'));
    fs.cpSync(outdir, alone, { recursive: true });
    expect(fs.readdirSync(alone).sort()).toEqual(['app.cjs', BINARY]);
    expect(await chats(path.join(alone, 'app.cjs'))).toBe('bundled');
    fs.rmSync(alone, { recursive: true });
  };

  test.each(['cjs', 'esm'])('esbuild, with the package external: %s', async (format) => {
    const outfile = path.join(folder, `out.${format === 'esm' ? 'mjs' : 'cjs'}`);
    await bundle({ entryPoints: ['app.mjs'], format: 'esm', outfile, external: ['openrouter-native'], ...(format === 'cjs' && { entryPoints: ['app.cjs'], format }) });
    expect(await chats(outfile)).toBe('bundled');
  });

  test('esbuild, with the package bundled and the binary copied beside it: runs where nothing is installed', async () => {
    const outdir = path.join(folder, 'out');
    await bundle({ entryPoints: ['app.cjs'], format: 'cjs', outdir, outExtension: { '.js': '.cjs' }, loader: { '.node': 'copy' }, assetNames: '[name]' });
    await runsAlone(outdir);
  });

  test('Vite for a server, which leaves installed packages external', async () => {
    write('vite.config.mjs', "export default { logLevel: 'silent', build: { ssr: 'app.mjs', outDir: 'out' } };");
    run([path.join(MODULES, 'vite', 'bin', 'vite.js'), 'build']);
    expect(await chats(path.join(folder, 'out', fs.readdirSync(path.join(folder, 'out')).find((name) => name.endsWith('js'))))).toBe('bundled');
  }, 120_000);

  const webpack = require(path.join(MODULES, 'webpack'));
  /** Bundles to `out/<filename>`; returns the warnings. */
  const pack = async (filename, options) => {
    const config = { context: folder, target: 'node20', mode: 'production', output: { path: path.join(folder, 'out'), filename }, ...options };
    const stats = await promisify(webpack)(config);
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    expect(errors).toEqual([]);
    return warnings.map(({ message }) => message);
  };

  test('webpack, with the package external: cjs', async () => {
    expect(await pack('app.cjs', { entry: './app.cjs', externals: { 'openrouter-native': 'commonjs openrouter-native' } })).toEqual([]);
    expect(await chats(path.join(folder, 'out', 'app.cjs'))).toBe('bundled');
  });

  test('webpack, with the package external: esm', async () => {
    const output = { path: path.join(folder, 'out'), filename: 'app.mjs', module: true, library: { type: 'module' } };
    expect(await pack('app.mjs', { entry: './app.mjs', externalsType: 'module', externals: ['openrouter-native'], experiments: { outputModule: true }, output })).toEqual([]);
    expect(await chats(path.join(folder, 'out', 'app.mjs'))).toBe('bundled');
  });

  test('webpack, with the package bundled by node-loader: runs where nothing is installed', async () => {
    const rules = [{ test: /\.node$/, loader: require.resolve(path.join(MODULES, 'node-loader')), options: { name: '[name].[ext]' } }];
    // webpack warns that the packages of other platforms are missing; the program never loads them.
    for (const warning of await pack('app.cjs', { entry: './app.cjs', module: { rules } })) expect(warning).toMatch(/^Module not found: .*'openrouter-native-/);
    await runsAlone(path.join(folder, 'out'));
  });
});

describe('Next.js, with serverExternalPackages', () => {
  // The app lies beside the installed Next.js and React, because Next.js loads nothing from outside its root.
  let app;
  let alone;
  beforeEach(() => {
    app = fs.mkdtempSync(path.join(path.dirname(MODULES), 'next-app-'));
    alone = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-alone-'));
  });
  afterEach(() => {
    for (const made of [app, alone]) fs.rmSync(made, { recursive: true, force: true });
  });

  test('a route streams an answer from a standalone build', async () => {
    layOut(fs.readdirSync(dist).map((name) => path.join(dist, name)), app);
    fs.cpSync(path.join(__dirname, 'install', 'next'), app, { recursive: true });
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
    run([path.join(MODULES, 'next', 'dist', 'bin', 'next'), 'build'], { cwd: app, env, timeout: 200_000 });
    // The standalone build must be complete: run it in a folder where nothing is installed.
    fs.cpSync(path.join(app, '.next', 'standalone'), alone, { recursive: true, verbatimSymlinks: true });
    // The second route sends its requests by the global `fetch`, under `openrouter-native/register`.
    const registered = {
      NODE_OPTIONS: `--require ${path.join(app, 'node_modules', 'openrouter-native', 'register')}`,
      OPENROUTER_BASE_URL: servers.addresses.plain,
      OPENROUTER_ZDR: 'true',
    };
    const server = follow(spawn(process.execPath, [path.join(alone, path.basename(app), 'server.js')], {
      env: { ...env, ...registered, PORT: '0', HOSTNAME: '127.0.0.1', BASE_URL: servers.addresses.plain },
      timeout: 60_000,
    }));
    try {
      await server.says(/Ready/);
      const [url] = /http:\S+/.exec(server.stdout);
      expect(await (await fetch(`${url}/api/chat`)).text()).toBe('bundled');
      expect(await (await fetch(`${url}/api/plain`)).json()).toEqual([200, 'privacy_not_possible']);
    } finally {
      server.child.kill();
    }
  }, 240_000);
});

const bun = path.join(MODULES, '@oven', `bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`, 'bin', 'bun');
const withBun = fs.existsSync(bun) ? test : test.skip;

withBun('Bun passes the smoke test: chats, streams, aborts, TLS', async () => {
  expect(await smoke([bun], folder, { servers })).toMatchObject({ bun: expect.any(String), did: expect.arrayContaining(['stream', 'abort', 'tls']) });
});

test('no memory of the addon is handed to V8, which Electron and Bun would refuse', () => {
  const texts = fs.readdirSync(path.join(ROOT, 'src', 'node')).map((name) => fs.readFileSync(path.join(ROOT, 'src', 'node', name), 'utf8'));
  expect(texts.join('\n')).not.toMatch(/\b(Buffer|BufferSlice|ArrayBuffer|External\w*|Uint8Array::(new|from|with_external\w*))\b/);
});
