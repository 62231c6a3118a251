'use strict';

const { isUtf8 } = require('node:buffer');

const { hintFor } = require('./names');
const { amount, count, flag, headerText, headers, list, object, oneOf, statusCode, text, textOrJson, toolCalls } = require('./values');

const COMMAND = /^[ \t]*\/emulate\b(.*)$/gm;

/** `times` limits faults to the first requests. A shape applies to every response, also after the faults are used up. */
const fault = (parse) => ({ parse, isFault: true });
const shape = (parse) => ({ parse, isFault: false });

const KNOWN = {
  // every endpoint
  status: fault(statusCode), kind: fault(text), retryAfter: fault(headerText), reset: fault(amount), location: fault(headerText),
  drop: fault(oneOf('fin', 'reset', 'reused')), delay: fault(count), hangup: fault(count),
  message: fault(text), metadata: fault(object), headers: shape(headers),
  cut: fault(count), cutHow: fault(oneOf('fin', 'reset', 'half-chunk', 'clean')), stall: fault(count),
  times: shape(count), id: shape(text), pad: shape(count), padonly: fault(flag), split: shape(count),
  encoding: shape(oneOf('gzip', 'br', 'deflate', 'zstd', 'identity')), raw: shape(textOrJson), rawBytes: shape(text),
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
  text: shape(textOrJson), reasoning: shape(text), toolCalls: shape(toolCalls), usage: shape(object), seed: shape(text),
  chunks: shape(count), surrogates: shape(flag), model: shape(text), provider: shape(text),
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

/** What users may write for a directive, and what to write instead. */
const OTHER_NAMES = {
  body: 'The exact body of the response is the directive "raw".',
  content: 'The text of the answer is the directive "text".',
  delayMs: 'Times are in milliseconds: the directive is "delay".',
  error: 'An error is made by "status", "kind" and "message", or by "error-at" within a stream.',
  tools: 'The tool calls of the answer are the directive "tool-calls".',
  finishReason: 'The finish reason is the directive "finish".',
};

/** A directive that does not exist, or whose value is wrong. */
class DirectiveError extends TypeError {}

function addDirective(directives, name, value) {
  const key = canonicalName(name);
  if (!Object.hasOwn(KNOWN, key)) {
    const hint = hintFor(name, directiveNames, OTHER_NAMES);
    throw new DirectiveError(`Unknown emulator directive "${name}".${hint} Known: ${directiveNames.join(', ')}`);
  }
  try {
    directives[key] = KNOWN[key].parse(value);
  } catch (error) {
    throw new DirectiveError(`Emulator directive "${name}": ${error.message}`);
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
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined) addDirective(directives, name, value);
  }
}

/**
 * Returns the directives of a text or an object, by camelCase name. Throws a `DirectiveError`.
 * @param {string|object} source
 */
function parseDirectives(source) {
  const directives = {};
  if (typeof source === 'string') addWritten(directives, source, ';');
  else addObject(directives, source);
  return directives;
}

/**
 * Returns the text of the last user message, whose content is a string or a list of parts. Endpoints other than the chat have it
 * in `input` or `prompt`, which may also be a text.
 */
function lastUserText(body) {
  const messages = [body?.messages, body?.input].find(Array.isArray) ?? [];
  const content = messages.findLast((message) => message?.role === 'user')?.content ?? body?.input ?? body?.prompt;
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
 * the header over `base`.
 * @returns {object} directives by camelCase name
 */
function readDirectives({ base, headers: values, body }) {
  const directives = { ...base };
  for (const value of values) addWritten(directives, decodeHeader(value), ';');
  if (body?.emulator && typeof body.emulator === 'object') addObject(directives, body.emulator);
  for (const [, command] of lastUserText(body).matchAll(COMMAND)) addWritten(directives, command, '\\s');
  return directives;
}

/** Returns the directives that still apply once `times` requests have got the faults. */
function withoutFaults(directives) {
  return Object.fromEntries(Object.entries(directives).filter(([name]) => !KNOWN[name].isFault));
}

module.exports.KNOWN = KNOWN;
module.exports.DirectiveError = DirectiveError;
module.exports.directiveNames = directiveNames;
module.exports.parseDirectives = parseDirectives;
module.exports.promptOf = promptOf;
module.exports.readDirectives = readDirectives;
module.exports.withoutFaults = withoutFaults;
