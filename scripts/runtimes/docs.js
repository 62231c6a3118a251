'use strict';

// `node scripts/runtimes/docs.js`: writes the table of `docs/runtimes.md` and the list of differences below it. A test checks
// that they are up to date, and `npm run test:runtimes` that they are true.
const fs = require('node:fs');
const path = require('node:path');

const SUITES = require('../../__test__/runtimes/suites.js');
const { ROOT } = require('../tools.js');
const { differencesOf } = require('./differences.js');
const { NODES } = require('./programs.js');
const { filesOf } = require('./suites.js');

const FILE = path.join(ROOT, 'docs', 'runtimes.md');
const COLUMNS = [...Object.keys(NODES).map((major) => [`Node ${major}`, 'node']), ['Bun', 'bun'], ['Deno', 'deno']];
/** What is generated stands between these lines. */
const [BEGIN, END] = ['<!-- generated: node scripts/runtimes/docs.js -->', '<!-- end -->'];

function table() {
  const cell = (row, kind) => {
    const count = differencesOf(kind).filter(({ file }) => filesOf(row).includes(file)).length;
    return count === 0 ? 'yes' : 'yes, with the differences below';
  };
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rows = SUITES.map((row) => line([row.what, ...COLUMNS.map(([, kind]) => cell(row, kind))]));
  return [line(['', ...COLUMNS.map(([name]) => name)]), line(['---', ...COLUMNS.map(() => '---')]), ...rows].join('\n');
}

function differences() {
  return [['Bun', 'bun'], ['Deno', 'deno']].map(([name, kind]) => {
    const entries = differencesOf(kind);
    const reasons = [...new Set(entries.map(({ why }) => why))];
    const testsFor = (reason) => entries.filter(({ why }) => why === reason).map(({ file, test }) => `  - \`${file}\`: ${test.replaceAll('*', '…')}`);
    const list = reasons.map((reason) => [`- ${reason[0].toUpperCase()}${reason.slice(1)}:`, ...testsFor(reason)].join('\n'));
    return `### ${name}\n\n${list.join('\n')}`;
  }).join('\n\n');
}

/** Returns the text of the page with its generated part as it must be. */
function documented(text) {
  const [before, rest] = text.split(BEGIN);
  const [, after] = rest.split(END);
  return `${before}${BEGIN}\n\n${table()}\n\n## Differences\n\nIn these tests, and in no others of the files above, a runtime differs from Node.js:\n\n${differences()}\n\n${END}${after}`;
}

if (require.main === module) fs.writeFileSync(FILE, documented(fs.readFileSync(FILE, 'utf8')));

module.exports = { FILE, documented };
