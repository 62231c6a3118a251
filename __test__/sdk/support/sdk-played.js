'use strict';

const path = require('node:path');

const { ROOT, runNode } = require('../../support/process');

/** The manifests of the folders in which the SDKs are installed: the newest major versions, and earlier ones. */
const NEWEST = path.join(ROOT, 'package.json');
const OLDER = path.join(__dirname, '..', 'older', 'package.json');

/** Returns the versions of an SDK that the tests use, as `[version, manifest of their folder]`, for `describe.each`. */
function versionsOf(name) {
  return [NEWEST, OLDER].map((from) => [`${name} ${require(from).devDependencies?.[name] ?? require(from).dependencies[name]}`, from]);
}

/** Plays a file of scenarios (see `sdk-process.mjs`); returns the outcomes over both fetches, by name. */
async function playScenarios(file, from) {
  // A large heap avoids a full garbage collection, after which the built-in fetch ignores the signal of its `Request`.
  const { code, stdout, stderr } = await runNode(['--initial-heap-size=512', path.join(__dirname, file), from], { deadlineMs: 60_000 });
  if (code !== 0 || stdout === '') throw new Error(`${file} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}

/** Expects that a scenario had equal outcomes over both fetches; returns the one over the native fetch. */
function sameOutcome(all, name) {
  const { theirs, ours } = all[name];
  expect(ours).toEqual(theirs);
  return ours;
}

/** The unhandled rejections over the native fetch in scenarios that have none over the built-in one. */
function ownTrouble({ trouble }) {
  const theirs = new Set(trouble.filter(([, side]) => side === 'theirs').map(([name]) => name));
  return trouble.filter(([name, side]) => side === 'ours' && !theirs.has(name));
}

module.exports.ownTrouble = ownTrouble;
module.exports.playScenarios = playScenarios;
module.exports.sameOutcome = sameOutcome;
module.exports.versionsOf = versionsOf;
