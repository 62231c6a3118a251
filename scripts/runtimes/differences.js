'use strict';

const DIFFERENCES = require('../../__test__/runtimes/differences.js');

/** Returns the entries of the list of a runtime with the text of their names, as `{ file, test, why, sometimes }`. */
function differencesOf(kind) {
  return (DIFFERENCES[kind] ?? []).flatMap(({ why, tests, sometimes = false }) =>
    Object.entries(tests).flatMap(([file, names]) => names.map((test) => ({ file, test, why, sometimes }))));
}

/**
 * Compares the tests that failed in a runtime, of these files, with its list.
 * @returns {{ faults: string[], unexpected: object[], differing: number }} `unexpected`: the failures that are not listed; a fault for each test that failed and is not listed, and for each that
 *   is listed and did not fail
 */
function compared(kind, files, failures) {
  const listed = differencesOf(kind).filter(({ file }) => files.includes(file));
  const isListed = (entry, { file, name }) => entry.file === file && (entry.test === name || (entry.test.endsWith('*') && name.startsWith(entry.test.slice(0, -1))));
  const unexpected = failures.filter((failure) => !listed.some((entry) => isListed(entry, failure)));
  const gone = listed.filter((entry) => !entry.sometimes && !failures.some((failure) => isListed(entry, failure)));
  return {
    unexpected,
    faults: [
      ...unexpected.map(({ file, name, why }) => `FAILED  ${file}, ${name}\n${why}`),
      ...gone.map(({ file, test }) => `FAILED  ${file}, ${test}: it is in the list of differences, and passes now`),
    ],
    differing: failures.length - unexpected.length,
  };
}

module.exports = { compared, differencesOf };
