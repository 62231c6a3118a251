'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');

const { environmentWith } = require('./environment.js');

/** The folder of the checkout. */
const ROOT = path.join(__dirname, '..', '..');

/**
 * Runs Node with `arguments_` until it exits by itself. After `deadlineMs` the process is killed and the promise rejects.
 * @param {string[]} arguments_
 * @param {{ env?: object, deadlineMs?: number, command?: string, cwd?: string }} [options] `command`: the path of another Node
 *   binary; `cwd`: the folder to run in, by default the checkout
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string, idleMs: number }>}
 *   `idleMs`: the time from the last output to the exit
 */
function runNode(arguments_, { env = {}, deadlineMs = 45_000, command = process.execPath, cwd = ROOT } = {}) {
  const child = spawn(command, arguments_, { cwd, env: environmentWith(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr, last] = ['', '', performance.now()];
  child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text; last = performance.now(); });
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; last = performance.now(); });
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, deadlineMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const idleMs = performance.now() - last;
      if (isLate) reject(new Error(`The process did not end within ${deadlineMs} ms.\n${stdout}\n${stderr}`));
      else resolve({ code, signal, stdout, stderr, idleMs });
    });
  });
}

/**
 * Runs `body`, the text of an async function's body, in a separate Node process. Its scope has exports of the package, and
 * the functions `body` and `stream`, which make the parameters of a chat.
 */
function runScript(body, options) {
  const prelude = `
    const { OpenRouterClient, OpenRouterError, getStats } = require(${JSON.stringify(ROOT)});
    const body = (emulator, more) => ({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about bees' }], emulator, ...more });
    const stream = (emulator, more) => body(emulator, { stream: true, ...more });`;
  return runNode(['-e', `${prelude}\n(async () => {\n${body}\n})();`], options);
}

module.exports.ROOT = ROOT;
module.exports.runNode = runNode;
module.exports.runScript = runScript;
