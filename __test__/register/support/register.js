'use strict';

// Runs programs under `openrouter-native/register`, and looks at what they sent. A program knows nothing of this package: it
// sends a chat to the address in `BASE_URL`, and prints the status. Under the package that chat carries zero data retention.
const path = require('node:path');

const { ROOT, runNode } = require('../../support/process.js');

/** The file as an operator names it, who installs the package in a folder of its own. */
const REGISTER = path.join(ROOT, 'register', 'index.js');
/** The folder whose dependencies are the loaders and the other makes of `fetch`. */
const PROGRAMS = path.join(__dirname, '..', 'programs');
const MODULES = path.join(PROGRAMS, 'node_modules');

/** The text of a function `chat` that sends a chat by a `fetch` and prints the status of the answer. */
const CHAT = `
  async function chat(fetch, more) {
    const body = JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] });
    const headers = { authorization: 'Bearer sk-or-v1-register', 'content-type': 'application/json' };
    const response = await fetch(process.env.BASE_URL + '/chat/completions', { method: 'POST', headers, body, ...more });
    await response.text();
    console.log(response.status);
  }`;

/** The environment of a program under the package, which talks to `emulator`. */
function environmentOf(emulator, own) {
  return {
    NODE_OPTIONS: `--require ${REGISTER}`,
    BASE_URL: emulator.baseURL,
    OPENROUTER_BASE_URL: emulator.baseURL,
    OPENROUTER_ZDR: 'true',
    ...own,
  };
}

/**
 * Runs Node under the package until it exits.
 * @param {object} emulator
 * @param {string[]} args
 * @param {{ env?: object, command?: string, cwd?: string }} [options]
 */
function runUnder(emulator, args, { env, ...options } = {}) {
  return runNode(args, { ...options, env: environmentOf(emulator, env) });
}

/** Returns the privacy settings of the chats that an emulator received since the last call. */
function providersOf(emulator) {
  const providers = emulator.requests.filter(({ path: one }) => one.endsWith('/chat/completions')).map(({ body }) => body.provider);
  emulator.clear();
  return providers;
}

module.exports.CHAT = CHAT;
module.exports.MODULES = MODULES;
module.exports.PROGRAMS = PROGRAMS;
module.exports.REGISTER = REGISTER;
module.exports.environmentOf = environmentOf;
module.exports.providersOf = providersOf;
module.exports.runUnder = runUnder;
