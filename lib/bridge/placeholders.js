'use strict';

const native = require('./native.js');

/**
 * Texts of at least this length are passed to the addon separately from the JSON, because V8 needs 2 ms to write a megabyte
 * as JSON.
 */
const MIN_LENGTH = 8192;
/** The depth to which texts are searched: messages, a message, its content, a part of the content, `image_url`, `url`. */
const MAX_DEPTH = 5;
/** Replaces a text in the JSON. It is random for each process, so that no prompt can contain it. */
const PLACEHOLDER = native.placeholder();

/**
 * Returns the request with each long text of its messages replaced by a placeholder.
 * @param {string[]} texts receives the replaced texts, in the order in which `JSON.stringify` writes their placeholders
 */
function takeTexts(request, texts) {
  if (!isPlain(request)) return request;
  const messages = withoutTexts(request.messages, texts);
  return texts.length === 0 ? request : { ...request, messages };
}

/** Returns `value`, or a copy with placeholders if it contains long texts. */
function withoutTexts(value, texts, depth = 0) {
  if (typeof value === 'string') return isTaken(value) ? `${PLACEHOLDER}:${texts.push(value) - 1}` : value;
  if (depth === MAX_DEPTH || !isPlain(value)) return value;
  let copy = value;
  for (const name of Object.keys(value)) {
    const inner = value[name];
    const taken = withoutTexts(inner, texts, depth + 1);
    if (taken === inner) continue;
    if (copy === value) copy = Array.isArray(value) ? [...value] : { ...value };
    Object.defineProperty(copy, name, { value: taken });
  }
  return copy;
}

/** Whether a text is replaced: a long one, without half a surrogate pair, which JSON can represent and UTF-8 cannot. */
function isTaken(text) {
  return text.length >= MIN_LENGTH && text.isWellFormed();
}

/**
 * Whether `JSON.stringify` writes exactly the own properties of a value. Values of other realms, such as Jest's, count too.
 */
function isPlain(value) {
  if (value === null || typeof value !== 'object' || typeof value.toJSON === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Array.isArray(value) || Object.getPrototypeOf(prototype) === null;
}

module.exports = { takeTexts };
