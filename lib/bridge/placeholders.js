'use strict';

const native = require('./native.js');

/** From this length on a text is handed to the addon as it is: V8 takes two milliseconds to write a megabyte as JSON. */
const LONG = 8192;
/** Messages, a message, its content, a part of it, `image_url`, `url`. */
const DEPTH = 5;
/** What stands in its place: no text that somebody sends can be this. */
const MARK = native.textMark();

/**
 * The request with a mark in place of each long text of its messages.
 * @param {string[]} texts gets these texts, in the order in which `JSON.stringify` meets their marks
 */
function takeTexts(request, texts) {
  if (!isPlain(request)) return request;
  const messages = withoutTexts(request.messages, texts);
  return texts.length === 0 ? request : { ...request, messages };
}

/** `value`, or a copy of it without its long texts where it has some. */
function withoutTexts(value, texts, depth = 0) {
  if (typeof value === 'string') return isLong(value) ? `${MARK}:${texts.push(value) - 1}` : value;
  if (depth === DEPTH || !isPlain(value)) return value;
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

/** JSON alone can carry half a surrogate pair. */
function isLong(text) {
  return text.length >= LONG && text.isWellFormed();
}

/** Whether JSON is made of its own properties and nothing else; in whichever realm it was made. */
function isPlain(value) {
  if (value === null || typeof value !== 'object' || typeof value.toJSON === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Array.isArray(value) || Object.getPrototypeOf(prototype) === null;
}

module.exports = { takeTexts };
