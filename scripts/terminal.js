'use strict';

// `node scripts/terminal.js`: draws `docs/terminal.svg`, the picture in the README, from what the demo writes into a terminal.
// `--out FILE` draws into another file. Needs `script` of util-linux, which gives the demo a terminal.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { widthOf } = require('../cli/output/width.js');
const { ROOT, ensureBuilt, fail } = require('./tools.js');

const { values } = parseArgs({ options: { out: { type: 'string', default: path.join(ROOT, 'docs', 'terminal.svg') } } });

const COLUMNS = 104;
/** The size of a character cell, and the space around the text, in pixels. */
const [CELL, LINE, MARGIN, BAR] = [8.4, 19, 20, 34];
const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, DejaVu Sans Mono, monospace';
/** The window has its own dark background, so that the picture can be read on a light and on a dark page. */
const COLOURS = { window: '#0d1117', border: '#3d444d', text: '#e6edf3', 31: '#ff7b72', 32: '#56d364', 33: '#e3b341', 36: '#76e3ea' };

/** The headings of the demo's parts that are shown. The others are marked by an ellipsis. */
const SHOWN = /^\d\. (A chat|Credits after|A fallback|An error)/;

const ESCAPE = /\x1b\[\d*m/g;

/** Returns the lines of the demo that are shown. */
function shownOf(lines) {
  const parts = [];
  for (const line of lines) {
    const plain = line.replace(ESCAPE, '');
    if (/^\d\. /.test(plain)) parts.push({ isShown: SHOWN.test(plain), lines: [] });
    parts.at(-1)?.lines.push(line);
  }
  return parts.flatMap((part, index) => {
    if (part.isShown) return part.lines;
    return parts[index - 1]?.isShown === false ? [] : ['\x1b[2m…\x1b[0m', ''];
  });
}

/** Runs the demo in a terminal, and returns the lines that it writes. */
function runDemo() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(OPENROUTER_|NO_COLOR$|FORCE_COLOR$|DEBUG$|LOG_LEVEL$)/.test(name)));
  const command = `stty cols ${COLUMNS}; '${process.execPath}' demo/index.js`;
  const { status, stdout, error } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: ROOT, env: { ...env, TERM: 'xterm' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (error || status !== 0) fail(`The demo failed: ${error?.message ?? stdout}`);
  return stdout.replaceAll('\r', '').trimEnd().split('\n');
}

/** Breaks a line where a terminal does: after `COLUMNS` cells. */
function wrapped(line) {
  const rows = [''];
  let column = 0;
  for (const piece of line.split(/(\x1b\[\d*m)/).flatMap((part) => (part.startsWith('\x1b') ? part : [...part]))) {
    const width = piece.startsWith('\x1b') ? 0 : widthOf(piece);
    if (column + width > COLUMNS) {
      rows.push('');
      column = 0;
    }
    rows[rows.length - 1] += piece;
    column += width;
  }
  return rows;
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Draws the lines. Colours and weights last until they are reset, also over the end of a line. */
function draw(lines) {
  const rows = lines.flatMap(wrapped);
  const [width, height] = [Math.ceil(COLUMNS * CELL + 2 * MARGIN), BAR + rows.length * LINE + MARGIN];
  let style = {};
  const text = rows.map((row, index) => {
    let column = 0;
    const spans = row.split(/(?=\x1b\[\d*m)/).map((piece) => {
      const [, code, content] = /^(?:\x1b\[(\d*)m)?(.*)$/s.exec(piece);
      if (code === '0' || code === '') style = {};
      else if (code !== undefined) style = { ...style, [{ 1: 'bold', 2: 'dim' }[code] ?? 'colour']: code };
      const x = (MARGIN + column * CELL).toFixed(1);
      column += widthOf(content);
      if (content.trim() === '') return '';
      const { bold, dim, colour } = style;
      const looks = [bold && ' font-weight="600"', dim && ' opacity="0.65"', colour && ` fill="${COLOURS[colour]}"`].filter(Boolean).join('');
      return `<tspan x="${x}"${looks}>${escape(content)}</tspan>`;
    }).join('');
    return spans === '' ? '' : `<text y="${BAR + (index + 1) * LINE - 5}">${spans}</text>\n`;
  }).join('');
  const lights = ['#ff5f57', '#febc2e', '#28c840'].map((fill, index) => `<circle cx="${MARGIN + 6 + index * 20}" cy="18" r="6" fill="${fill}"/>`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="openrouter-native in a terminal">
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${COLOURS.window}" stroke="${COLOURS.border}"/>
${lights}
<g font-family="${FONT}" font-size="14" fill="${COLOURS.text}" xml:space="preserve">
${text}</g>
</svg>
`;
}

ensureBuilt();
const prompt = '\x1b[32m$\x1b[0m \x1b[1mnpm run demo\x1b[0m';
fs.writeFileSync(values.out, draw([prompt, ...shownOf(runDemo())]));
