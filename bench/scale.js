'use strict';

// `node bench/scale.js`, after `npm run bench` or `npm run build` has built the addon and the load server: where one network thread
// ends, and what more threads and more event loops cost. It reads 1,000 streams over TLS, each with an event every 20 ms, measures
// the CPU time of the network threads and of all others for an event, and computes from that how many events a second they carry
// if each has a core of its own. What has more threads than were measured is computed, and marked so.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { pinned } = require('./cores.js');
const { CA, startServer } = require('./server.js');

const STREAMS = 1000;
const EVENTS = 50;
const GAP = 20;
const RUNS = 5;
/** `[network threads, event loops]`: one event loop is the main thread, several are workers. */
const MEASURED = [[1, 1], [2, 1], [1, 2], [1, 4]];
/** The numbers of network threads in the table. */
const THREADS = [1, 2, 4, 8];

/** Reads `count` streams at the same time, and returns the number of their events. */
async function readAll({ url, count, networkThreads }) {
  const { OpenRouterClient } = require('..');
  const client = new OpenRouterClient('sk-or-v1-bench', { baseURL: url, maxRetries: 0, networkThreads });
  const read = async () => {
    let events = 0;
    const params = { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true };
    for await (const chunk of await client.chatCompletion(params)) events += chunk.choices.length;
    return events;
  };
  const all = await Promise.all(Array.from({ length: count }, read));
  return all.reduce((sum, events) => sum + events, 0);
}

/** Returns the CPU time so far in µs: that of the network threads, and that of all others. */
function cpuTimes() {
  let network = 0;
  for (const id of fs.readdirSync('/proc/self/task')) {
    const folder = `/proc/self/task/${id}`;
    if (fs.readFileSync(`${folder}/comm`, 'utf8').startsWith('openrouter')) network += Number(fs.readFileSync(`${folder}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e3;
  }
  const { user, system } = process.cpuUsage();
  return { network, others: user + system - network };
}

/** Measures in this process, and prints the figures. Workers are warm before the clock starts. */
async function measure({ warmUp, url, networkThreads, loops }) {
  const works = Array.from({ length: loops }, () => ({ url, warmUp, count: STREAMS / loops, networkThreads }));
  const all = loops === 1 ? [inThisThread(works[0])] : works.map(inWorker);
  await Promise.all(all.map(({ ready }) => ready));
  await sleep(5);
  const before = cpuTimes();
  const started = performance.now();
  const events = (await Promise.all(all.map(({ run }) => run()))).reduce((sum, one) => sum + one, 0);
  const wallMs = performance.now() - started;
  await sleep(5);
  const after = cpuTimes();
  console.log(JSON.stringify({ events, wallMs, network: (after.network - before.network) / events, others: (after.others - before.others) / events }));
  process.exit(0);
}

const warm = (work) => readAll({ ...work, url: work.warmUp, count: 64 });

function inThisThread(work) {
  return { ready: warm(work), run: () => readAll(work) };
}

function inWorker(work) {
  const worker = new Worker(__filename, { workerData: work });
  const next = () => new Promise((resolve, reject) => { worker.once('message', resolve).once('error', reject); });
  return {
    ready: next(),
    run: () => {
      const result = next();
      worker.postMessage('read');
      return result;
    },
  };
}

async function work() {
  await warm(workerData);
  parentPort.postMessage('ready');
  parentPort.once('message', async () => parentPort.postMessage(await readAll(workerData)));
}

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function main() {
  const server = await startServer();
  const urls = { warmUp: server.url('h2', { events: 100, gap: 1 }), url: server.url('h2', { events: EVENTS, gap: GAP }) };
  const runs = new Map(MEASURED.map((one) => [one.join(), []]));
  try {
    for (let run = 0; run < RUNS; run += 1) {
      for (const one of MEASURED) {
        const [networkThreads, loops] = one;
        const [command, ...args] = pinned('client', [process.execPath, __filename, JSON.stringify({ ...urls, networkThreads, loops })]);
        const { stdout, status } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, NODE_EXTRA_CA_CERTS: CA }, stdio: ['ignore', 'pipe', 'inherit'] });
        if (status !== 0) throw new Error(`The run ended with ${status}.`);
        runs.get(one.join()).push(JSON.parse(stdout));
      }
    }
  } finally {
    server.close();
  }
  const cost = (networkThreads, loops, kind) => middle(runs.get(`${networkThreads},${loops}`).map((run) => run[kind]));
  console.log(`${STREAMS} streams over TLS, an event every ${GAP} ms on each, medians of ${RUNS} runs, ${new Date().toISOString().slice(0, 10)}\n`);
  console.log('| network threads | event loops | CPU of the network threads, µs per event | of all others, µs per event | events a second |\n|---|---|---|---|---|');
  for (const [threads, loops] of MEASURED) {
    const rate = middle(runs.get(`${threads},${loops}`).map(({ events, wallMs }) => events / wallMs * 1000));
    console.log(`| ${threads} | ${loops} | ${cost(threads, loops, 'network').toFixed(1)} | ${cost(threads, loops, 'others').toFixed(1)} | ${thousands(rate)} |`);
  }
  const [one, two] = [cost(1, 1, 'network'), cost(2, 1, 'network')];
  console.log('\nThe most that they carry, if each thread has a core of its own, computed from these costs:\n');
  console.log('| network threads | events a second | event loops that read as many |\n|---|---|---|');
  for (const threads of THREADS) {
    const most = threads * 1e6 / (threads === 1 ? one : two);
    console.log(`| ${threads}${threads > 2 ? ', with the cost of two' : ''} | ${thousands(most)} | ${Math.ceil(most * cost(1, 1, 'others') / 1e6)} |`);
  }
}

const thousands = (number) => (Math.round(number / 1000) * 1000).toLocaleString('en');

if (!isMainThread) work();
else if (process.argv[2]) measure(JSON.parse(process.argv[2]));
else main();
