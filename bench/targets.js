'use strict';

// The targets of the benchmark. Most compare two figures of the same benchmark run: ours with a peer's, or with a limit that
// no client can pass.

const { JS_PEERS, PEERS } = require('./clients');

const eventsPerSecond = (figures) => ({ median: (1000 * figures.events.median) / figures.wallMs.median });

/** A target: our figure must be at most 1/`factor` of the peer's, or with `more` at least `factor` times the peer's. */
function times(workload, what, figure, peer, factor, { ours = 'ours', more = false } = {}) {
  return {
    what: `${what} against ${peer}`,
    workload,
    compared: { figure, ours, more },
    must: `${more ? '>= ' : '<= 1/'}${factor}${more ? 'x' : ''}`,
    measure(results) {
      const valueOf = (client) => valueIn(results, workload, client, figure);
      const [own, other] = [valueOf(ours), valueOf(peer)];
      if (own === null || other === null) return null;
      const ratio = more ? own / other : gain(own, other);
      if (ratio === null) return null;
      const shown = ratio > 999 ? 'too small to measure' : more ? `${round(ratio)}x` : `1/${round(ratio)}`;
      return { ratio: ratio / factor, shown };
    },
  };
}

/** A target: our figure must be at most `most` times that of a client which marks the limit. */
function within(workload, what, figure, edge, most, ours = 'ours') {
  return {
    what: `${what} against ${edge}`,
    workload,
    compared: { figure, ours, more: false },
    must: `<= ${most}x`,
    measure(results) {
      const [own, other] = [ours, edge].map((client) => valueIn(results, workload, client, figure));
      if (own === null || !(other > 0)) return null;
      return { ratio: own > 0 ? (most * other) / own : Infinity, shown: `${round(own / other)}x` };
    },
  };
}

/** Returns how many times better our figure of a target is than that of a peer, as text; empty if there is no such figure. */
function gainOver(peer, { workload, compared }, results) {
  if (compared === undefined) return '';
  const [own, other] = [compared.ours, peer].map((client) => valueIn(results, workload, client, compared.figure));
  if (!(own > 0 && other > 0)) return '';
  return `${round(compared.more ? own / other : other / own)}x`;
}

/**
 * Returns how many times smaller our figure is than the other. After the cost of the harness is subtracted, a figure may be
 * negative: if ours is, nothing is smaller; if only the other is, they cannot be compared and this is null.
 */
function gain(own, other) {
  if (own <= 0) return Infinity;
  return other > 0 ? other / own : null;
}

function valueIn(results, workload, client, figure) {
  const figures = results.workloads[workload]?.clients[client];
  if (!figures) return null;
  const value = typeof figure === 'function' ? figure(figures) : figures[figure];
  return value?.median ?? null;
}

/** A target: our figure must be at most 1/`factor` of the smallest figure of these peers. */
function best(workload, what, figure, peers, factor, must) {
  return {
    what,
    workload,
    must,
    measure(results) {
      const own = valueIn(results, workload, 'ours', figure);
      const others = peers.map((peer) => [peer, valueIn(results, workload, peer, figure)]).filter(([, value]) => value !== null);
      if (own === null || others.length === 0) return null;
      const [name, least] = others.reduce((a, b) => (b[1] < a[1] ? b : a));
      const ratio = gain(own, least);
      return ratio === null ? null : { ratio: ratio / factor, shown: `${round(own)} against ${round(least)} (${name})` };
    },
  };
}

/** A target: a value must be at most `most`. */
function limit(workload, what, must, most, valueOf, unit) {
  return {
    what,
    workload,
    must,
    measure(results) {
      const value = valueOf(results);
      return Number.isFinite(value) ? { ratio: gain(value, most), shown: `${round(value)}${unit}` } : null;
    },
  };
}

const stream = (name) => [
  within(name, 'text(): time', 'wallMs', 'engine', 1.3, 'ours-text'),
  within(name, 'for await: time', 'wallMs', 'engine', 2),
  times(name, 'main-thread CPU per event', 'mainMs', 'node-fetch', 5),
  times(name, 'main-thread CPU per event', 'mainMs', 'openai', 15),
];

