'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { platform } = require('./platform.js');
const { version } = require('../../package.json');

/** The addon. Loading it starts nothing: no thread, timer or socket until the first request. */
module.exports = load();

/** From where the user says, else what was built in this folder, else the package of this platform. */
function load() {
  const here = platform();
  const given = process.env.OPENROUTER_NATIVE_LIBRARY_PATH;
  if (given) return checked(here, `OPENROUTER_NATIVE_LIBRARY_PATH=${given}`, () => open(path.resolve(given)));
  const built = path.join(__dirname, '..', '..', 'native', `openrouter-native.${here}.node`);
  if (fs.existsSync(built)) return checked(here, built, () => open(built));
  return checked(here, `openrouter-native-${here}`, () => require('./packages.js').packageOf(here));
}

/** Not `require`, which a bundler would make its own. */
function open(file) {
  const holder = { exports: {} };
  process.dlopen(holder, file);
  return holder.exports;
}

/** The addon of `origin`, if it is of this version: another would fail later, where nobody understands it. */
function checked(here, origin, get) {
  let addon;
  try {
    addon = get();
  } catch (error) {
    throw unloaded(here, origin, error);
  }
  const theirs = typeof addon.version === 'function' ? addon.version() : 'unknown';
  if (theirs === version) return addon;
  const error = new Error(`It is of version ${theirs}, openrouter-native of ${version}.`);
  throw unloaded(here, origin, Object.assign(error, { code: 'OTHER_VERSION' }));
}

/** Only what has failed needs the words for it. */
function unloaded(...reasons) {
  return require('./load-error.js').unloaded(...reasons);
}
