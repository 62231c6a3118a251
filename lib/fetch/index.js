'use strict';

const { isUint8Array } = require('node:util/types');

const { errorFrom, traceOf } = require('../errors.js');
const { failed } = require('./failures.js');
const { Feed } = require('../bridge/feed.js');
const { connect } = require('../bridge/hub.js');
const { callNumber } = require('../logging.js');
const native = require('../bridge/native.js');
const { environment, optionsJSON } = require('../options.js');
const { refusal, responseFrom, tell } = require('./response.js');
const { linkSignal } = require('../bridge/signal.js');

/** What a chat may tell, by the names of the addon's events. */
const HOOKS = { model: 'onModel', usage: 'onUsage', fallback: 'onFallback', error: 'onError' };

/** Bodies that go as they are; every other kind is read by a standard `Request`. */
const isPlainBody = (body) =>
  body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array;

/**
 * A WHATWG `fetch` whose HTTP, TLS and proxying are done by the addon. See `index.d.ts` for its options.
 * @param {object | null} [given] the options
 * @param {Function} [below] the function that was called, for where an error's stack starts
 */
function createFetch(given, below = createFetch) {
  const options = given ?? {};
  const hooks = new Map();
  for (const [event, name] of Object.entries(HOOKS)) {
    if (typeof options[name] === 'function') hooks.set(event, options[name]);
  }
  const fetcher = native.createFetcher(optionsJSON(options), hooks.size > 0, environment());
  if (typeof fetcher === 'string') throw errorFrom(JSON.parse(fetcher), traceOf(below));
  return async function fetch(input, init) {
    const given = init ?? {};
    const isAddress = typeof input === 'string' || input instanceof URL;
    const isPlain = isAddress && isPlainBody(given.body) && !(given instanceof Request);
    // Not awaited where it need not be: bytes go as they are now, whatever their owner does with them next.
    const request = isPlain ? plainRequest(input, given) : await standardRequest(input, given);
    request.signal?.throwIfAborted();
    return send(fetcher, request, hooks, traceOf(fetch));
  };
}

/** What a `Request` takes of an init. They are asked for by name: an init may inherit them, as a `Request` for one does. */
const MEMBERS = [
  'body', 'cache', 'credentials', 'duplex', 'headers', 'integrity', 'keepalive', 'method', 'mode', 'redirect', 'referrer',
  'referrerPolicy', 'signal',
];

/** A `Request` follows the signal it was made with only while somebody holds it: its own signal does, for us. */
const followers = new WeakMap();

/** Method, URL, headers, body and signal of whatever `fetch` was given. */
async function standardRequest(input, given) {
  const standard = Object.fromEntries(MEMBERS.map((name) => [name, given[name]]));
  if (typeof standard.body?.getReader === 'function') standard.duplex = 'half';
  const request = new Request(input, standard);
  const { method, url, headers, redirect, signal } = request;
  followers.set(signal, [input, given, request]);
  const body = request.body === null ? null : await bytesOf(request.body, signal);
  return { method, url, headers, body, redirect, signal };
}

/** Signals of bodies that are being read: of one that waits for what never comes, nobody else holds them. */
const awaited = new Set();

/** All bytes of a body; an abort ends the reading at once, also of a body that never would. */
async function bytesOf(body, signal) {
  const reader = body.getReader();
  const leave = () => reader.cancel(signal.reason).catch(() => {});
  const parts = [];
  awaited.add(signal);
  signal.addEventListener('abort', leave, { once: true });
  try {
    if (signal.aborted) leave();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (!isUint8Array(part.value)) throw new TypeError('A body stream must give Uint8Arrays.');
      parts.push(part.value);
    }
  } finally {
    awaited.delete(signal);
    signal.removeEventListener('abort', leave);
    // Before what the body makes of it.
    signal.throwIfAborted();
  }
  return Buffer.concat(parts);
}

const REDIRECTS = new Set(['follow', 'error', 'manual']);

