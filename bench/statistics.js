'use strict';

/** Returns the value below which the fraction `part` of the values lies. */
function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** Returns the middle value, or the mean of the two middle ones. */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[Math.floor(half)];
}

/** Returns the median, minimum and maximum of each figure. Runs that lack a figure do not count for it. */
function summary(runs) {
  const names = new Set(runs.flatMap((run) => Object.keys(run)));
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const values = runs.map((run) => run[name]).filter((value) => typeof value === 'number');
      if (values.length === 0) return [];
      return [[name, { median: median(values), min: Math.min(...values), max: Math.max(...values) }]];
    }),
  );
}

/**
 * Subtracts the CPU cost of measuring the event-loop delay, in proportion to the wall time. The workload `idle` measures
 * this cost in a process that does nothing else.
 */
function net({ workloads }) {
  const idle = workloads.idle?.clients.idle;
  if (!idle) return;
  for (const { clients } of Object.values(workloads)) {
    for (const figures of Object.values(clients)) {
      if (!figures.p99Ms || figures === idle) continue;
      for (const name of ['cpuMs', 'mainMs']) {
        if (!figures[name]) continue;
        const perMs = idle[name].median / idle.wallMs.median;
        for (const [part, value] of Object.entries(figures[name])) figures[name][part] = value - perMs * figures.wallMs[part];
      }
    }
  }
}

module.exports = { median, net, quantile, summary };
