'use strict';

const fs = require('node:fs');

const { compared, differencesOf } = require('../../scripts/runtimes/differences.js');
const { FILE, documented } = require('../../scripts/runtimes/docs.js');
const { NODES } = require('../../scripts/runtimes/programs.js');
const { filesIn } = require('../../scripts/runtimes/suites.js');
const { engines } = require('../../package.json');

test('docs/runtimes.md shows the list of what is run and of what differs (else: node scripts/runtimes/docs.js)', () => {
  const text = fs.readFileSync(FILE, 'utf8');
  expect(documented(text)).toBe(text);
});

test('the versions of Node.js that are tested start with the oldest one that package.json allows', () => {
  expect(`>= ${Object.keys(NODES)[0]}`).toBe(engines.node);
});

test('every file that runs in other runtimes, and every file in the list of differences, exists', () => {
  for (const kind of ['node', 'bun', 'deno']) {
    const files = filesIn(kind);
    for (const file of files) expect(fs.existsSync(`${__dirname}/../${file}`)).toBe(true);
    expect(files).toEqual(expect.arrayContaining(differencesOf(kind).map(({ file }) => file)));
  }
});

describe('the comparison with the list of differences', () => {
  const [listed] = differencesOf('bun').filter(({ test: name }) => !name.endsWith('*'));
  const failed = { file: listed.file, name: listed.test, why: 'it differs' };

  test('reports nothing where exactly the listed tests fail', () => {
    const all = differencesOf('bun').filter(({ file }) => file === listed.file).map(({ file, test: name }) => ({ file, name, why: '' }));
    expect(compared('bun', [listed.file], all)).toEqual({ faults: [], unexpected: [], differing: all.length });
  });

  test('reports a test that fails and is not listed, with its error', () => {
    const { faults } = compared('node', [failed.file], [failed]);
    expect(faults).toEqual([`FAILED  ${failed.file}, ${failed.name}\nit differs`]);
  });

  test('reports a listed test that passes', () => {
    const { faults } = compared('bun', [failed.file], []);
    expect(faults).toContain(`FAILED  ${failed.file}, ${failed.name}: it is in the list of differences, and passes now`);
  });
});
