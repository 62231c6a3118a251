'use strict';

const native = require('./native.js');

/** From this length on a text is passed to the addon beside the JSON: V8 needs 2 ms to write a megabyte as JSON. */
const MIN_LENGTH = 8192;
/** How deep texts are looked for: messages, a message, its content, a part of it, `image_url`, `url`. */
const MAX_DEPTH = 5;
/** Stands in the JSON in place of a text. It is random for each process, so that no prompt can contain it. */
const PLACEHOLDER = native.placeholder();

/**
 * The request with a placeholder in place of each long text of its messages.
 * @param {string[]} texts receives these texts, in the order in which `JSON.stringify` meets their placeholders
 */
function takeTexts(request, texts) {
  if (!isPlain(request)) return request;
  const messages = withoutTexts(request.messages, texts);
  return texts.length === 0 ? request : { ...request, messages };
}

/** `value`, or a copy of it without its long texts. */
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

/** A text with half a surrogate pair stays in the JSON: it could not be passed to the addon as UTF-8. */
function isTaken(text) {
  return text.length >= MIN_LENGTH && text.isWellFormed();
}

/** Whether `JSON.stringify` writes the own properties of a value and nothing else, whichever realm it comes from. */
function isPlain(value) {
  if (value === null || typeof value !== 'object' || typeof value.toJSON === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Array.isArray(value) || Object.getPrototypeOf(prototype) === null;
}

module.exports = { takeTexts };
