'use strict';

/** How many letters of a name may be wrong, missing or too many, at most. */
const MOST_EDITS = 3;

/** Returns the number of letters that must be changed, added or removed to turn one word into the other. */
function edits(one, other) {
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let at = 1; at <= other.length; at += 1) {
      next.push(Math.min(last[at] + 1, next[at - 1] + 1, last[at - 1] + (one[row - 1] === other[at - 1] ? 0 : 1)));
    }
    last = next;
  }
  return last.at(-1);
}

/** Returns the known name that a misspelt one most likely stands for, or undefined. Case, `-` and `_` do not count. */
function nearest(name, known) {
  const plain = (text) => text.toLowerCase().replace(/[-_\s]/g, '');
  const limit = Math.min(MOST_EDITS, Math.floor(name.length / 3));
  const rated = known.map((one) => ({ one, distance: edits(plain(name), plain(one)) }));
  const [best] = rated.sort((a, b) => a.distance - b.distance);
  return best && best.distance <= limit ? best.one : undefined;
}

/**
 * Returns a sentence that helps with an unknown name, with a space before it, or an empty text.
 * @param {string} name
 * @param {string[]} known
 * @param {Object<string, string>} [others] names that users bring from elsewhere, and what to do instead
 */
function hintFor(name, known, others = {}) {
  if (Object.hasOwn(others, name)) return ` ${others[name]}`;
  const likely = nearest(name, known);
  return likely === undefined ? '' : ` Did you mean "${likely}"?`;
}

module.exports.hintFor = hintFor;
