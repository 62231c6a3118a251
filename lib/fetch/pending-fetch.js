'use strict';

const { END, Feed, NOTHING } = require('../bridge/feed.js');
const { connect } = require('../bridge/hub.js');
const { linkSignal } = require('../util/signal.js');
const { contextId, hasSubscribers } = require('../logging.js');
const { networkFailure } = require('./failures.js');
const { tellHook } = require('./hooks.js');
const { refusal, responseFrom } = require('./response.js');

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Sends a request. Resolves to its response. */
function send(fetcher, { method, url, headers, body, redirect, signal }, context) {
  const address = url.split('#', 1)[0];
  const call = fetcher.fetch(connect(), method, address, [...headers].flat(), body, redirect === 'follow', contextId(hasSubscribers()));
  if (typeof call === 'string') throw networkFailure(JSON.parse(call), context.trace);
  return new Promise((resolve, reject) => {
    new PendingFetch(call, { method, url, redirect, signal }, context, { resolve, reject }).start();
  });
}

/** A request until the head of its response arrives. It has no reference to the body, which the addon already has. */
class PendingFetch {
  #call;
  #request;
  #context;
  #promise;
  #feed;
  #unlink;

  static #handlers = {
    onMore: (pending) => pending.#read(),
    onEvent: (pending, event, value) => tellHook(pending.#context, event, value),
  };

  constructor(call, request, context, promise) {
    this.#call = call;
    this.#request = request;
    this.#context = context;
    this.#promise = promise;
    this.#feed = new Feed(call, this, PendingFetch.#handlers, true);
  }

  /** Connects the signal, which refers to this object only weakly. The hub keeps this object alive while it waits. */
  start() {
    this.#unlink = linkSignal(this.#request.signal, this);
    this.#feed.wait();
  }

  abort(reason) {
    this.#feed.stopWaiting();
    this.#fail(reason);
  }

  #fail(error) {
    this.#unlink();
    this.#call.abort();
    this.#promise.reject(error);
  }

  #read() {
    const head = this.#feed.read();
    if (head === NOTHING) return;
    if (head === END) this.#failBeforeHead(this.#feed.end.details);
    else this.#resolve(head);
  }

  /**
   * Handles a failure before the head. A status means that the rules (400) or a budget (402) refused the request, which becomes
   * a response, as the API's own refusal would. Any other failure rejects.
   */
  #failBeforeHead(details) {
    if (details.status !== 400 && details.status !== 402) {
      this.#fail(networkFailure(details, this.#context.trace));
      return;
    }
    this.#unlink();
    const { explanation, trace } = this.#context;
    this.#promise.resolve(refusal(this.#request.url, explanation?.ofRefusal(details, trace) ?? details));
  }

  #resolve(head) {
    const { method, redirect, signal } = this.#request;
    if (redirect === 'error' && REDIRECTS.has(head.status)) {
      this.#fail(new TypeError('fetch failed', { cause: new Error('unexpected redirect') }));
      return;
    }
    try {
      const response = responseFrom(this.#call, head, { ...this.#context, method, signal });
      this.#unlink();
      this.#promise.resolve(response);
    } catch (cause) {
      this.#fail(new TypeError('fetch failed', { cause }));
    }
  }
}

module.exports = { send };