/** The usual shape, without the cost of a `Request`. */
function plainRequest(input, { method = 'GET', headers, body = null, redirect = 'follow', signal = null }) {
  const url = new URL(input);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError('fetch failed', { cause: new Error(`unknown scheme ${url.protocol}`) });
  }
  if (url.username || url.password) throw new TypeError('Request cannot be constructed from a URL with credentials');
  if (/^(connect|trace|track)$/i.test(method)) throw new TypeError(`'${method}' HTTP method is unsupported.`);
  if (!REDIRECTS.has(redirect)) throw new TypeError(`'${redirect}' is not a redirect mode: follow, error or manual.`);
  const verb = /^(delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;
  if (body !== null && (verb === 'GET' || verb === 'HEAD')) {
    throw new TypeError('Request with GET/HEAD method cannot have body.');
  }
  const all = new Headers(headers);
  if (typeof body === 'string' && !all.has('content-type')) all.set('content-type', 'text/plain;charset=UTF-8');
  return { method: verb, url: url.href, headers: all, body, redirect, signal };
}

const REDIRECTED = new Set([301, 302, 303, 307, 308]);

/** Headers that are the connection's business. */
const CONNECTION = new Set(['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding', 'upgrade']);

function send(fetcher, { method, url, headers, body, redirect, signal }, hooks, trace) {
  const pairs = [];
  for (const [name, value] of headers) if (!CONNECTION.has(name)) pairs.push(name, value);
  const address = url.split('#', 1)[0];
  const call = fetcher.fetch(connect(), method, address, pairs, body, redirect === 'follow', callNumber());
  if (typeof call === 'string') throw failed(JSON.parse(call), trace);
  return new Promise((resolve, reject) => {
    new Exchange(call, { method, url, redirect, signal }, { hooks, trace }, { resolve, reject }).start();
  });
}

/** A request until its response begins; its body is the addon's by now. */
class Exchange {
  #call;
  #request;
  #told;
  #promise;
  #feed;
  #head = null;
  #unlink;

  static #handlers = {
    onBatch: (exchange) => exchange.#read(),
    onEvent(exchange, event, value) {
      if (event === 'head') exchange.#head = value;
      else tell(exchange.#told, event, value);
    },
  };

  constructor(call, request, told, promise) {
    this.#call = call;
    this.#request = request;
    this.#told = told;
    this.#promise = promise;
    this.#feed = new Feed(call, this, Exchange.#handlers, true);
  }

  /** The signal holds this weakly, the hub strongly for as long as it waits. */
  start() {
    this.#unlink = linkSignal(this.#request.signal, this);
    this.#feed.wait();
  }

  abort(reason) {
    this.#feed.leave();
    this.#fail(reason);
  }

  #fail(error) {
    this.#unlink();
    this.#call.abort();
    this.#promise.reject(error);
  }

  #read() {
    do this.#feed.shift();
    while (this.#isOpen() && this.#feed.pull());
    if (this.#isOpen()) this.#feed.wait();
    else this.#conclude();
  }

  #isOpen() {
    return this.#head === null && this.#feed.end === null;
  }

  #conclude() {
    const { url, method, redirect, signal } = this.#request;
    if (this.#head === null) {
      const { facts } = this.#feed.end;
      if (facts.status !== 400) return this.#fail(failed(facts, this.#told.trace));
      this.#unlink();
      return this.#promise.resolve(refusal(url, facts));
    }
    if (redirect === 'error' && REDIRECTED.has(this.#head.status)) {
      return this.#fail(new TypeError('fetch failed', { cause: new Error('unexpected redirect') }));
    }
    try {
      const response = responseFrom(this.#call, this.#head, { method, signal, told: this.#told });
      this.#unlink();
      return this.#promise.resolve(response);
    } catch (cause) {
      return this.#fail(new TypeError('fetch failed', { cause }));
    }
  }
}

module.exports = { createFetch };
