'use strict';

// Starts the servers of the soak, each in a process of its own.
const { spawn } = require('node:child_process');
const path = require('node:path');
const { createInterface } = require('node:readline');

/** A key without a limit: one with a limit would be used up after six minutes, and all later requests answered with 402. */
const KEY = 'sk-or-v1-soak-canary-0123456789';
const EMULATOR = [path.join(__dirname, '..', '..', 'cli', 'index.js'), 'emulator', '--json', '--credits', '1000000'];
const HOSTILE = [path.join(__dirname, 'server.js')];

/** Starts a Node program that prints JSON in its first line. Resolves to that value, with a function that ends the program. */
async function start(command) {
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  for await (const line of createInterface({ input: child.stdout })) return { ...JSON.parse(line), close: () => child.kill() };
  throw new Error(`${command[0]} did not start.`);
}

module.exports = { KEY, startEmulator: () => start(EMULATOR), startServer: () => start(HOSTILE) };
