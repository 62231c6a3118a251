'use strict';

const { isUint8Array } = require('node:util/types');

const { isSignal, ownSignal } = require('../util/signal.js');

/**
 * The members of an init that a `Request` reads. They are copied by name, because an init may inherit them from its
 * prototype.
 */
const MEMBERS = [
  'body', 'cache', 'credentials', 'duplex', 'headers', 'integrity', 'keepalive', 'method', 'mode', 'redirect', 'referrer',
  'referrerPolicy', 'signal',
];
const REDIRECT_MODES = new Set(['follow', 'error', 'manual']);

/**
 * Objects to keep while the signal of a `Request` is in use. If they were collected, the signal would no longer follow the
 * caller's.
 */
const followed = new WeakMap();
/**
 * The signals of bodies that are being read. They are kept here, because a body that never ends does not keep its signal
 * alive.
 */
const reading = new Set();

/**
 * Returns the method, URL, headers, body, redirect mode and signal from the arguments of `fetch`. For the usual arguments
 * the result is not a promise, so that the body is copied before the caller can change its bytes.
 */
function requestOf(input, given) {
  checkSignal(given);
  const isAddress = typeof input === 'string' || input instanceof URL;
  const isPlain = isAddress && isPlainBody(given.body) && !(given instanceof Request);
  return isPlain ? plainRequest(input, given) : standardRequest(input, given);
}

/** Throws the error of Node's own `fetch` for a value that is no signal. */
function checkSignal({ signal }) {
  if (signal === undefined || signal === null || isSignal(signal)) return;
  throw new TypeError('RequestInit: Expected signal to be an instance of AbortSignal.');
}

/** Whether a body is sent as it is. A standard `Request` reads all other bodies. */
function isPlainBody(body) {
  return body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array;
}

/** Handles the usual arguments, without the cost of a `Request`. */
function plainRequest(input, { method = 'GET', headers, body = null, redirect = 'follow', signal = null }) {
  const url = new URL(input);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError('fetch failed', { cause: new Error(`unknown scheme ${url.protocol}`) });
  }
  if (url.username || url.password) throw new TypeError('Request cannot be constructed from a URL with credentials');
  if (/^(connect|trace|track)$/i.test(method)) throw new TypeError(`'${method}' HTTP method is unsupported.`);
  if (!REDIRECT_MODES.has(redirect)) throw new TypeError(`'${redirect}' is not a redirect mode: follow, error or manual.`);
  const verb = /^(delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;
  if (body !== null && (verb === 'GET' || verb === 'HEAD')) {
    throw new TypeError('Request with GET/HEAD method cannot have body.');
  }
  const all = new Headers(headers);
  if (typeof body === 'string' && !all.has('content-type')) all.set('content-type', 'text/plain;charset=UTF-8');
  return { method: verb, url: url.href, headers: all, body, redirect, signal };
}

/** Handles all other arguments with a standard `Request`. */
async function standardRequest(input, given) {
  const standard = Object.fromEntries(MEMBERS.map((name) => [name, given[name]]));
  // `Request` takes only the signals of Node.
  const own = ownSignal(standard.signal);
  standard.signal = own;
  if (typeof standard.body?.getReader === 'function') standard.duplex = 'half';
  const request = isWhole(input, standard) ? input : new Request(input, standard);
  const { method, url, headers, redirect } = request;
  const signal = request === input && own !== undefined ? own ?? new AbortController().signal : request.signal;
  followed.set(signal, [input, given, own, request]);
  const body = request.body === null ? null : await bytesOf(request.body, signal);
  return { method, url, headers, body, redirect, signal };
}

/**
 * Whether a `Request` is sent as it is, because the init changes its signal at most. Bun gives a copy only a branch of the
 * body, whose source an abort could not cancel.
 */
function isWhole(input, init) {
  if (!(input instanceof Request) || MEMBERS.some((name) => name !== 'signal' && init[name] !== undefined)) return false;
  if (input.bodyUsed) throw new TypeError('Cannot construct a Request with a Request object that has already been used.');
  return true;
}

/** Reads a body to its end. An abort ends the reading immediately, also of a body that never ends. */
async function bytesOf(body, signal) {
  const reader = body.getReader();
  const cancel = () => reader.cancel(signal.reason).catch(() => {});
  const parts = [];
  reading.add(signal);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) cancel();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (!isUint8Array(part.value)) {
        const error = new TypeError('A body stream must give Uint8Arrays.');
        // Cancel the stream of the body, so that its source can close its file or socket.
        reader.cancel(error).catch(() => {});
        throw error;
      }
      parts.push(part.value);
    }
  } finally {
    reading.delete(signal);
    signal.removeEventListener('abort', cancel);
    // After an abort, `fetch` rejects with the signal's reason and not with the error of the body.
    signal.throwIfAborted();
  }
  return Buffer.concat(parts);
}

module.exports = { bytesOf, requestOf };
