'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('../support/process.js');

/** How many complaints there are of each kind. */
const COUNTS = { S: 16, E: 8, C: 7, D: 9, R: 7, T: 7, P: 8, I: 11, K: 4, O: 3 };
const ALL = Object.entries(COUNTS).flatMap(([kind, count]) => Array.from({ length: count }, (_, at) => `${kind}${at + 1}`));

const table = fs.readFileSync(path.join(ROOT, 'docs', 'pains.md'), 'utf8');
const rows = table.split('\n').filter((line) => /^\| [A-Z]\d+ \|/.test(line)).map((line) => {
  const [id, complaint, what, proof, ...rest] = line.split(' |').map((cell) => cell.replace(/^\| | +$/, '').trim().replace(/^\| ?/, ''));
  return { id, complaint, what, proof, rest };
});
const tests = rows.flatMap(({ id, proof }) => namedIn(proof).map(({ file, name }) => [id, file, name]));

/** Returns the tests that a cell names: `` `file`: `name`, `name`; `file`: … ``. */
function namedIn(cell) {
  return [...cell.matchAll(/`([^`]+\.(?:js|rs))`: (`[^`]+`(?:, `[^`]+`)*)/g)].flatMap(([, file, names]) =>
    names.split(/`, `/).map((name) => ({ file, name: name.replaceAll('`', '') })));
}

/** Whether the file has this name, of a test, of a group, or in the table of a `test.each`, and does not always skip it. */
function holds(file, name) {
  const source = fs.readFileSync(path.join(ROOT, file.endsWith('.rs') ? file : `__test__/${file}`), 'utf8');
  if (file.endsWith('.rs')) return new RegExp(`#\\[(?:tokio::)?test[^\\n]*\\n(?!\\s*#\\[ignore)(?:[^\\n]*\\n)?\\s*(?:async )?fn ${name}\\(`).test(source);
  const plain = source.replaceAll("\\'", "'");
  return ["'", '"', '`'].some((quote) => {
    const text = `${quote}${name.replaceAll("\\'", "'")}${quote}`;
    return plain.includes(text) && !new RegExp(`\\b(?:x(?:test|it|describe)|(?:test|it|describe)\\.(?:skip|todo))\\(${escaped(text)}`).test(plain);
  });
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

test('every row is there, once, in order, and on one line', () => {
  expect(rows.map(({ id }) => id)).toEqual(ALL);
  for (const { complaint, what, rest } of rows) {
    expect(complaint).not.toBe('');
    expect(what).not.toBe('');
    expect(rest.join('')).toBe('');
  }
});

test('every row that claims something names a test', () => {
  for (const { id, what, proof } of rows) {
    const isClaimed = !what.startsWith('**Not');
    expect([id, namedIn(proof).length > 0]).toEqual([id, isClaimed]);
    // The cell has nothing else than the files and tests that are looked up below.
    expect(proof.replace(/`[^`]+`/g, '').replace(/[:;, ]/g, '')).toBe('');
  }
});

test('a name that is missing, or whose test is skipped, does not count', () => {
  const file = path.basename(__filename);
  expect(holds(`repo/${file}`, 'every row is there, once, in order, and on one line')).toBe(true);
  expect(holds(`repo/${file}`, ['no test', 'of this name'].join(' '))).toBe(false);
  // The next line is read as the source of a test that is skipped: test.skip('a skipped one', …)
  expect(holds(`repo/${file}`, 'a skipped one')).toBe(false);
});

test.each(tests)('%s: %s has "%s"', (_id, file, name) => expect(holds(file, name)).toBe(true));
