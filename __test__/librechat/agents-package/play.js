'use strict';

// Plays the scenarios with a Node.js that LibreChat's agents support, over the built-in fetch (`theirs`) and over the native
// one (`ours`), and those that only this package can play; prints the outcomes as JSON.
const { configureAgents } = require('openrouter-native/librechat');

const { startEmulator } = require('../../../emulator');
const { failureOf } = require('./chat.js');
const { stayOnLoopback } = require('./loopback-only.js');
const { ownScenarios } = require('./own-scenarios.js');
const { scenarios } = require('./scenarios.js');

const trouble = [];
process.on('unhandledRejection', (error) => trouble.push(String(error?.stack ?? error)));
process.on('warning', (warning) => trouble.push(String(warning.stack)));

const SIDES = {
  theirs: (llmConfig) => llmConfig,
  ours: (llmConfig, options) => {
    // The texts of errors, and the number of deltas, are compared, too.
    if (!configureAgents(llmConfig, { readableErrors: false, coalesce: false, ...options })) throw new Error('The native fetch was not put in place.');
    return llmConfig;
  },
};

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

async function main() {
  const lookups = stayOnLoopback();
  const guarded = await fetch('http://guard.invalid').catch(({ cause }) => cause.code);
  const played = {};
  const emulators = { theirs: await startEmulator({ showKeys: true }), ours: await startEmulator({ showKeys: true }) };
  for (const [name, scenario] of Object.entries(scenarios)) {
    played[name] = {};
    await Promise.all(Object.entries(emulators).map(async ([side, emulator]) => {
      played[name][side] = await outcomeOf(scenario, SIDES[side], emulator);
    }));
  }
  for (const [name, scenario] of Object.entries(ownScenarios)) {
    played[name] = { ours: await outcomeOf(scenario, SIDES.ours, emulators.ours) };
  }
  for (const emulator of Object.values(emulators)) await emulator.close();
  process.stdout.write(JSON.stringify({ played, lookups, guarded, trouble, node: process.versions.node }));
}

/** Plays a scenario; returns its result, its requests, and which side closed each request. */
async function outcomeOf(scenario, prepare, emulator) {
  emulator.reset();
  const result = await scenario(prepare, emulator).catch((error) => ({ failed: { ...failureOf(error), stack: error.stack } }));
  const requests = emulator.requests.map(({ method, path, headers, rawBody }) => {
    const { authorization, accept, 'http-referer': referer, 'x-title': title } = headers;
    return { method, path, authorization, accept, referer, title, body: JSON.parse(rawBody) };
  });
  const ends = (await Promise.all(emulator.requests.map(({ closed }) => closed))).map(({ by }) => by);
  const { closedAfterMs, ...rest } = result;
  return { result: Array.isArray(result) ? result : rest, requests, ends, closedAfterMs };
}
