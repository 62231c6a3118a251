'use strict';

const { isSecretHeader, redact } = require('../shared/redaction.js');

/** Matches the scheme before the secret in a header such as `Authorization`. */
const SCHEME = /^(?:basic|bearer)\s+/i;

/**
 * Sends everything that an answer consists of. The secrets of the client are removed from all of it,
 * because a server may echo them: from headers, JSON bodies, events and errors. What really sends is a writer, one for each
 * kind of server.
 */
class Outlet {
  #writer;
  #secrets = [];

  /**
   * @param {object} writer has `isClosed`, `isStarted`, `set(name, text)`, `json(status, bytes)`, `begin(headers)`,
   * `write(bytes)`, `drained(signal)`, `end(bytes)` and `destroy()`; for a handler also `bare(status)` and `pass(response)`
   */
  constructor(writer) {
    this.#writer = writer;
  }

  get isClosed() {
    return this.#writer.isClosed;
  }

  get isStarted() {
    return this.#writer.isStarted;
  }

  /** Notes the secrets of the client whose answers are sent from now on. */
  hideSecretsOf(client) {
    this.#secrets = secretsOf(client);
  }

  /** Sets a header, unless its text contains a secret. */
  set(name, text) {
    if (this.#clean(Buffer.from(text)).toString() === text) this.#writer.set(name, text);
  }

  /** Ends the response with a JSON body. */
  json(status, value) {
    this.#writer.json(status, this.#clean(Buffer.from(JSON.stringify(value))));
  }

  /** Ends the response without a body. */
  bare(status) {
    this.#writer.bare(status);
  }

  /** Sends a `Response` of the application instead of an own one. */
  pass(response) {
    return this.#writer.pass(response);
  }

  /** Sends the head of an event stream. */
  begin(headers) {
    this.#writer.begin(headers);
  }

  /** Sends whole events. Returns whether the browser keeps up. */
  write(events) {
    return this.#writer.write(this.#clean(events));
  }

  /** Waits until the browser has read what was written. Rejects when the signal is aborted. */
  drained(signal) {
    return this.#writer.drained(signal);
  }

  /** Ends an event stream. */
  end(events = '') {
    this.#writer.end(this.#clean(Buffer.from(events)));
  }

  destroy() {
    this.#writer.destroy();
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
