'use strict';

const { eventsPerSecond, round } = require('./targets.js');

/** Names short enough for a bar. */
const NAMES = {
  'node-fetch': 'node-fetch 2',
  openai: 'openai',
  openrouter: '@openrouter/sdk',
  'fetch-parser': 'fetch + parser',
  'undici-parser': 'undici + parser',
  impit: 'impit',
  ours: 'openrouter-native',
  'ours-connected': 'openrouter-native, connect()',
  'ours-text': '… its text()',
  'openai-coalesced': 'openai on createFetch',
  agent: 'agent, stock fetch',
  'agent-coalesced': 'agent, createFetch',
  'agent-ours': 'agent, ChatOpenRouter',
};
/** The bars of this package. */
const OWN = new Set(['ours', 'ours-connected', 'ours-text', 'openai-coalesced', 'agent-coalesced', 'agent-ours']);

const perEvent = (figure) => (figures) => ({ median: (1000 * figures[figure].median) / figures.events.median });

/** The panels: title, direction, workload, figure. What users feel comes first. */
const PANELS = [
  ['First word after 30 s of silence, ms, 50 ms away', 'less is better', 'after-pause', 'after30Ms'],
  ['Main-thread CPU ms per chat, 200 at once', 'less is better', 'agents-200', 'mainMs'],
  ['Peak memory, MiB, 1,000 TLS streams', 'less is better', 'tls-1000', 'rssMiB'],
  ['CPU ms per chat of a chat server with agents', 'less is better', 'chat-server', 'cpuMs'],
  ['First word of a process, ms, 50 ms away', 'less is better', 'first-chat', 'firstMs'],
  ['Main-thread µs per event, 1,000 TLS streams', 'less is better', 'tls-1000', perEvent('mainMs')],
  ['Events per second, one stream', 'more is better', 'stream-16', eventsPerSecond],
  ['Loading the package, ms', 'less is better', 'require', 'loadMs'],
];

/** The colours of the chart on a light and on a dark page. */
const THEMES = {
  light: { ground: '#ffffff', ink: '#1f2328', faint: '#59636e', bar: '#b6bec9', own: '#1a9966', ownInk: '#0f6b45' },
  dark: { ground: '#0d1117', ink: '#e6edf3', faint: '#9198a1', bar: '#57606a', own: '#2ea97a', ownInk: '#56d49b' },
};

const WIDTH = 960;
const COLUMN = WIDTH / 2;
const BAR = 22;
const LABEL = 184;
const ROOM = COLUMN - LABEL - 100;
const FONT = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"';

/** Returns the results as an SVG with one panel of bars per entry of `PANELS` that was measured. */
function chart({ workloads, machine }, theme) {
  const colours = THEMES[theme];
  const panels = PANELS.map((panel) => ({ panel, bars: barsOf(panel, workloads) })).filter(({ bars }) => bars.length > 1);
  let y = 66;
  const parts = [];
  for (let at = 0; at < panels.length; at += 2) {
    const row = panels.slice(at, at + 2);
    row.forEach(({ panel, bars }, column) => parts.push(drawn(panel, bars, column * COLUMN + 20, y, colours)));
    y += 64 + BAR * Math.max(...row.map(({ bars }) => bars.length));
  }
  const { versions } = machine;
  const subtitle = `${machine.cpu}, Node ${versions.node}, loopback; medians, one fresh process per run. npm run bench`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" ${FONT} role="img" aria-label="Benchmark of openrouter-native">`,
    `<rect width="${WIDTH}" height="${y}" rx="8" fill="${colours.ground}"/>`,
    text(20, 28, 'openrouter-native against the clients it can replace', `font-size="17" font-weight="600" fill="${colours.ink}"`),
    text(20, 46, subtitle, `font-size="11" fill="${colours.faint}"`),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Returns the bars of a panel as `[client, value]`, the best first. */
function barsOf([, direction, workload, figure], workloads) {
  const clients = workloads[workload]?.clients ?? {};
  const bars = Object.entries(clients).flatMap(([client, figures]) => {
    if (!NAMES[client] || (typeof figure === 'function' && !figures.events)) return [];
    const value = (typeof figure === 'function' ? figure(figures) : figures[figure])?.median;
    return Number.isFinite(value) ? [[client, Math.max(0, value)]] : [];
  });
  const sign = direction.startsWith('more') ? -1 : 1;
  return bars.sort((a, b) => sign * (a[1] - b[1]));
}

function drawn([title, direction], bars, x, y, { ink, faint, bar, own, ownInk }) {
  const most = Math.max(...bars.map(([, value]) => value));
  const lines = bars.map(([client, value], at) => {
    const top = y + 28 + at * BAR;
    const isOurs = OWN.has(client);
    const width = Math.max(1.5, (ROOM * value) / most);
    const style = isOurs ? `font-weight="600" fill="${ownInk}"` : `fill="${ink}"`;
    return [
      text(x + LABEL - 8, top + 12, NAMES[client], `font-size="12" text-anchor="end" ${style}`),
      `<rect x="${x + LABEL}" y="${top}" width="${width.toFixed(1)}" height="${BAR - 6}" rx="2" fill="${isOurs ? own : bar}"/>`,
      text(x + LABEL + width + 6, top + 12, shown(value), `font-size="12" ${style}`),
    ].join('\n');
  });
  return [
    text(x, y + 12, title, `font-size="13" font-weight="600" fill="${ink}"`),
    text(x + COLUMN - 40, y + 12, direction, `font-size="11" text-anchor="end" fill="${faint}"`),
    ...lines,
  ].join('\n');
}

function shown(value) {
  return value >= 1000 ? Number(value.toPrecision(3)).toLocaleString('en') : round(value);
}

function text(x, y, words, style) {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" ${style}>${safe}</text>`;
}

module.exports = { chart };
