'use strict';

const { errorFrom, traceOf } = require('./errors.js');
const { failed } = require('./failures.js');
const { Feed } = require('./feed.js');
const hub = require('./hub.js');
const { callNumber } = require('./logging.js');
const native = require('./native.js');
const { environment, optionsJSON } = require('./options.js');
const { refusal, responseFrom, tell } = require('./response.js');
const { linkSignal } = require('./signal.js');

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
    const isPlain = (typeof input === 'string' || input instanceof URL) && isPlainBody(given.body);
    // Not awaited where it need not be: bytes go as they are now, whatever their owner does with them next.
    const request = isPlain ? plainRequest(input, given) : await standardRequest(input, given);
    request.signal?.throwIfAborted();
    return send(fetcher, request, hooks, traceOf(fetch));
  };
}

/** Method, URL, headers, body and signal of whatever `fetch` was given. */
async function standardRequest(input, { agent, dispatcher, ...standard }) {
  if (typeof standard.body?.getReader === 'function') standard.duplex = 'half';
  const request = new Request(input, standard);
  const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
  const { method, url, headers, redirect, signal } = request;
  return { method, url, headers, body, redirect, signal };
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
  const call = fetcher.fetch(hub.connect(), method, address, pairs, body, redirect === 'follow', callNumber());
  if (typeof call === 'string') return Promise.reject(failed(JSON.parse(call), trace));
  const told = { hooks, trace };
  return new Promise((resolve, reject) => {
    let head = null;
    const feed = new Feed(call, (event, value) => {
      if (event === 'head') head = value;
      else tell(told, event, value);
    }, true);
    const target = {
      abort(reason) {
        call.abort();
        feed.release();
        reject(reason);
      },
    };
    const unlink = linkSignal(signal, target);
    // The signal holds its target weakly; here it is held for as long as the call lasts.
    const more = () => target && read();
    const read = () => {
      feed.shift();
      if (head === null && feed.end === null) {
        if (feed.pull()) read();
        else feed.wait(more);
        return;
      }
      unlink();
      if (head === null && feed.end.facts.status === 400) resolve(refusal(url, feed.end.facts));
      else if (head === null) reject(failed(feed.end.facts, trace));
      else if (redirect === 'error' && REDIRECTED.has(head.status)) {
        call.abort();
        reject(new TypeError('fetch failed', { cause: new Error('unexpected redirect') }));
      } else {
        try {
          resolve(responseFrom(call, feed, head, { method, signal, trace }));
        } catch (cause) {
          reject(new TypeError('fetch failed', { cause }));
        }
      }
    };
    feed.wait(more);
  }).catch((error) => {
    call.abort();
    throw error;
  });
}

module.exports = { createFetch };
