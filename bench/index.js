'use strict';

// Runs the benchmark, and writes `results.json`, `results.md`, and the chart for light and dark pages. `npm run bench` starts
// it after the set-up in `scripts/bench.js`. Options: quick or tiny, --only workloads, --clients names, --runs 5, --out folder.
// Without --out, a whole run writes into this folder, where its results are committed, and any other run into `target/bench`.
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { chart } = require('./chart.js');
const { CLIENTS } = require('./clients');
const { machine } = require('./machine.js');
const { report } = require('./report.js');
const { runWorkload } = require('./runner.js');
const { startServer } = require('./server.js');
const { net, summary } = require('./statistics.js');
const { WORKLOADS } = require('./workloads.js');

const OPTIONS = { only: { type: 'string' }, clients: { type: 'string' }, runs: { type: 'string' }, out: { type: 'string' } };
const RUNS = { full: 5, quick: 1, tiny: 1 };
const ELSEWHERE = path.join(__dirname, '..', 'target', 'bench');

async function main() {
  const { values, positionals: [length = 'full'] } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (!(length in RUNS)) throw new Error(`Unknown length ${length}: use quick or tiny, or leave it out.`);
  const only = namesIn(values.only, 'workload', WORKLOADS.map(({ name }) => name));
  const workloads = WORKLOADS.filter(({ name }) => name === 'idle' || only.includes(name));
  const clients = new Set([...namesIn(values.clients, 'client', Object.keys(CLIENTS)), 'idle']);
  const runs = Number(values.runs ?? RUNS[length]);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs} is not a number of runs.`);
  const isWhole = length === 'full' && !values.only && !values.clients && runs >= RUNS.full;
  const folder = values.out ?? (isWhole ? __dirname : ELSEWHERE);

  const server = await startServer();
  const started = performance.now();
  const results = { machine: machine(), length, runs, workloads: {} };
  try {
    for (const workload of workloads) {
      const all = await runWorkload(workload, { server, clients, length, runs });
      if (Object.keys(all).length === 0) continue;
      const agree = agreement(workload.name, all);
      // Clients that cannot count the events got the same ones.
      for (const run of Object.values(all).flat()) if (run.events === null) run.events = agree.events;
      results.workloads[workload.name] = {
        title: workload.title(workload.sizes[length]),
        task: workload.task,
        agree,
        clients: Object.fromEntries(Object.entries(all).map(([name, list]) => [name, summary(list)])),
      };
      console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${workload.name}`);
    }
  } finally {
    server.close();
  }
  net(results);
  results.seconds = Math.round((performance.now() - started) / 1000);
  write(folder, results);
}

/** Returns the names in a list with commas, or all names if there is no list. Throws for an unknown name. */
function namesIn(list, what, all) {
  if (list === undefined) return all;
  const names = list.split(',');
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`There is no ${what} ${unknown.join(', ')}. There are: ${all.join(', ')}`);
  return names;
}

/** Returns what all clients received: text, number of events, number of models. Throws if two clients differ. */
function agreement(name, all) {
  const seen = {};
  for (const figure of ['text', 'events', 'found']) {
    const values = Object.entries(all).flatMap(([client, list]) => list.map((run) => [client, run[figure]]).filter(([, value]) => value !== undefined && value !== null));
    const different = values.find(([, value]) => value !== values[0][1]);
    if (different) throw new Error(`${name}: ${different[0]} and ${values[0][0]} disagree about the figure "${figure}".`);
    if (values.length > 0) seen[figure] = values[0][1];
  }
  return seen;
}

function write(folder, results) {
  fs.mkdirSync(folder, { recursive: true });
  const text = report(results);
  fs.writeFileSync(path.join(folder, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
  fs.writeFileSync(path.join(folder, 'results.md'), text);
  fs.writeFileSync(path.join(folder, 'results.svg'), chart(results, 'light'));
  fs.writeFileSync(path.join(folder, 'results-dark.svg'), chart(results, 'dark'));
  console.log(`\n${text}\nwritten into ${folder}`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
