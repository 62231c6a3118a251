'use strict';

const native = require('./bridge/native.js');

/** The maximum number of parsed lists that are kept. */
const KEPT = 8;
/** The parsed lists by version. The addon returns the version of the current list. */
const parsed = new Map();

/**
 * Returns the models of a version. The list is parsed once per thread, and its models are frozen, because all callers share
 * them.
 * @param {number} version
 * @param {() => string | null} [read] returns the text of the list; by default it is read from the addon's cache
 * @returns {object[] | null} a new array; null if the cache no longer has that version
 */
function modelsOf(version, read = () => native.modelsText(version)) {
  let models = parsed.get(version);
  if (models === undefined) {
    const text = read();
    if (text === null) return null;
    models = JSON.parse(text);
    models.forEach(deepFreeze);
    parsed.set(version, models);
    if (parsed.size > KEPT) parsed.delete(parsed.keys().next().value);
  }
  return models.slice();
}

/** Forgets all parsed lists. */
function forgetModels() {
  parsed.clear();
}

/** Freezes a value and everything in it. It does not recurse, because a list may be nested too deeply for the stack. */
function deepFreeze(root) {
  const values = [root];
  for (let value = values.pop(); value !== undefined; value = values.pop()) {
    if (value === null || typeof value !== 'object') continue;
    Object.freeze(value);
    values.push(...Object.values(value));
  }
}

module.exports = { forgetModels, modelsOf };
