'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { keyFile } = require('./places.js');

// The key that `login --save` keeps. It belongs to the address at which the user logged in, and is sent to no other: a base URL
// that a script sets must not receive the key of an account at OpenRouter.

const OPENROUTER = 'https://openrouter.ai/api/v1';
const OTHERS = 0o077;

/** The address of the API that the environment names. */
function baseURLIn(env) {
  return env.OPENROUTER_BASE_URL?.trim() || OPENROUTER;
}

/**
 * Reads the saved key.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ key?: string, file: string, trouble?: string }} no key and no trouble if none is saved; with `trouble`, which says
 *   why the saved key is not used, there is no key
 */
function readSavedKey(env) {
  const file = keyFile(env);
  let text;
  let mode;
  try {
    const open = fs.openSync(file, 'r');
    try {
      ({ mode } = fs.fstatSync(open));
      text = fs.readFileSync(open, 'utf8');
    } finally {
      fs.closeSync(open);
    }
  } catch (error) {
    return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? { file } : { file, trouble: `The saved key in ${file} cannot be read (${error.code}).` };
  }
  if (process.platform !== 'win32' && mode & OTHERS) return { file, trouble: `The saved key is not used, because other users may read it. Run: chmod 600 ${file}` };
  const saved = parsed(text);
  if (saved === null) return { file, trouble: `${file} holds no saved key. Run \`openrouter-native login --save\`, or delete the file.` };
  if (!isSameAddress(saved.baseURL, baseURLIn(env))) {
    return { file, trouble: `The saved key is for ${saved.baseURL}, and OPENROUTER_BASE_URL names another address. Set OPENROUTER_API_KEY.` };
  }
  return { file, key: saved.key };
}

/**
 * Finds the key for the commands: that of the environment, else the saved one.
 * @returns {{ key?: string, from: string, trouble?: string }} `from` names where the key is, for a message
 */
function findKey(env) {
  const key = env.OPENROUTER_API_KEY?.trim();
  if (key) return { key, from: 'OPENROUTER_API_KEY' };
  const saved = readSavedKey(env);
  return { ...saved, from: `the saved key in ${saved.file}` };
}

/** Returns the key that {@link findKey} finds. Throws if a key is saved that may not be used. */
function keyFor(env) {
  const { key, trouble } = findKey(env);
  if (trouble) throw new Error(trouble);
  return key;
}

/** Saves a key for its address, where only its user can read it. Returns the path of the file. */
function saveKey(env, key) {
  const file = keyFile(env);
  prepareFolder(env);
  // A new file, renamed into place: one that exists might have another mode, or be a link.
  const part = `${file}.${process.pid}`;
  fs.rmSync(part, { force: true });
  fs.writeFileSync(part, `${JSON.stringify({ baseURL: baseURLIn(env), key })}\n`, { mode: 0o600, flag: 'wx' });
  fs.renameSync(part, file);
  return file;
}

/** Makes the folder of the saved key. Throws if nothing can be written into it. */
function prepareFolder(env) {
  const folder = path.dirname(keyFile(env));
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  fs.accessSync(folder, fs.constants.W_OK);
}

/** Deletes the saved key. Returns the path of its file, or null if there was none. */
function deleteSavedKey(env) {
  const file = keyFile(env);
  try {
    fs.unlinkSync(file);
    return file;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
}

function parsed(text) {
  try {
    const { baseURL, key } = JSON.parse(text);
    return URL.canParse(baseURL) && typeof key === 'string' && key !== '' ? { baseURL, key } : null;
  } catch {
    return null;
  }
}

function isSameAddress(saved, current) {
  return URL.canParse(current) && new URL(saved).origin === new URL(current).origin;
}

module.exports = { baseURLIn, deleteSavedKey, findKey, keyFor, prepareFolder, saveKey };
