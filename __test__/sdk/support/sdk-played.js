'use strict';

const path = require('node:path');

const { runNode } = require('../../support/process');

/** Plays a file of scenarios (see `sdk-process.mjs`); gives what each came to over both fetches, by name. */
async function played(file) {
  // Without a full collection: the stock fetch forgets with it which signal the `Request` it was given follows.
  const { code, stdout, stderr } = await runNode(['--initial-heap-size=512', path.join(__dirname, file)], { deadlineMs: 60_000 });
  if (code !== 0 || stdout === '') throw new Error(`${file} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}

/** Fails unless a scenario came to the same over both. Gives what it came to over ours. */
function same(all, name) {
  const { theirs, ours } = all[name];
  expect(ours).toEqual(theirs);
  return ours;
}

module.exports.played = played;
module.exports.same = same;
