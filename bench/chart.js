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
  'ours-text': '… its text()',
};

const perEvent = (figure) => (figures) => ({ median: (1000 * figures[figure].median) / figures.events.median });

/** The panels: title, direction, workload, figure. */
const PANELS = [
  ['Events per second, one stream', 'more is better', 'stream-16', eventsPerSecond],
  ['Main-thread µs per event, 1,000 TLS streams', 'less is better', 'tls-1000', perEvent('mainMs')],
  ['CPU µs per event, 1,000 TLS streams', 'less is better', 'tls-1000', perEvent('cpuMs')],
  ['Event-loop delay p99, ms, 1,000 TLS streams', 'less is better', 'tls-1000', 'p99Ms'],
  ['First token, ms: a short chat, HTTP/2', 'less is better', 'short-h2', 'firstMs'],
  ['Loading the package, ms', 'less is better', 'require', 'loadMs'],
];

const WIDTH = 960;
const COLUMN = WIDTH / 2;
const BAR = 22;
const LABEL = 130;
const ROOM = COLUMN - LABEL - 100;
const FONT = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"';

/** Returns the results as an SVG with one panel of bars per entry of `PANELS`. */
function chart({ workloads, machine }) {
  const panels = PANELS.map((panel) => ({ panel, bars: barsOf(panel, workloads) })).filter(({ bars }) => bars.length > 1);
  let y = 58;
  const parts = [];
  for (let at = 0; at < panels.length; at += 2) {
    const row = panels.slice(at, at + 2);
    row.forEach(({ panel, bars }, column) => parts.push(drawn(panel, bars, column * COLUMN + 20, y)));
    y += 64 + BAR * Math.max(...row.map(({ bars }) => bars.length));
  }
  const { versions } = machine;
  const subtitle = `${machine.cpu}, Node ${versions.node}, loopback; medians, one fresh process per run. npm run bench`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" ${FONT} role="img" aria-label="Benchmark of openrouter-native">`,
    `<rect width="${WIDTH}" height="${y}" rx="8" fill="#ffffff"/>`,
    text(20, 28, 'openrouter-native against the clients it can replace', 'font-size="17" font-weight="600" fill="#1f2328"'),
    text(20, 46, subtitle, 'font-size="11" fill="#59636e"'),
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

function drawn([title, direction], bars, x, y) {
  const most = Math.max(...bars.map(([, value]) => value));
  const lines = bars.map(([client, value], at) => {
    const top = y + 28 + at * BAR;
    const isOurs = client.startsWith('ours');
    const width = Math.max(1.5, (ROOM * value) / most);
    const style = isOurs ? 'font-weight="600" fill="#0f6b45"' : 'fill="#1f2328"';
    return [
      text(x + LABEL - 8, top + 12, NAMES[client], `font-size="12" text-anchor="end" ${style}`),
      `<rect x="${x + LABEL}" y="${top}" width="${width.toFixed(1)}" height="${BAR - 6}" rx="2" fill="${isOurs ? '#1a9966' : '#b6bec9'}"/>`,
      text(x + LABEL + width + 6, top + 12, shown(value), `font-size="12" ${style}`),
    ].join('\n');
  });
  return [
    text(x, y + 12, title, 'font-size="13" font-weight="600" fill="#1f2328"'),
    text(x + COLUMN - 40, y + 12, direction, 'font-size="11" text-anchor="end" fill="#59636e"'),
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
