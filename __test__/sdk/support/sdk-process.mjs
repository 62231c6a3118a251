// Runs an SDK's scenarios in a process of its own, over the stock fetch and over ours, each with an emulator: SDKs that
// are ES modules cannot be loaded by Jest, and some take errors for what they are only where all are of one realm.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { createFetch } = require('../../..');
const { startEmulator } = require('../../../emulator');
const { outcomeOf } = require('./both-fetches.js');

/** Prints `{ [name]: { theirs, ours } }` for `scenarios`: functions of a fetch and an emulator, by name. */
export async function play(scenarios) {
  const trouble = [];
  process.on('unhandledRejection', (error) => trouble.push(String(error?.stack ?? error)));
  const played = { trouble };
  const sides = { theirs: [globalThis.fetch, await startEmulator()], ours: [createFetch(), await startEmulator()] };
  for (const [name, scenario] of Object.entries(scenarios)) {
    played[name] = {};
    await Promise.all(Object.entries(sides).map(async ([side, [fetch, emulator]]) => {
      played[name][side] = await outcomeOf(fetch, emulator, scenario);
    }));
  }
  for (const [, emulator] of Object.values(sides)) await emulator.close();
  process.stdout.write(JSON.stringify(played));
}

/** All that an async iterable gives, and what it failed with. */
export async function drain(iterable, toItem = (item) => item) {
  const items = [];
  try {
    for await (const item of iterable) items.push(toItem(item));
  } catch (error) {
    return { items, failed: { name: error?.name, message: error?.message ?? String(error), statusCode: error?.statusCode } };
  }
  return { items };
}
