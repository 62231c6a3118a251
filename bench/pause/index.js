'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { pinned } = require('../cores.js');

const SERVER = path.join(__dirname, 'server.js');

/**
 * Starts the far servers. Resolves to `url(keeping)`, the base URL of the one that keeps connections in this way, see
 * `server.js`, and to a function that stops them.
 */
async function startServers(pem) {
  const [command, ...args] = pinned('server', [process.execPath, SERVER, pem]);
  // The servers exit when their stdin is closed, and therefore also when this process crashes.
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close').then(() => { throw new Error('The far servers ended.'); });
  const [bytes] = await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => {});
  const ports = JSON.parse(bytes);
  return { url: (keeping) => `https://127.0.0.1:${ports[keeping]}/api/v1`, stop: () => child.stdin.end() };
}

module.exports = { startServers };
