'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');

const { pinned } = require('./cores.js');
const { CA } = require('./server.js');

const PROGRAMS = path.join(__dirname, '..', 'target', 'release');
/** The clients that are programs, and their arguments. */
const COMMANDS = {
  engine: (work) => [path.join(PROGRAMS, 'bench-engine'), work.url, String(work.count), work.warmUps[0][1]],
  bare: (work) => [path.join(PROGRAMS, 'bench-bare'), work.url, String(work.count)],
};
/** Environment variables that would change what is measured, such as proxies. The clients do not get them. */
const NOT_HERE = /^(https?_proxy|all_proxy|no_proxy|proxy|NODE_OPTIONS|OPENROUTER_.*|DEBUG|LOG_LEVEL|OPENAI_.*|LANGCHAIN_.*|LANGSMITH_.*)$/i;

/**
 * Runs a workload. Each run of a client has a fresh process. In each round all clients run once, in every second round in
 * reverse order, so that other load on the machine affects all of them alike. Clients that only wait run together.
 * @returns {Promise<Record<string, object[]>>} the figures of each client's runs
 */
async function runWorkload(workload, { server, clients, length, runs }) {
  const size = workload.sizes[length];
  const chosen = workload.clients[length].filter((name) => clients.has(name));
  const times = Math.min(runs, workload.runs?.[length] ?? runs);
  const results = Object.fromEntries(chosen.map((name) => [name, []]));
  const run = async (client) => {
    results[client].push(await runOnce({ task: workload.task, client, ...workload.work(server, size, client) }));
  };
  for (let round = 0; round < times; round += 1) {
    if (workload.together) await Promise.all(chosen.map(run));
    else for (const client of round % 2 === 0 ? chosen : chosen.toReversed()) await run(client);
  }
  return results;
}

/** Runs one client once in a process of its own. Resolves to its figures. */
async function runOnce(work) {
  const node = () => [process.execPath, '--expose-gc', path.join(__dirname, 'process.js'), JSON.stringify(work)];
  const command = (COMMANDS[work.client] ?? node)(work);
  const { status, output } = await finished(pinned('client', command));
  if (status !== 0) throw new Error(`${work.client} failed at ${work.url ?? work.task}.`);
  return JSON.parse(output.trim().split('\n').at(-1));
}

function finished([command, ...args]) {
  const kept = Object.entries(process.env).filter(([name]) => !NOT_HERE.test(name));
  const env = { ...Object.fromEntries(kept), NODE_EXTRA_CA_CERTS: CA };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
    let output = '';
    child.stdout.on('data', (bytes) => { output += bytes; });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

module.exports = { runWorkload };
