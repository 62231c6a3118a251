'use strict';

// Starts the load server in a process of its own.
const { spawn } = require('node:child_process');
const path = require('node:path');

const { pinned } = require('./cores.js');

const ROOT = path.join(__dirname, '..');
const BINARY = path.join(ROOT, 'target', 'release', 'bench-server');
/** The certificate of the Rust tests' servers, and the certificate authority that the clients trust. */
const PEM = path.join(ROOT, 'tests', 'it', 'support', 'server.pem');
const CA = path.join(ROOT, 'tests', 'it', 'support', 'ca.pem');

/**
 * Starts the server. `url(listener, plan)` returns the base URL at which its listener (`http`, `tls` or `h2`) streams
 * according to `plan`.
 */
async function startServer() {
  const [command, ...args] = pinned('server', [BINARY, PEM]);
  // The server exits when its stdin is closed, and therefore also when this process crashes.
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ports = await new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.endsWith('\n')) resolve(JSON.parse(said));
    });
    child.on('error', reject);
    child.on('close', () => reject(new Error('The load server ended.')));
  });
  const url = (listener, plan) => {
    const parts = Object.entries(plan).map(([name, value]) => `${name}=${value}`);
    return `${listener === 'http' ? 'http' : 'https'}://127.0.0.1:${ports[listener]}/${parts.join(',') || 'whole=1'}/api/v1`;
  };
  return { url, close: () => child.stdin.end() };
}

module.exports = { CA, PEM, startServer };
