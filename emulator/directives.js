'use strict';

const { isUtf8 } = require('node:buffer');

const { ApiError } = require('./errors');

const COMMAND = /^[ \t]*\/emulate\b(.*)$/gm;

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
  return value === null ? invalid(value, 'text') : String(value);
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

/** `times` limits faults to the first requests. A shape applies to every response, also after the faults are used up. */
const fault = (parse) => ({ parse, isFault: true });
const shape = (parse) => ({ parse, isFault: false });

const KNOWN = {
  // every endpoint
  status: fault(statusCode), kind: fault(text), retryAfter: fault(headerText), reset: fault(amount), location: fault(headerText),
  drop: fault(oneOf('fin', 'reset', 'reused')), delay: fault(count), hangup: fault(count),
  cut: fault(count), cutHow: fault(oneOf('fin', 'reset', 'half-chunk', 'clean')), stall: fault(count),
  times: shape(count), id: shape(text), pad: shape(count), padonly: fault(flag), split: shape(count),
  encoding: shape(oneOf('gzip', 'br', 'deflate', 'zstd', 'identity')), raw: shape(text), rawBytes: shape(text),
  // chat: failures
  errorAt: fault(count), errorCode: fault(count), errorDone: fault(flag),
  errorShape: fault(oneOf('object', 'bare', 'string-code', 'finish', 'choice', 'choices-empty')),
  errorIn200: fault(oneOf('top', 'choice-error', 'choices-null')),
  garbage: fault(count), garbageHow: fault(oneOf('text', 'truncated', 'glued')),
  fail: fault(list), failStatus: fault(statusCode), failKind: fault(text),
  // chat: the stream
  comments: shape(count), commentsEvery: shape(count), processing: shape(count), rewrap: shape(flag),
  firstDelay: fault(count), gap: shape(count), hold: fault(flag), noDone: fault(flag), json: shape(flag),
  noUsage: shape(flag), usageAt: shape(oneOf('after', 'before', 'with', 'after-done')),
  usageShape: shape(oneOf('repeat', 'choices-empty', 'choices-null', 'choices-missing')), usageNoise: shape(oneOf('null', 'zeros')),
  eol: shape(oneOf('lf', 'crlf', 'cr')), bom: shape(flag), frame: shape(oneOf('plain', 'no-space', 'multi-line', 'named')),
  lateModel: shape(count),
  // chat: the answer
  text: shape(text), chunks: shape(count), surrogates: shape(flag), model: shape(text), provider: shape(text),
  byok: shape(flag), cost: shape(amount), finish: shape(text), refusal: shape(flag), calls: shape(count), imageSize: shape(count),
  toolQuirk: shape(oneOf('no-index', 'id-repeated', 'empty-id', 'null-fields', 'first-index-1', 'same-index', 'interleaved', 'args-first',
    'args-empty', 'args-object', 'trailing', 'finish-stop', 'finish-without-calls', 'function-call')),
  reasoningStyle: shape(oneOf('standard', 'reasoning', 'reasoning_content', 'details', 'all')),
  // other endpoints
  credits: fault(oneOf('403', 'zeros', '500')), key: fault(oneOf('limit', 'no-limit', 'free', '401', '403', '500')),
  models: fault(oneOf('empty', 'null', '500')), pending: fault(count),
};

/** The names as users write them, for example `error-at`. */
const directiveNames = Object.keys(KNOWN).map((name) => name.replace(/[A-Z]|\d+$/g, (part) => `-${part.toLowerCase()}`));

function canonicalName(name) {
  return name.trim().replace(/[-_]([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

function addDirective(directives, name, value) {
  const key = canonicalName(name);
  if (!Object.hasOwn(KNOWN, key)) {
    throw new ApiError(400, `Unknown emulator directive "${name}". Known: ${directiveNames.join(', ')}`);
  }
  try {
    directives[key] = KNOWN[key].parse(value);
  } catch (error) {
    throw new ApiError(400, `Emulator directive "${name}": ${error.message}`);
  }
}

/** Splits at the separator, but not inside a JSON string. */
function splitOutsideQuotes(source, separator) {
  const parts = source.match(new RegExp(`(?:"(?:[^"\\\\]|\\\\.)*"|[^${separator}])+`, 'g')) ?? [];
  return parts.map((part) => part.trim()).filter(Boolean);
}

function decodeValue(value) {
  try {
    return value.startsWith('"') ? JSON.parse(value) : decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Decodes a header value. Most clients send its bytes as UTF-8, those that follow the HTTP specification as Latin-1. */
function decodeHeader(value) {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : value;
}

function addWritten(directives, source, separator) {
  for (const part of splitOutsideQuotes(source, separator)) {
    const equals = part.indexOf('=');
    if (equals < 0) addDirective(directives, part, true);
    else addDirective(directives, part.slice(0, equals), decodeValue(part.slice(equals + 1).trim()));
  }
}

function addObject(directives, object) {
  for (const [name, value] of Object.entries(object)) addDirective(directives, name, value);
}

/** Returns the text of the last user message, whose content is a string or a list of parts. */
function lastUserText(body) {
  const messages = Array.isArray(body?.messages) ? body.messages : [];
  const content = messages.findLast((message) => message?.role === 'user')?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('\n');
}

/** Returns the text of the last user message without its `/emulate` lines. */
function promptOf(body) {
  return lastUserText(body).replace(COMMAND, '').trim();
}

/**
 * Collects the directives of a request. Where they disagree the message wins over the body, the body over the header, and
 * the header over the defaults of the emulator.
 * @returns {object} directives by camelCase name
 */
function readDirectives({ defaults = {}, headers = [], body }) {
  const directives = {};
  if (typeof defaults === 'string') addWritten(directives, defaults, ';');
  else addObject(directives, defaults);
  for (const header of headers) addWritten(directives, decodeHeader(header), ';');
  if (body?.emulator && typeof body.emulator === 'object') addObject(directives, body.emulator);
  for (const [, command] of lastUserText(body).matchAll(COMMAND)) addWritten(directives, command, '\\s');
  return directives;
}

/** Returns the directives that still apply once `times` requests have got the faults. */
function withoutFaults(directives) {
  return Object.fromEntries(Object.entries(directives).filter(([name]) => !KNOWN[name].isFault));
}

module.exports.promptOf = promptOf;
module.exports.readDirectives = readDirectives;
module.exports.withoutFaults = withoutFaults;
