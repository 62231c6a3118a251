'use strict';

const { CLIENTS } = require('./clients');
const { REASONS } = require('./reasons.js');
const { TARGETS, eventsPerSecond, gainOver, round } = require('./targets.js');
const { LUKEWARM, WARM } = require('./workloads.js');

/** The columns of each task's table: a heading, and the name of a figure or a function that computes it. */
const COLUMNS = {
  streams: [['events/s', eventsPerSecond], ['wall ms', 'wallMs'], ['CPU ms', 'cpuMs'], ['main-thread CPU ms', 'mainMs'], ['loop delay p99 ms', 'p99Ms'], ['peak MiB', 'rssMiB']],
  agents: [['main-thread CPU ms per chat', 'mainMs'], ['CPU ms per chat', 'cpuMs'], ['delay of a word when all run, p50 ms', 'delayMs'], ['p95 ms', 'delayP95Ms'], ['p95 ms with the starts', 'wholeP95Ms'], ['deltas per chat', 'deltas'], ['wall ms', 'wallMs'], ['peak MiB', 'rssMiB']],
  'after-pause': [
    ...[0, 6, 30, 120].map((seconds) => [`after ${seconds} s`, `after${seconds}Ms`]),
    ...[30, 120].map((seconds) => [`${seconds} s, server says that it keeps the connection`, `said${seconds}Ms`]),
    ...[30, 120].map((seconds) => [`${seconds} s, server closes after 10 s`, `closed${seconds}Ms`]),
  ],
  'first-chat': [['first token ms', 'firstMs']],
  workers: [['events/s', eventsPerSecond], ['wall ms', 'wallMs'], ['CPU ms', 'cpuMs'], ['peak MiB', 'rssMiB']],
  short: [['first token p50 ms', 'firstMs'], ['p99 ms', 'firstP99Ms'], ['CPU ms', 'cpuMs'], ['main-thread CPU ms', 'mainMs']],
  embeddings: [['wall ms', 'wallMs'], ['CPU ms', 'cpuMs'], ['main-thread CPU ms', 'mainMs'], ['peak MiB', 'rssMiB']],
  models: [['cold ms', 'wallMs'], ['CPU ms', 'cpuMs'], ['main-thread CPU ms', 'mainMs'], ['cached µs', 'cachedUs'], ['empty async call µs', 'emptyUs']],
  prompt: [['main-thread CPU ms', 'mainMs'], ['JSON.stringify alone ms', 'stringifyMs'], ['wall ms', 'wallMs'], ['CPU ms', 'cpuMs']],
  open: [['KiB per stream', 'kibPerStream'], ['MiB in all', 'rssMiB']],
  require: [['ms', 'loadMs']],
  idle: [['wall ms', 'wallMs'], ['CPU ms', 'cpuMs'], ['main-thread CPU ms', 'mainMs'], ['loop delay p99 ms', 'p99Ms']],
};

COLUMNS['chat-server'] = COLUMNS.agents;

/** Returns the results as Markdown: first the targets, then the table of each workload. */
function report(results) {
  const { machine, length, runs, seconds, workloads } = results;
  const versions = Object.entries(machine.versions).filter(([, version]) => version);
  return [
    '# Benchmark',
    '',
    `\`npm run bench${length === 'full' ? '' : ` -- ${length}`}\`, ${machine.date}, commit ${machine.commit}, ${seconds} s. ${machine.cpu}, ${machine.memory}, ${machine.system}; ${machine.cores}.`,
    `Each client runs in a fresh process for each run, and the clients take turns. A figure is the median of ${runs} ${runs === 1 ? 'run' : 'runs, with the minimum and maximum in parentheses'}. From the CPU time of paced streams, the cost of the harness itself (workload \`idle\`) is subtracted.`,
    `Before streams are measured, each client reads ${WARM.long} answers of ${WARM.events.toLocaleString('en')} events and ${WARM.short} short ones, so that V8 has compiled the code (workload \`sdk-200\`: ${LUKEWARM.long} answer of ${LUKEWARM.events.toLocaleString('en')} events). Before short chats are measured, each client makes a quarter as many.`,
    '',
    versions.map(([name, version]) => `${name} ${version}`).join(', '),
    '',
    '## What must be reached',
    '',
    ...targetLines(results),
    '',
    ...Object.entries(workloads).flatMap(([name, workload]) => workloadLines(name, workload)),
  ].join('\n');
}

function targetLines(results) {
  const rows = TARGETS.flatMap((target) => {
    const measured = target.measure(results);
    if (measured === null) return [];
    const isReached = measured.ratio >= 1;
    const verdict = isReached ? 'yes' : `**no**, ${Math.round(100 * (1 - measured.ratio))} % short`;
    const gains = ['node-fetch', 'openai'].map((peer) => gainOver(peer, target, results));
    const cells = [target.workload, target.what, target.must, measured.shown, verdict, ...gains];
    return [{ target, isReached, line: `| ${cells.join(' | ')} |` }];
  });
  const missed = new Set(rows.filter(({ isReached }) => !isReached).map(({ target }) => target.workload));
  const reasons = [...missed].filter((name) => REASONS[name]).map((name) => `- \`${name}\`: ${REASONS[name]}`);
  return [
    'The last columns say how many times better the figure is than that of the peer, where the peer has it.',
    '',
    '| workload | figure | target | measured | reached | than node-fetch | than openai |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(({ line }) => line),
    ...(reasons.length > 0 ? ['', 'Why some targets are not reached:', '', ...reasons] : []),
  ];
}

function workloadLines(name, { title, task, clients }) {
  const present = COLUMNS[task].filter(([, figure]) => Object.values(clients).some((figures) => valueOf(figures, figure)));
  const rows = Object.entries(clients).map(([client, figures]) => {
    const cells = present.map(([, figure]) => cell(valueOf(figures, figure)));
    return `| ${CLIENTS[client] ?? client} | ${cells.join(' | ')} |`;
  });
  return [`## \`${name}\`: ${title}`, '', `| client | ${present.map(([heading]) => heading).join(' | ')} |`, `|---|${'---|'.repeat(present.length)}`, ...rows, ''];
}

function valueOf(figures, figure) {
  if (typeof figure !== 'function') return figures[figure];
  return figures.events ? figure(figures) : undefined;
}

function cell(value) {
  if (!value) return '';
  const spread = value.min !== undefined && value.min !== value.max ? ` (${round(value.min)} to ${round(value.max)})` : '';
  return `${value.median >= 1000 ? Math.round(value.median).toLocaleString('en') : round(value.median)}${spread}`;
}

module.exports = { report };
