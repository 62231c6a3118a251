'use strict';

/** The value below which a part of `values` lies. */
function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** The middle one, or the mean of the middle two. */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[Math.floor(half)];
}

/** Each figure of some runs: median, least and most. Figures that a run does not have stay out. */
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

/** Takes off what watching the event loop costs a process that does nothing else (the workload `idle`). */
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
