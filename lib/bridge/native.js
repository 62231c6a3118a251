'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { platform } = require('./platform.js');
const { version } = require('../../package.json');

/** The addon. Loading it starts no thread, timer or socket; the first request does. */
module.exports = load();

/**
 * Loads the addon from the path in the environment, else from this checkout's build, else from the package of this platform.
 */
function load() {
  const here = platform();
  const given = process.env.OPENROUTER_NATIVE_LIBRARY_PATH;
  if (given) return checked(here, `OPENROUTER_NATIVE_LIBRARY_PATH=${given}`, () => open(path.resolve(given)));
  const built = path.join(__dirname, '..', '..', 'native', `openrouter-native.${here}.node`);
  if (fs.existsSync(built)) return checked(here, built, () => open(built));
  return checked(here, `openrouter-native-${here}`, () => require('./packages.js').packageOf(here));
}

/** Loads an addon from a file. It does not use `require`, because bundlers replace that. */
function open(file) {
  const holder = { exports: {} };
  process.dlopen(holder, file);
  return holder.exports;
}

/**
 * Returns the addon that `get` loads, if it has the version of this package. Another version would fail later with obscure
 * errors.
 */
function checked(here, origin, get) {
  let addon;
  try {
    addon = get();
  } catch (error) {
    throw loadError(here, origin, error);
  }
  const theirs = typeof addon.version === 'function' ? addon.version() : 'unknown';
  if (theirs === version) return addon;
  const error = new Error(`It is of version ${theirs}, openrouter-native of ${version}.`);
  throw loadError(here, origin, Object.assign(error, { code: 'OTHER_VERSION' }));
}

/**
 * Returns the error for an addon that could not be loaded. Its module is loaded here, because it is needed only after a
 * failure.
 */
function loadError(...reasons) {
  return require('./load-error.js').loadError(...reasons);
}
