// Runs the scenarios of an SDK in a process of its own, over the built-in fetch (`theirs`) and the native one (`ours`), each
// with an emulator. Jest cannot load SDKs that are ES modules, and some SDKs recognise errors only from their own realm.
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

/** Reads an async iterable to its end; returns its items, and its failure if there was one. */
export async function drain(iterable, toItem = (item) => item) {
  const items = [];
  try {
    for await (const item of iterable) items.push(toItem(item));
  } catch (error) {
    return { items, failed: { name: error?.name, message: error?.message ?? String(error), statusCode: error?.statusCode } };
  }
  return { items };
}
