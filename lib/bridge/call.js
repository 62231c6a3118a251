'use strict';

const { abortError, errorFrom, traceOf, wrongOption } = require('../errors.js');
const { BYTES, FAILURE, Receiver } = require('./hub.js');
const { isSignal, linkSignal, reasonOf } = require('../util/signal.js');

/**
 * Throws if a call must not start, because its signal is already aborted or is not an `AbortSignal`. The stack starts at
 * `caller`.
 */
function checkSignal(signal, caller) {
  if (signal === undefined || signal === null) return;
  if (!isSignal(signal)) throw wrongOption('signal', 'an AbortSignal');
  if (signal.aborted) throw abortError(reasonOf(signal), traceOf(caller));
}

/**
 * Returns a promise of the only result of a call.
 * @param {object | string} call the native call that was just started, or its error as JSON text if it could not start
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

/** The receiver of a call that delivers one result. */
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

  /** Connects the signal, which refers to this object only weakly. The hub keeps this object alive while it waits. */
  link(signal) {
    this.#unlink = linkSignal(signal, this);
  }

  take([, flag, result, size]) {
    this.#unlink();
    if (flag === FAILURE) this.#reject(errorFrom(result, this.#trace));
    else this.#resolve(flag === BYTES ? this.#withBytes(result, size) : result);
  }

  /** Returns a result together with the bytes that came with it. */
  #withBytes(result, size) {
    const bytes = new Uint8Array(size);
    this.#call.takeBytes(bytes);
    return { result, bytes };
  }

  abort(reason) {
    this.#call.abort();
    this.stopWaiting();
    this.#unlink();
    this.#reject(abortError(reason, this.#trace));
  }
}

module.exports = { checkSignal, resultOf };
