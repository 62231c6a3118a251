'use strict';

const { OpenRouterError, errorFrom } = require('./errors.js');
const hub = require('./hub.js');
const { linkSignal } = require('./signal.js');

/**
 * Awaits a call that has one result.
 * @param {() => object | string} start starts it; gives the native call, or an error as JSON text
 * @param {{ signal?: AbortSignal, trace?: object }} options
 * @returns {Promise<{ call: object, result: unknown }>}
 */
function once(start, { signal, trace } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(errorFrom({ code: 'aborted', message: 'Request aborted' }, trace, signal.reason));
      return;
    }
    if (signal && typeof signal.addEventListener !== 'function') {
      reject(new OpenRouterError('signal must be an AbortSignal.', { code: 'invalid_request' }));
      return;
    }
    const call = start();
    if (typeof call === 'string') {
      reject(errorFrom(JSON.parse(call), trace));
      return;
    }
    const id = call.id();
    const settle = (flag, result, reason) => {
      hub.leave(id);
      unlink();
      if (flag === 2) reject(errorFrom(result, trace, reason));
      else resolve({ call, result });
    };
    const target = {
      abort(reason) {
        call.abort();
        settle(2, { code: 'aborted', message: 'Request aborted' }, reason);
      },
    };
    const unlink = linkSignal(signal, target);
    hub.wait(id, (batch) => {
      // Held here for as long as the call lasts: the signal holds its target weakly.
      if (target && batch.length > 2) settle(batch[1], batch[2]);
    });
  });
}

/** `value` as JSON text; what cannot be written as such is the caller's mistake. */
function toJSON(value, what, code) {
  let text;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new OpenRouterError(`${what} cannot be written as JSON: ${cause.message}`, { code, cause });
  }
  if (text === undefined) throw new OpenRouterError(`${what} must be an object.`, { code });
  return text;
}

module.exports = { once, toJSON };
