'use strict';

const fs = require('node:fs');

const { median } = require('../statistics.js');

/**
 * How much the later median may exceed the earlier one and still count as flat. This covers the noise of the allocator, and
 * idle connections in the pool: streams that end together leave many of them for 25 s.
 */
const SLACK = { rssMiB: 24, heapMiB: 8, sockets: 100, threads: 1, handles: 8 };

/** Measures what this process holds now. */
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

/** Prints the medians of each figure over the second and the last third of a run. Returns whether none has grown. */
function isFlat(name, samples) {
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const rows = Object.entries(SLACK).map(([figure, slack]) => {
    const [before, after] = [middle, last].map((part) => Math.round(10 * (median(part.map((one) => one[figure])) ?? 0)) / 10);
    return [figure, { 'second third': before, 'last third': after, flat: after <= before + slack }];
  });
  console.log(`\n${name}: ${samples.length} samples`);
  console.table(Object.fromEntries(rows));
  return rows.every(([, { flat }]) => flat);
}

module.exports = { isFlat, sample };
