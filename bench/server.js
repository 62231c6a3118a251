'use strict';

// The load server's process.
const { spawn } = require('node:child_process');
const path = require('node:path');

const { pinned } = require('./cores.js');

const ROOT = path.join(__dirname, '..');
const BINARY = path.join(ROOT, 'target', 'release', 'bench-server');
/** The certificate of the Rust tests' servers, and the authority that clients are told to trust. */
const PEM = path.join(ROOT, 'tests', 'it', 'support', 'server.pem');
const CA = path.join(ROOT, 'tests', 'it', 'support', 'ca.pem');

/** Starts it; `url(door, plan)` gives the base URL at which `plan` is followed. */
async function startServer() {
  const [command, ...args] = pinned('server', [BINARY, PEM]);
  // It ends when its input does: with this process, however that ends.
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
  const url = (door, plan) => {
    const parts = Object.entries(plan).map(([name, value]) => `${name}=${value}`);
    return `${door === 'http' ? 'http' : 'https'}://127.0.0.1:${ports[door]}/${parts.join(',') || 'whole=1'}/api/v1`;
  };
  return { url, close: () => child.stdin.end() };
}

module.exports = { CA, startServer };
