'use strict';

const { inspect } = require('node:util');

/**
 * Marks the errors of this package, so that `instanceof` also works for other copies of the package and in Jest's realms.
 */
const BRAND = Symbol.for('openrouter-native.OpenRouterError');

/** The enumerable fields, which logs print. */
const SHOWN = ['status', 'statusText', 'errorType', 'provider', 'generationId', 'requestId', 'retryAfter', 'waitLeft', 'attempts', 'errno', 'phase'];

/**
 * The fields that may contain text of a prompt or of an answer. They are not enumerable, so that logs do not print them;
 * `toJSON()` has them.
 */
const HIDDEN = ['data', 'metadata', 'partial', 'run'];

/**
 * The only error class of this package. `code` is stable, and `message` is a sentence that a user can act on; the README has
 * a table of the codes. An abort is reported by this class too, with the name `AbortError`.
 */
class OpenRouterError extends Error {
  /**
   * @param {string} message
   * @param {object} [facts] `code`, `cause` and the other known details, see `ErrorFacts` in `index.d.ts`
   */
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

  /**
   * Returns all details, without keys and without the input that a moderation flagged. Those of `HIDDEN` may contain other
   * text of the prompt or of the answer.
   */
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

/** The depth to which a body is logged. The recursion needs a limit, because a server may send deeply nested JSON. */
const DEPTH = 50;

/** Returns `value` without the fields called `flagged_input`, at any depth, because they contain text of the user. */
function withoutInput(value, depth = 0) {
  if (value === null || typeof value !== 'object') return value;
  if (depth === DEPTH) return '[nested too deep]';
  if (Array.isArray(value)) return value.map((inner) => withoutInput(inner, depth + 1));
  const kept = Object.entries(value).filter(([name]) => name !== 'flagged_input');
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutInput(inner, depth + 1)]));
}

/**
 * Returns the error of a failed call.
 * @param {object} facts the details, as the addon reports them
 * @param {{ stack?: string }} [trace] where the call was made, which becomes the error's stack
 * @param {unknown} [reason] the reason of the signal, for an abort
 */
function errorFrom(facts, trace, reason) {
  const { message: given, cause, ...rest } = facts;
  const isAborted = facts.code === 'aborted';
  const message = isAborted && isTimeLimit(reason) ? `${given}: ${TIME_LIMIT}` : given;
  const underlying = isAborted ? reason : cause === undefined ? undefined : new Error(cause);
  const error = new OpenRouterError(message, { ...rest, cause: underlying });
  if (trace?.stack) {
    const frames = trace.stack.indexOf('\n    at ');
    error.stack = `${error.name}: ${message}${frames < 0 ? '' : trace.stack.slice(frames)}`;
  }
  return error;
}

/**
 * What follows the message of an abort by `AbortSignal.timeout`. The message of any other abort stays as it is, because code
 * compares it.
 */
const TIME_LIMIT = 'the time limit of its signal (AbortSignal.timeout) has passed. Raise that limit if the request may take longer.';

/** Whether the reason of an abort is that of `AbortSignal.timeout`. */
function isTimeLimit(reason) {
  try {
    return reason?.name === 'TimeoutError';
  } catch {
    return false;
  }
}

/**
 * Returns the error of an abort.
 * @param {unknown} reason that of the signal
 * @param {{ stack?: string }} [trace] where the call was made
 */
function abortError(reason, trace) {
  return errorFrom({ code: 'aborted', message: 'Request aborted' }, trace, reason);
}

/** Records the stack at the call of the function `below`. */
function traceOf(below) {
  const trace = {};
  Error.captureStackTrace(trace, below);
  return trace;
}

/**
 * Returns the error for a wrong option. The message does not contain the value, because it may be a secret in the wrong
 * place.
 */
function wrongOption(name, expected) {
  return new OpenRouterError(`Invalid option ${name}: expected ${expected}.`, { code: 'invalid_option' });
}

module.exports = { OpenRouterError, abortError, errorFrom, traceOf, wrongOption };
