'use strict';

const path = require('node:path');

const { runNode } = require('../../support/process');

/** Plays a file of scenarios (see `sdk-process.mjs`); returns the outcomes over both fetches, by name. */
async function playScenarios(file) {
  // A large heap avoids a full garbage collection, after which the built-in fetch ignores the signal of its `Request`.
  const { code, stdout, stderr } = await runNode(['--initial-heap-size=512', path.join(__dirname, file)], { deadlineMs: 60_000 });
  if (code !== 0 || stdout === '') throw new Error(`${file} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}

/** Expects that a scenario had equal outcomes over both fetches; returns the one over the native fetch. */
function sameOutcome(all, name) {
  const { theirs, ours } = all[name];
  expect(ours).toEqual(theirs);
  return ours;
}

module.exports.playScenarios = playScenarios;
module.exports.sameOutcome = sameOutcome;
