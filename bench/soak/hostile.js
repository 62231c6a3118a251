'use strict';

const { Worker } = require('node:worker_threads');
const { inspect } = require('node:util');
const path = require('node:path');

const { OpenRouterClient, OpenRouterError, createFetch } = require('../..');
const { KEY, startServer } = require('./servers.js');

const MIB = 2 ** 20;
/** Limits that a hostile answer reaches within the time of a run. */
const LIMITS = { maxEventBytes: 8 * MIB, maxResponseBytes: 32 * MIB, timeouts: { headers: 1000, idle: 1000, total: 3000 } };
/** A call that has not ended by then hangs. */
const PATIENCE_MS = 20_000;
/** How much longer an event may wait for the network thread beside hostile calls than alone. */
const LONGER_MS = 100;
const ANSWERS = [
  'endless deltas', 'endless new fields', 'an event without end', 'many choices', 'many tool calls', 'a compressed bomb',
  'a compressed completion', 'a deep completion', 'white space', 'lines without data', 'slow headers', 'headers without end',
  'a reset in mid-stream', 'an error that echoes the key', 'redirects without end',
];
const messages = [{ role: 'user', content: 'q' }];
const manyKeys = () => Object.fromEntries(Array.from({ length: 160_000 }, (_, at) => [`k${at}`, at]));

/** What a hostile caller does, by name: each gets the base URL of a hostile answer, and a client of it. */
const CALLS = {
  stream: async (client) => (await client.chatCompletion({ model: 'a/b', messages, stream: true })).finalCompletion(),
  text: async (client) => {
    for await (const text of (await client.chatCompletion({ model: 'a/b', messages, stream: true })).text()) void text;
  },
  completion: (client) => client.chatCompletion({ model: 'a/b', messages }),
  models: (client) => client.getModels(true),
  credits: (client) => client.getCredits(true),
  fetch: async (client) => {
    const { maxEventBytes, timeouts } = LIMITS;
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'a/b', messages, stream: true });
    const response = await createFetch({ maxEventBytes, timeouts, onUsage() {} })(`${client.baseURL}/chat/completions`, { method: 'POST', headers, body });
    for await (const bytes of response.body) void bytes;
  },
  'body with 160k keys': (client) => client.chatCompletion({ model: 'a/b', messages, ...manyKeys() }),
  'provider with 160k keys': (client) => client.chatCompletion({ model: 'a/b', messages, provider: { zdr: true, ...manyKeys() }, zdr: true }),
  'list of 100k models': (client) => client.chatCompletion({ model: 'a/b', messages, models: Array.from({ length: 100_000 }, (_, at) => `m/${at}`) }),
};
const AT_A_TIME = 8;

/**
 * Runs `count` honest streams for `seconds`: first alone, then beside hostile calls. Prints how long their events waited, and how
 * the hostile calls ended. Resolves to the verdicts.
 */
async function soakBesideHostile({ seconds, count, without }) {
  const [good, bad] = await Promise.all([startServer(), startServer()]);
  const honest = () => runHonest({ url: good.url, seconds, count, key: `${KEY}-honest` });
  const alone = await honest();
  const hostile = startHostile(bad.url, without);
  const beside = await honest();
  const ends = await hostile.stop();
  good.close();
  bad.close();

  console.log(`\n${count} honest streams at a time; the time from the server's write to JavaScript, in ms`);
  const { faults: _, ...figures } = alone;
  const { faults, ...besideFigures } = beside;
  console.table({ alone: figures, 'beside hostile calls': besideFigures });
  console.log(`${alone.read + beside.read} honest streams; ${alone.faults.length + faults.length} lost something`);
  for (const fault of [...alone.faults, ...faults].slice(0, 5)) console.log(`  ${fault}`);
  console.table(ends.table);
  console.log(`${ends.count} hostile calls; ${ends.wrong.length} ended wrongly; at most ${Math.round(ends.peakMiB)} MiB resident`);
  for (const wrong of [...new Set(ends.wrong)].slice(0, 20)) console.log(`  ${wrong}`);
  return {
    'honest streams lose nothing beside hostile calls': alone.faults.length + faults.length === 0,
    [`no honest event waits ${LONGER_MS} ms longer beside hostile calls`]: beside.longestMs <= alone.longestMs + LONGER_MS,
    'hostile calls end, and show no key': ends.wrong.length === 0,
  };
}

function runHonest(workerData) {
  const worker = new Worker(path.join(__dirname, 'honest.js'), { workerData });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Starts hostile calls, some at a time, each call that is not left out against each such answer in turn, until `stop` is called. */
function startHostile(url, without) {
  const unknown = without.filter((name) => !ANSWERS.includes(name) && !(name in CALLS));
  if (unknown.length > 0) throw new Error(`There is no hostile call or answer ${unknown.join(', ')}.`);
  const isIn = (name) => !without.includes(name);
  const pairs = ANSWERS.filter(isIn).flatMap((answer) => Object.keys(CALLS).filter(isIn).map((call) => [answer, call]));
  const ends = { count: 0, wrong: [], table: {}, peakMiB: 0 };
  let isStopped = false;
  let next = 0;
  const worker = async () => {
    while (!isStopped) {
      // Neighbours in the list are alike, so go through it in steps that have no common divisor with its length.
      const [answer, call] = pairs[(next * 37) % pairs.length];
      next += 1;
      const end = await endOf(url, answer, call);
      ends.count += 1;
      if (end.fault) ends.wrong.push(`${call}, ${answer}: ${end.fault}`);
      (ends.table[answer] ??= {})[end.code] = (ends.table[answer][end.code] ?? 0) + 1;
      ends.peakMiB = Math.max(ends.peakMiB, process.memoryUsage.rss() / MIB);
    }
  };
  const workers = Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return {
    async stop() {
      isStopped = true;
      await workers;
      return ends;
    },
  };
}

/** Makes a hostile call. Resolves to the code that it ended with, and to what is wrong with that, if anything is. */
async function endOf(url, answer, call) {
  const client = new OpenRouterClient(KEY, { baseURL: `${url}/${encodeURIComponent(answer)}/api/v1`, maxRetries: 0, ...LIMITS });
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, PATIENCE_MS, { code: 'hangs', fault: 'did not end' }); });
  const ended = CALLS[call](client).then(() => ({ code: 'ok' }), (error) => {
    const shown = `${inspect(error)} ${JSON.stringify(error)}`;
    if (shown.includes('canary')) return { code: error.code, fault: 'shows the key' };
    const isTyped = error instanceof OpenRouterError || (call === 'fetch' && error instanceof TypeError);
    return { code: error.code ?? error.name, fault: isTyped ? undefined : shown.slice(0, 300) };
  });
  const end = await Promise.race([ended, late]);
  clearTimeout(timer);
  return end;
}

module.exports = { soakBesideHostile };
