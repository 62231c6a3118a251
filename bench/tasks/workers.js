'use strict';

const { once } = require('node:events');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { load } = require('../clients');
const { Meter } = require('../meter.js');
const { readAll, summed, warm } = require('./streams.js');

/** Measures the same streams divided among worker threads. */
async function workers({ count, threads, ...work }) {
  const all = Array.from({ length: threads }, () => new Worker(__filename, { workerData: { ...work, count: count / threads } }));
  await Promise.all(all.map((worker) => once(worker, 'message')));
  const meter = await Meter.start();
  for (const worker of all) worker.postMessage('start');
  const seen = await Promise.all(all.map(async (worker) => (await once(worker, 'message'))[0]));
  const { wallMs, cpuMs, rssMiB } = await meter.stop();
  if (seen.some(({ text }) => text !== seen[0].text)) throw new Error('The workers received different texts.');
  return { wallMs, cpuMs, rssMiB, events: seen.reduce((sum, { events }) => sum + events, 0), text: seen[0].text };
}

/** Reads the share of one worker, when all are ready. */
async function share() {
  const open = await load('ours');
  await warm(workerData.warmUps, open);
  parentPort.postMessage('ready');
  await once(parentPort, 'message');
  const client = open(workerData.url);
  parentPort.postMessage(summed(client, await readAll(client, workerData.count)));
  parentPort.close();
}

module.exports = workers;
if (!isMainThread) share();
