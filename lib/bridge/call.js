'use strict';

const { OpenRouterError, errorFrom, traceOf } = require('../errors.js');
const { FAILURE, Receiver } = require('./hub.js');
const { linkSignal } = require('./signal.js');

const ABORTED = { code: 'aborted', message: 'Request aborted' };

/** Throws if a call of `caller` must not start, because its signal was aborted already or is no signal. */
function checkSignal(signal, caller) {
  if (!signal) return;
  if (signal.aborted) throw errorFrom(ABORTED, traceOf(caller), signal.reason);
  if (typeof signal.addEventListener !== 'function') {
    throw new OpenRouterError('signal must be an AbortSignal.', { code: 'invalid_request' });
  }
}

/**
 * The one result of a call.
 * @param {object | string} call the native call that has just been made, or the error as JSON text
 * @param {{ signal?: AbortSignal, trace?: object }} options
 * @returns {Promise<unknown>}
 */
function resultOf(call, { signal, trace }) {
  if (typeof call === 'string') throw errorFrom(JSON.parse(call), trace);
  return new Promise((resolve, reject) => {
    const pending = new PendingCall(call, trace, resolve, reject);
    pending.link(signal);
    pending.wait();
  });
}

/** Waits for the one result of a call. */
class PendingCall extends Receiver {
  #call;
  #trace;
  #resolve;
  #reject;
  #unlink;

  constructor(call, trace, resolve, reject) {
    super(call.id(), true);
    this.#call = call;
    this.#trace = trace;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The signal holds this weakly. The hub keeps it alive for as long as the call lasts. */
  link(signal) {
    this.#unlink = linkSignal(signal, this);
  }

  take([, flag, result]) {
    this.#unlink();
    if (flag === FAILURE) this.#reject(errorFrom(result, this.#trace));
    else this.#resolve(result);
  }

  abort(reason) {
    this.#call.abort();
    this.stopWaiting();
    this.#unlink();
    this.#reject(errorFrom(ABORTED, this.#trace, reason));
  }
}

module.exports = { checkSignal, resultOf };
