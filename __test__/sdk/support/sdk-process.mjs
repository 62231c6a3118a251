// Runs the scenarios of an SDK in a process of its own, over the built-in fetch (`theirs`) and the native one (`ours`), each
// with an emulator. Jest cannot load SDKs that are ES modules, and some SDKs recognise errors only from their own realm.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const { createFetch } = require('../../..');
const { startEmulator } = require('../../../emulator');
const { outcomeOf } = require('./both-fetches.js');

const [, , manifest] = process.argv;
const fromFolder = createRequire(manifest);

/** Loads an SDK from the folder of the manifest that is this program's argument. */
export async function load(name) {
  return import(pathToFileURL(fromFolder.resolve(name)));
}

/** Returns the major version of an SDK that exports its manifest. */
export function majorOf(name) {
  return Number(fromFolder(`${name}/package.json`).version.split('.')[0]);
}

/**
 * Prints `{ [name]: { theirs, ours } }` for `scenarios`: functions of a fetch and an emulator, by name. One side waits for the
 * other, so that `trouble`, which has the unhandled rejections as `[name, side, stack]`, names the right one.
 */
export async function play(scenarios) {
  const played = { trouble: [] };
  let now;
  process.on('unhandledRejection', (error) => played.trouble.push([...now, String(error?.stack ?? error)]));
  const sides = { theirs: [globalThis.fetch, await startEmulator({ showKeys: true })], ours: [createFetch(), await startEmulator({ showKeys: true })] };
  for (const [name, scenario] of Object.entries(scenarios)) {
    played[name] = {};
    for (const [side, [fetch, emulator]] of Object.entries(sides)) {
      now = [name, side];
      played[name][side] = await outcomeOf(fetch, emulator, scenario);
      await new Promise(setImmediate);
    }
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