const paced = (name, [main, mainOfSdk], total) => [
  times(name, 'main-thread CPU', 'mainMs', 'node-fetch', main),
  times(name, 'main-thread CPU', 'mainMs', 'openai', mainOfSdk),
  ...(total ? [times(name, 'CPU', 'cpuMs', 'node-fetch', total[0]), times(name, 'CPU', 'cpuMs', 'openai', total[1])] : []),
];

const short = (name) => [
  within(name, 'first token, p50', 'firstMs', 'bare', 1.6),
  within(name, 'CPU per request', 'cpuMs', 'bare', 3),
];

/** The share of the main thread, or of all CPU, that a chat may cost of what it costs with the SDK's own `fetch`. */
const merged = (workload, what, figure, ours, peer, factor) => times(workload, what, figure, peer, factor, { ours });

const delay = (workload, what, ours, most) =>
  limit(workload, `${what}, p95 of a word's delay`, `<= ${most} ms`, most, (results) => valueIn(results, workload, ours, 'delayP95Ms') ?? NaN, ' ms');

const open = (workload, most) =>
  limit(workload, 'memory of a silent stream', `<= ${most} KiB`, most, (results) => valueIn(results, workload, 'ours', 'kibPerStream') ?? NaN, ' KiB');

/** How many times the time of a hot connection a chat takes at least if its client had to connect again. */
const RECONNECTED = 1.5;

/** The targets of the first token after a pause: as on a hot connection, and against each peer by whether it reconnects. */
const afterPause = (figure, what) => [
  {
    ...limit('after-pause', `first token ${what}, against a hot connection`, '<= 1.1x', 1.1, (results) => {
      const [paused, hot] = [figure, 'after0Ms'].map((name) => valueIn(results, 'after-pause', 'ours', name) ?? NaN);
      return paused / hot;
    }, 'x'),
    compared: { figure, ours: 'ours', more: false },
  },
  ...['node-fetch', 'openai'].map((peer) => ({
    what: `first token ${what}, against ${peer}`,
    workload: 'after-pause',
    must: '<= 1/2 if it reconnects, else <= 1.1x',
    measure(results) {
      const [own, other, hot] = [['ours', figure], [peer, figure], [peer, 'after0Ms']].map(([client, name]) => valueIn(results, 'after-pause', client, name));
      if (own === null || other === null) return null;
      const most = other > RECONNECTED * hot ? 0.5 : 1.1;
      return { ratio: (most * other) / own, shown: `${round(own)} against ${round(other)} ms` };
    },
  })),
];

