'use strict';

const { isSecretHeader, redact } = require('../shared/redaction.js');

/** Matches the scheme before the secret in a header such as `Authorization`. */
const SCHEME = /^(?:basic|bearer)\s+/i;

/**
 * Sends everything that this router sends, except for bare statuses. The secrets of the client are removed from all of it,
 * because a server may echo them: from headers, JSON bodies, events and errors.
 */
class Outlet {
  #res;
  #secrets = [];

  constructor(res) {
    this.#res = res;
  }

  get isClosed() {
    return this.#res.destroyed;
  }

  get isStarted() {
    return this.#res.headersSent;
  }

  /** Notes the secrets of the client whose answers are sent from now on. */
  hideSecretsOf(client) {
    this.#secrets = secretsOf(client);
  }

  /** Sets a header, unless its text contains a secret. */
  set(name, text) {
    if (this.#clean(Buffer.from(text)).toString() === text) this.#res.set(name, text);
  }

  /** Ends the response with a JSON body. */
  json(status, value) {
    this.#res.status(status).type('json').send(this.#clean(Buffer.from(JSON.stringify(value))));
  }

  /** Sends the head of an event stream. */
  begin(headers) {
    this.#res.status(200).set(headers).flushHeaders();
  }

  /** Sends whole events. Returns whether the browser keeps up. */
  write(events) {
    return this.#res.write(this.#clean(events));
  }

  /** Ends an event stream. */
  end(events = '') {
    this.#res.end(this.#clean(Buffer.from(events)));
  }

  destroy() {
    this.#res.destroy();
  }

  #clean(bytes) {
    return this.#secrets.reduce(redact, bytes);
  }
}

/** Returns the secrets that a client sends: its key, and the credentials in its headers. */
function secretsOf(client) {
  // A client of the application's own making may lack these members.
  const headers = typeof client.buildHeaders === 'function' ? client.buildHeaders() : {};
  const values = Object.entries(headers).filter(([name]) => isSecretHeader(name)).map(([, value]) => String(value).replace(SCHEME, ''));
  const secrets = new Set([client.apiKey, ...values].filter((secret) => typeof secret === 'string'));
  // The longer one first, so that one that contains another is removed as a whole.
  return [...secrets].sort((one, other) => other.length - one.length);
}

module.exports.Outlet = Outlet;
