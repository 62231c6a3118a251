'use strict';

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');

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

/** Whether the file has a test, or a group of them, of this name. */
function holds(file, name) {
  const source = fs.readFileSync(path.join(ROOT, file.endsWith('.rs') ? file : `__test__/${file}`), 'utf8');
  if (file.endsWith('.rs')) return new RegExp(`fn ${name}\\(`).test(source);
  const plain = source.replaceAll("\\'", "'");
  return ["'", '"', '`'].some((quote) => plain.includes(`${quote}${name.replaceAll("\\'", "'")}${quote}`));
}

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

test.each(tests)('%s: %s has "%s"', (_id, file, name) => expect(holds(file, name)).toBe(true));