const TARGETS = [
  ...afterPause('after30Ms', 'after 30 s'),
  ...afterPause('after120Ms', 'after 120 s'),
  ...afterPause('said30Ms', 'after 30 s, the server says that it keeps the connection'),
  ...afterPause('said120Ms', 'after 120 s, the server says that it keeps the connection'),
  ...afterPause('closed30Ms', 'after 30 s, the server closes after 10 s'),
  ...afterPause('closed120Ms', 'after 120 s, the server closes after 10 s'),
  limit('first-chat', 'first token after connect()', '1.5 round trips: <= 75 ms', 75, (results) => valueIn(results, 'first-chat', 'ours-connected', 'firstMs') ?? NaN, ' ms'),
  times('first-chat', 'first token after connect()', 'firstMs', 'node-fetch', 2, { ours: 'ours-connected' }),
  times('first-chat', 'first token after connect()', 'firstMs', 'openai', 2, { ours: 'ours-connected' }),
  merged('agents-200', 'openai on createFetch, main-thread CPU', 'mainMs', 'openai-coalesced', 'openai', 6),
  merged('agents-200', 'LangChain agent on createFetch, main-thread CPU', 'mainMs', 'agent-coalesced', 'agent', 4),
  merged('agents-200', 'LangChain agent on ChatOpenRouter, main-thread CPU', 'mainMs', 'agent-ours', 'agent', 6),
  delay('agents-200', 'openai on createFetch', 'openai-coalesced', 40),
  delay('agents-200', 'LangChain agent on createFetch', 'agent-coalesced', 40),
  delay('agents-200', 'LangChain agent on ChatOpenRouter', 'agent-ours', 40),
  merged('chat-server', 'agents on createFetch, CPU', 'cpuMs', 'agent-coalesced', 'agent', 3),
  merged('chat-server', 'agents on ChatOpenRouter, CPU', 'cpuMs', 'agent-ours', 'agent', 3),
  ...stream('stream-1'),
  ...stream('stream-16'),
  ...paced('http-200', [5, 8]),
  ...paced('http-1000', [5, 8]),
  times('http-1000', 'p99 event-loop delay', 'p99Ms', 'node-fetch', 10),
  best('http-1000', 'peak memory, MiB', 'rssMiB', PEERS, 1, 'below every peer'),
  ...paced('tls-200', [10, 20], [3, 6]),
  ...paced('tls-1000', [10, 20], [3, 6]),
  times('tls-1000', 'p99 event-loop delay', 'p99Ms', 'node-fetch', 30),
  times('sdk-200', 'openai on createFetch, main-thread CPU', 'mainMs', 'openai', 2, { ours: 'openai-fetch' }),
  times('sdk-200', 'ai on createFetch, main-thread CPU', 'mainMs', 'ai', 1, { ours: 'ai-fetch' }),
  within('sdk-200', 'LangChain agent on createFetch, main-thread CPU', 'mainMs', 'agent-alone', 1.3, 'agent-fetch'),
  within('sdk-200', 'LangChain agent on ChatOpenRouter, main-thread CPU', 'mainMs', 'agent-alone', 1.2, 'agent-ours'),
  times('responses', 'main-thread CPU per event', 'mainMs', 'openai', 10),
  times('embeddings-2048', 'main-thread CPU', 'mainMs', 'openai', 4),
  times('embeddings-2048', 'peak memory', 'rssMiB', 'openai', 2),
  times('workers', 'events/s of 2 workers', eventsPerSecond, 'workers-1', 0.95, { ours: 'workers-2', more: true }),
  times('workers', 'events/s of 4 workers', eventsPerSecond, 'workers-1', 0.95, { ours: 'workers-4', more: true }),
  ...short('short-http'),
  ...short('short-tls'),
  ...short('short-h2'),
  best('image-3', 'wall time, ms', 'wallMs', JS_PEERS, 2, '<= 1/2 of the best JS peer'),
  limit('image-16', 'wall time per MB, relative to image-3', 'linear: <= 1.25', 1.25, (results) => (valueIn(results, 'image-16', 'ours', 'wallMs') ?? NaN) / 16 / ((valueIn(results, 'image-3', 'ours', 'wallMs') ?? NaN) / 3), 'x'),
  times('models', 'not cached: wall time', 'wallMs', 'node-fetch', 2),
  limit('models', 'cached: time of a call, minus that of an empty async function', '<= 1 µs', 1, (results) => (valueIn(results, 'models', 'ours', 'cachedUs') ?? NaN) - (valueIn(results, 'models', 'ours', 'emptyUs') ?? NaN), ' µs'),
  limit('prompt', 'main-thread CPU, relative to JSON.stringify alone', '<= 1.3x', 1.3, (results) => (valueIn(results, 'prompt', 'ours', 'mainMs') ?? NaN) / (valueIn(results, 'prompt', 'ours', 'stringifyMs') ?? NaN), 'x'),
  // hyper alone takes 28 KiB of it, see the reasons.
  open('open-http', 40),
  open('open-h2', 20),
  limit('require', 'time to load the package', '<= 5 ms', 5, (results) => valueIn(results, 'require', 'ours', 'loadMs') ?? NaN, ' ms'),
  limit('require', 'size of the .node file', '<= 5.5 MB', 5.5, ({ machine }) => machine.addonMB, ' MB'),
];

/** Rounds to three significant digits, because the measurements are no more precise than that. */
function round(value) {
  return String(Number(value.toPrecision(3)));
}

module.exports = { TARGETS, eventsPerSecond, gainOver, round, valueIn };
