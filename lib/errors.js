'use strict';

const { inspect } = require('node:util');

/** Marks errors of this package, so that `instanceof` holds across copies of it and across Jest's realms. */
const BRAND = Symbol.for('openrouter-native.OpenRouterError');

/** Fields that a log prints by itself. */
const SHOWN = ['status', 'statusText', 'errorType', 'provider', 'generationId', 'requestId', 'retryAfter', 'attempts', 'errno', 'phase'];

/** Fields that may hold somebody's text: read them by name; `toJSON()` has them too. */
const HIDDEN = ['data', 'metadata', 'partial'];

/**
 * The one error of this package. `code` is stable, `message` is a sentence that a user can act on; see the README for
 * the table. An abort is one too, with the name `AbortError`.
 */
class OpenRouterError extends Error {
  /** @param {string} message @param {object} [facts] `code` and what else is known */
  constructor(message, { code = 'invalid_request', cause, ...facts } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    define(this, 'name', code === 'aborted' ? 'AbortError' : 'OpenRouterError', false);
    define(this, 'code', code, true);
    for (const field of SHOWN) {
      if (facts[field] !== undefined) define(this, field, facts[field], true);
    }
    for (const field of HIDDEN) define(this, field, facts[field], false);
  }

  get [BRAND]() {
    return true;
  }

  static [Symbol.hasInstance](value) {
    return this === OpenRouterError
      ? Boolean(value?.[BRAND])
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** All that is known, safe to log: without keys, and without the input that a moderation flagged. */
  toJSON() {
    const json = { name: this.name, message: this.message, code: this.code };
    for (const field of [...SHOWN, ...HIDDEN]) {
      if (this[field] !== undefined) json[field] = withoutInput(this[field]);
    }
    if (this.cause !== undefined) json.cause = this.cause?.message ?? String(this.cause);
    return json;
  }

  [inspect.custom](_depth, options) {
    const fields = { code: this.code };
    for (const field of SHOWN) if (this[field] !== undefined) fields[field] = this[field];
    const cause = this.cause === undefined ? '' : `\n  [cause]: ${inspect(this.cause, options)}`;
    return `${this.stack} ${inspect(fields, options)}${cause}`;
  }
}

function define(target, name, value, enumerable) {
  Object.defineProperty(target, name, { value, enumerable, writable: true, configurable: true });
}

/** How deep a body is logged: what a server sends may be nested deeper than a stack is. */
const DEPTH = 50;

/** `value` without `flagged_input` at any depth: it is the user's own text. */
function withoutInput(value, depth = 0) {
  if (value === null || typeof value !== 'object') return value;
  if (depth === DEPTH) return '[nested too deep]';
  if (Array.isArray(value)) return value.map((inner) => withoutInput(inner, depth + 1));
  const kept = Object.entries(value).filter(([name]) => name !== 'flagged_input');
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutInput(inner, depth + 1)]));
}

/**
 * The error of a failed call.
 * @param {object} facts what the addon says of it
 * @param {{ stack?: string }} [trace] where the call was made, which is where the stack should point
 * @param {unknown} [reason] the signal's reason, when it is an abort
 */
function errorFrom(facts, trace, reason) {
  const { message, cause, ...rest } = facts;
  const underlying = facts.code === 'aborted' ? reason : cause === undefined ? undefined : new Error(cause);
  const error = new OpenRouterError(message, { ...rest, cause: underlying });
  if (trace?.stack) {
    const frames = trace.stack.indexOf('\n    at ');
    error.stack = `${error.name}: ${message}${frames < 0 ? '' : trace.stack.slice(frames)}`;
  }
  return error;
}

/** Remembers where `below` was called. */
function traceOf(below) {
  const trace = {};
  Error.captureStackTrace(trace, below);
  return trace;
}

module.exports = { OpenRouterError, errorFrom, traceOf };
