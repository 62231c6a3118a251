'use strict';

// The kinds of value that a directive may have. Each function returns the value in the form in which the emulator uses it, or
// throws a `RangeError`. A value comes from JavaScript, from JSON, or as the text of a header; `true` stands for a missing one.

function invalid(value, expected) {
  throw new RangeError(value === true ? `it needs a value: ${expected}` : `${JSON.stringify(value)} is not ${expected}`);
}

function flag(value) {
  if (value === true || value === '' || value === 'true' || value === '1') return true;
  if (value === false || value === 'false' || value === '0') return false;
  return invalid(value, 'true or false');
}

/** Returns a number, or NaN for anything else: `Number` would take a missing value for 1, and an empty one for 0. */
function numberIn(value) {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : NaN;
}

function count(value) {
  const number = numberIn(value);
  return Number.isInteger(number) && number >= 0 ? number : invalid(value, 'a whole number');
}

function statusCode(value) {
  const status = count(value);
  return status >= 200 && status <= 599 ? status : invalid(value, 'a status from 200 to 599');
}

function amount(value) {
  const number = numberIn(value);
  return Number.isFinite(number) ? number : invalid(value, 'a number');
}

function text(value) {
  if (value === true) return '';
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : invalid(value, 'text');
}

/** A text, or an object, which becomes its JSON. */
function textOrJson(value) {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : text(value);
}

function headerText(value) {
  return /^[\x20-\x7e]*$/.test(text(value)) ? text(value) : invalid(value, 'plain ASCII');
}

function list(value) {
  const items = Array.isArray(value) ? value : text(value).split(',');
  return items.map((item) => String(item).trim()).filter(Boolean);
}

/** Returns a parser that accepts one of the names. A directive without a value means the first name. */
function oneOf(...names) {
  return (value) => {
    const name = value === true || value === '' ? names[0] : String(value);
    return names.includes(name) ? name : invalid(value, `one of ${names.join(', ')}`);
  };
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a JSON text, as a header has it; any other value as it is. */
function fromJson(value) {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

function object(value) {
  const given = fromJson(value);
  return isObject(given) ? given : invalid(value, 'an object');
}

function headers(value) {
  const given = object(value);
  for (const [name, content] of Object.entries(given)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) invalid(name, 'the name of a header');
    headerText(content);
  }
  return Object.fromEntries(Object.entries(given).map(([name, content]) => [name, String(content)]));
}

/** Tool calls, each `{ name, arguments, id }`. The arguments are an object, or a text that may be broken JSON. */
function toolCalls(value) {
  const given = fromJson(value);
  const isCall = (call) => isObject(call) && typeof call.name === 'string' && call.name !== '' &&
    ['undefined', 'string'].includes(typeof call.id) && (call.arguments === undefined || typeof call.arguments === 'string' || isObject(call.arguments));
  return Array.isArray(given) && given.every(isCall) ? given : invalid(value, 'a list of tool calls { name, arguments, id }');
}

/** Returns an object with the fields of `fields` in place of its own; of a field that is an object, each of its fields. */
function merged(value, fields) {
  const pairs = Object.entries(fields).map(([name, field]) => [name, isObject(field) ? { ...value[name], ...field } : field]);
  return { ...value, ...Object.fromEntries(pairs) };
}

module.exports = { amount, count, flag, headerText, headers, isObject, list, merged, object, oneOf, statusCode, text, textOrJson, toolCalls };
