'use strict';

// `npm run soak`: runs hundreds of concurrent streams for minutes, of which a fifth are aborted and a fifth fail, then many
// failing and aborted calls. Memory, sockets, threads and handles must not grow. The emulator has a process of its own, so
// that only the client is measured.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { parseArgs } = require('node:util');

const { OpenRouterClient, getStats } = require('..');

const OPTIONS = {
  seconds: { type: 'string', default: '120' },
  streams: { type: 'string', default: '500' },
  calls: { type: 'string', default: '100000' },
};
/** A key without a limit: one with a limit would be used up after six minutes, and all later requests answered with 402. */
const KEY = 'sk-or-v1-soak';
const MODEL = 'openai/gpt-5-mini';
const messages = [{ role: 'user', content: 'Tell me a story.' }];

/** How a stream ends, by its number: three fifths end normally, a fifth is aborted, a fifth fails. */
const FATES = ['whole', 'abort', 'whole', 'fail', 'whole'];
const FAILURES = [{ errorAt: 5 }, { cut: 5, cutHow: 'reset' }, { status: 503 }, { garbage: 5 }, { drop: 'fin' }];
/** How the calls of the second run end. */
const CALLS = [
  { status: 500 }, { status: 429 }, { status: 400 }, { drop: 'reset' }, { errorAt: 0 },
  'refused', 'time out', 'abort before the headers', 'abort in mid-stream',
];

/**
 * How much the later median may exceed the earlier one and still count as flat. This covers the noise of the allocator, and
 * idle connections in the pool: streams that end together leave many of them for 25 s.
 */
const SLACK = { rssMiB: 24, heapMiB: 8, sockets: 100, threads: 1, handles: 8 };

async function main() {
  const { values } = parseArgs({ options: OPTIONS });
  const [seconds, width, calls] = [values.seconds, values.streams, values.calls].map(Number);
  const { emulator, baseURL } = await startServer();
  const client = new OpenRouterClient(KEY, { baseURL, maxRetries: 0 });
  const verdicts = [];
  try {
    const streams = await soakStreams(client, { seconds, width });
    console.log(`${streams.counts.whole} whole, ${streams.counts.abort} aborted, ${streams.counts.fail} failed; ${streams.counts.wrong} ended unexpectedly`);
    verdicts.push(streams.counts.wrong === 0, show('streams', streams.samples));
    const leaks = await soakCalls(client, calls);
    verdicts.push(show('calls', leaks.samples));
    console.log(`still open: ${getStats().activeStreams} streams`);
    verdicts.push(getStats().activeStreams === 0);
  } finally {
    emulator.kill();
  }
  const flat = verdicts.every(Boolean);
  console.log(flat ? 'flat' : 'NOT FLAT');
  process.exitCode = flat ? 0 : 1;
}

async function startServer() {
  const command = [path.join(__dirname, '..', 'cli', 'index.js'), 'emulator', '--json', '--credits', '1000000'];
  const emulator = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => emulator.kill());
  for await (const line of createInterface({ input: emulator.stdout })) return { emulator, baseURL: JSON.parse(line).baseURL };
  throw new Error('The emulator did not start.');
}

/** Keeps `width` streams open for `seconds`, and takes a sample every half second. */
async function soakStreams(client, { seconds, width }) {
  const counts = { whole: 0, abort: 0, fail: 0, wrong: 0 };
  const until = performance.now() + seconds * 1000;
  const samples = [];
  let next = 0;
  const worker = async () => {
    while (performance.now() < until) {
      const number = next;
      next += 1;
      const fate = FATES[number % FATES.length];
      const ended = await oneStream(client, fate, number);
      counts[ended === fate ? fate : 'wrong'] += 1;
    }
  };
  const sampler = setInterval(() => samples.push(sample()), 500);
  await Promise.all(Array.from({ length: width }, worker));
  clearInterval(sampler);
  // Drop the samples of the time in which the last streams end, because fewer streams are open then.
  return { counts, samples: samples.filter(({ at }) => at < until) };
}

async function oneStream(client, fate, number) {
  const directives = fate === 'fail' ? FAILURES[Math.floor(number / FATES.length) % FAILURES.length] : {};
  let stream;
  try {
    stream = await client.chatCompletion({ model: MODEL, messages, stream: true, emulator: { chunks: 40, gap: 20, ...directives } });
    let left = fate === 'abort' ? 1 + (number % 30) : Infinity;
    let isLeft = false;
    for await (const text of stream.text()) {
      left -= text.length > 0 ? 1 : 0;
      if (left > 0) continue;
      isLeft = true;
      if (number % 2 === 0) break;
      stream.abort();
    }
    // On a busy machine the whole answer may have arrived before the abort, so `isLeft` decides.
    return isLeft || stream.finishReason === null ? 'abort' : 'whole';
  } catch (error) {
    return error.code === 'aborted' ? 'abort' : 'fail';
  }
}

/** Makes `calls` calls that fail or are aborted, 50 at a time, and takes 50 samples. */
async function soakCalls(client, calls) {
  const samples = [];
  let made = 0;
  const worker = async () => {
    while (made < calls) {
      const number = made;
      made += 1;
      if (number % Math.ceil(calls / 50) === 0) samples.push(sample());
      await oneCall(client, CALLS[number % CALLS.length]);
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  return { samples };
}

/** Directives of the calls that end before their response does. */
const SLOW = { 'time out': { delay: 5000 }, 'abort before the headers': { delay: 5000 }, 'abort in mid-stream': { stall: 2 } };
/** A client of a port on which no server listens. */
const nowhere = new OpenRouterClient(KEY, { baseURL: 'http://127.0.0.1:9/api/v1', maxRetries: 0 });

async function oneCall(client, fate) {
  const controller = new AbortController();
  const directives = typeof fate === 'string' ? SLOW[fate] : fate;
  const timeouts = fate === 'time out' ? { headers: 1 } : {};
  const params = { model: MODEL, messages, stream: true, signal: controller.signal, timeouts, emulator: { chunks: 5, ...directives } };
  try {
    const asked = (fate === 'refused' ? nowhere : client).chatCompletion(params);
    if (fate === 'abort before the headers') setTimeout(() => controller.abort(), 1);
    for await (const chunk of await asked) if (chunk.choices[0].delta.content) controller.abort();
  } catch {
    // The failure is intended.
  }
}

function sample() {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const links = fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd').map(linkOf) : [];
  const status = fs.existsSync('/proc/self/status') ? fs.readFileSync('/proc/self/status', 'utf8') : '';
  return {
    at: performance.now(),
    rssMiB: rss / 2 ** 20,
    heapMiB: heapUsed / 2 ** 20,
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0),
    handles: process.getActiveResourcesInfo().length,
  };
}

function linkOf(fd) {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/** Prints the medians of each figure over the second and the last third of the run. Returns whether all are flat. */
function show(name, samples) {
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const rows = Object.entries(SLACK).map(([figure, slack]) => {
    const [before, after] = [median(middle, figure), median(last, figure)];
    return [figure, { 'second third': before, 'last third': after, flat: after <= before + slack }];
  });
  console.log(`\n${name}: ${samples.length} samples`);
  console.table(Object.fromEntries(rows));
  return rows.every(([, { flat }]) => flat);
}

function median(samples, figure) {
  const sorted = samples.map((one) => one[figure]).sort((a, b) => a - b);
  return Math.round(10 * (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 10;
}

main();
