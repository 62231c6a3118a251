'use strict';

// `node scripts/smoke`: unpacks the tarballs in `dist/`, or in the folder given, as an install does, and tests them in this
// Node. `--others` tests them in Bun and Deno instead.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const https = require('node:https');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { startEmulator } = require('../../emulator');
const { otherRuntimes } = require('../runtimes/programs.js');
const { ROOT, run } = require('../tools.js');

const PROGRAM = path.join(__dirname, 'program.js');
const CERTIFICATES = path.join(ROOT, 'tests', 'it', 'support');
/** Variables that would make a client log, or connect to another server. */
const UNSET = /^(DEBUG|LOG_LEVEL|NO_PROXY|PROXY|(HTTP|HTTPS|ALL)_PROXY|OPENROUTER_.*|NODE_OPTIONS|NODE_EXTRA_CA_CERTS)$/i;
/** Long, because a Node in qemu is slow. */
const DEADLINE_MS = 300_000;

/** Starts the servers that the program sends requests to: the emulator, and a TLS proxy in front of it. */
async function startServers() {
  const emulator = await startEmulator();
  const pem = fs.readFileSync(path.join(CERTIFICATES, 'server.pem'));
  const front = https.createServer({ cert: pem, key: pem }, (request, response) => {
    const { method, headers, url } = request;
    const inner = http.request(emulator.url + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    inner.on('error', () => response.destroy());
    response.on('close', () => inner.destroy());
    request.pipe(inner);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const addresses = {
    plain: emulator.baseURL,
    tls: `https://127.0.0.1:${front.address().port}/api/v1`,
    ca: fs.readFileSync(path.join(CERTIFICATES, 'ca.pem'), 'utf8'),
    text: 'Whole: grüße, 你好, 🐝.',
  };
  return {
    addresses,
    async close() {
      front.closeAllConnections();
      front.close();
      await emulator.close();
    },
  };
}

/** Unpacks the tarballs into `node_modules`, as npm does. Returns the folder. */
function layOut(tarballs, folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-smoke-'))) {
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  for (const tarball of tarballs) {
    const name = path.basename(tarball).replace(/-\d+\.\d+\.\d+.*$/, '');
    const home = path.join(folder, 'node_modules', name);
    fs.mkdirSync(home, { recursive: true });
    // Use relative paths: GNU tar takes the part of a Windows path before the colon for a host name.
    run('tar', ['-xzf', path.basename(tarball), '--strip-components=1', '-C', path.relative(path.dirname(tarball), home)], { cwd: path.dirname(tarball) });
  }
  return folder;
}

/**
 * Runs the program in a runtime, in a folder with the packages. Rejects if the program fails or writes to stderr.
 * @param {string[]} command the command that starts it
 * @returns {Promise<object>} the JSON that the program prints: its steps and the versions it ran with
 */
async function smoke(command, folder, { env = {}, servers, program = PROGRAM }) {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !UNSET.test(name)));
  const [file, ...args] = [...command, program, JSON.stringify(servers.addresses)];
  const child = spawn(file, args, { cwd: folder, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: DEADLINE_MS, killSignal: 'SIGKILL' });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => { said.out += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { said.err += text; });
  const [code, signal] = await Promise.race([once(child, 'close'), once(child, 'error').then(([error]) => Promise.reject(error))]);
  if (code !== 0 || said.err !== '') throw new Error(`${command.join(' ')} ended with ${code ?? signal}:\n${said.out}${said.err}`);
  return JSON.parse(said.out);
}

async function main() {
  const { values: { others }, positionals: [given = path.join(ROOT, 'dist')] } = parseArgs({ options: { others: { type: 'boolean' } }, allowPositionals: true });
  const dist = path.resolve(given);
  const folder = layOut(fs.readdirSync(dist).filter((name) => name.endsWith('.tgz')).map((name) => path.join(dist, name)));
  const servers = await startServers();
  const commands = others ? otherRuntimes().map(({ program, flags }) => [program(), ...flags]) : [[process.execPath]];
  for (const command of commands) console.log(JSON.stringify(await smoke(command, folder, { servers })));
  await servers.close();
  fs.rmSync(folder, { recursive: true });
}

if (require.main === module) main();

module.exports = { layOut, smoke, startServers };
