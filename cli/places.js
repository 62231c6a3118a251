'use strict';

const os = require('node:os');
const path = require('node:path');

const FOLDER = 'openrouter-native';
/** The folders of a user by what they hold: the variable of the XDG standard, its default, and the variable of Windows. */
const FOLDERS = {
  config: ['XDG_CONFIG_HOME', '.config', 'APPDATA'],
  state: ['XDG_STATE_HOME', path.join('.local', 'state'), 'LOCALAPPDATA'],
  cache: ['XDG_CACHE_HOME', '.cache', 'LOCALAPPDATA'],
};

/** Returns the path of a file of this command. The standard ignores a variable whose value is not absolute. */
function placeOf(env, kind, name) {
  const [variable, standard, windows] = FOLDERS[kind];
  const base = [env[variable], process.platform === 'win32' ? env[windows] : undefined].find((one) => one && path.isAbsolute(one));
  return path.join(base ?? path.join(env.HOME || os.homedir(), standard), FOLDER, name);
}

/** The saved key, see `saved-key.js`. */
const keyFile = (env) => placeOf(env, 'config', 'key');
/** What was typed in the interactive chat. */
const historyFile = (env) => placeOf(env, 'state', 'history');
/** The ids of the models that were listed last, one on each line: the completion of a shell reads it. */
const modelsFile = (env) => placeOf(env, 'cache', 'models');

module.exports = { historyFile, keyFile, modelsFile };
