'use strict';

const { createHash } = require('node:crypto');

const { after, nextTurn } = require('./clock');

const MAX_BODY_BYTES = 64 * 1024 * 1024;

// Time for the client to read what was sent, because a reset discards the unread data in its socket.
const BEFORE_RESET_MS = 20;

/** Headers that may contain a real key, which the environment of a test may hold: a record shows only that they were sent. */
const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'x-api-key', 'cookie'];

/**
 * One HTTP request and its response. It reads the request, writes the response, and keeps the record that tests read. Once
 * the connection is closed, waits end at once and writes do nothing.
 */
class Transaction {
  #request;
  #response;
  #isUnref;
  #isClosedByServer = false;
  #isFinished = false;
  #settleClosed;
  #sleepers = new Set();

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {{ connectionId: number, isFirstOnConnection: boolean, unref: boolean, showKeys: boolean }} connection
   */
  constructor(request, response, { connectionId, isFirstOnConnection, unref, showKeys }) {
    this.#request = request;
    this.#response = response;
    this.#isUnref = unref;
    this.isFirstOnConnection = isFirstOnConnection;
    this.gone = false;
    this.authorization = request.headers.authorization;
    /** Headers that a directive adds to the response. */
    this.extraHeaders = undefined;

    const url = new URL(request.url, 'http://emulator');
    this.query = url.searchParams;
    this.record = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: showKeys ? request.headers : withoutSecrets(request.headers),
      keyDigest: keyDigest(request.headers),
      body: undefined,
      rawBody: '',
      prompt: '',
      directives: {},
      connectionId,
      startedAt: Date.now(),
      closedAt: null,
      closedBy: null,
      finished: false,
      status: null,
      bytesWritten: 0,
      deltas: 0,
      generationId: null,
      closed: new Promise((resolve) => { this.#settleClosed = resolve; }),
    };
    // While a request is answered, the process stays alive, so that a test can await the end.
    if (unref) request.socket.ref();
    response.once('finish', () => { this.#isFinished = true; });
    response.once('close', () => this.#onClose());
  }

  /** Returns the values of a header, one for each time that it was sent. */
  headerValues(name) {
    return this.#request.headersDistinct[name] ?? [];
  }

  /** Reads the body into the record. Resolves to `false` if it is too large, or if the connection closed before its end. */
  async readBody() {
    const parts = [];
    let size = 0;
    try {
      for await (const part of this.#request) {
        size += part.length;
        if (size <= MAX_BODY_BYTES) parts.push(part);
      }
    } catch {
      return false;
    }
    this.record.rawBody = Buffer.concat(parts).toString();
    return size <= MAX_BODY_BYTES;
  }

  /** Sends the status line and headers at once, so that a client sees them before any byte of the body. */
  writeHead(status, headers) {
    this.record.status = status;
    if (this.gone) return;
    this.#response.writeHead(status, this.#withExtra(headers));
    this.#response.flushHeaders();
  }

  /** Writes bytes. Resolves when the socket accepts more: to `true`, or to `false` once the connection is closed. */
  async write(bytes) {
    if (this.gone) return false;
    this.record.bytesWritten += bytes.length;
    if (this.#response.write(bytes)) return true;
    await Promise.race([new Promise((resolve) => this.#response.once('drain', resolve)), this.record.closed]);
    return !this.gone;
  }

  /** Ends the response properly. The connection stays open for the next request. */
  end() {
    this.#isClosedByServer = true;
    if (!this.gone) this.#response.end();
  }

  /** Sends a whole response, with a `Content-Length`. */
  sendWhole(status, headers, bytes) {
    this.record.status = status;
    if (this.gone) return;
    this.#isClosedByServer = true;
    this.record.bytesWritten += bytes.length;
    this.#response.writeHead(status, this.#withExtra({ ...headers, 'Content-Length': bytes.length }));
    this.#response.end(bytes);
  }

  /**
   * Ends the connection in mid-response.
   * @param {'fin'|'reset'|'half-chunk'|'clean'} how `fin` closes the TCP connection, `reset` resets it, `half-chunk` closes
   *   it within an HTTP chunk, and `clean` ends the HTTP body properly although the content is incomplete
   */
  async cut(how = 'fin') {
    if (this.gone) return;
    if (how === 'clean') return this.end();
    const { socket } = this.#response;
    // Node sends data that was written in this turn of the event loop only at its end.
    await (how === 'reset' ? this.sleep(BEFORE_RESET_MS) : nextTurn());
    if (this.gone) return;
    this.#isClosedByServer = true;
    if (how === 'reset') socket.resetAndDestroy();
    else {
      if (how === 'half-chunk') socket.write('400\r\ndata: {"id":"gen-');
      socket.destroySoon();
    }
  }

  /** Closes the idle keep-alive connection `ms` after the response, as a server with a short keep-alive timeout does. */
  hangUpAfter(ms) {
    const { socket } = this.#response;
    this.#response.once('finish', () => {
      const cancel = after(ms, () => socket.destroySoon());
      socket.once('close', cancel);
    });
  }

  /** Resolves to `true` after `ms`, or to `false` as soon as the connection is closed. */
  sleep(ms) {
    if (this.gone) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wake = (isThere) => {
        cancel();
        this.#sleepers.delete(wake);
        resolve(isThere);
      };
      const cancel = after(ms, () => wake(true));
      this.#sleepers.add(wake);
    });
  }

  /** Records the server as the side that closes the connection. Called before the emulator shuts down. */
  closeByServer() {
    this.#isClosedByServer = true;
  }

  /** Adds the headers that a directive asks for. They replace those of the same name, in whatever case. */
  #withExtra(headers) {
    if (!this.extraHeaders) return headers;
    const replaced = new Set(Object.keys(this.extraHeaders).map((name) => name.toLowerCase()));
    const kept = Object.entries(headers).filter(([name]) => !replaced.has(name.toLowerCase()));
    return { ...Object.fromEntries(kept), ...this.extraHeaders };
  }

  #onClose() {
    this.gone = true;
    if (this.#isUnref) this.#request.socket.unref();
    const { record } = this;
    record.finished = this.#isFinished;
    record.closedAt = Date.now();
    record.closedBy = this.#isClosedByServer ? 'server' : 'client';
    for (const wake of this.#sleepers) wake(false);
    this.#settleClosed({ by: record.closedBy, at: record.closedAt, bytesWritten: record.bytesWritten });
  }
}

/** Returns the headers with `[REDACTED]` in place of keys. The scheme, such as `Bearer`, stays. */
function withoutSecrets(headers) {
  const hidden = SECRET_HEADERS.filter((name) => headers[name] !== undefined)
    .map((name) => [name, headers[name].replace(/^((?:Bearer|Basic) +)?[^]*/i, '$1[REDACTED]')]);
  return { ...headers, ...Object.fromEntries(hidden) };
}

/** Returns the SHA-256 digest of the key that a request carries, by which OpenRouter's management API knows it, or null. */
function keyDigest({ authorization = '', 'x-api-key': other }) {
  const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? other;
  return key === undefined ? null : createHash('sha256').update(key).digest('hex');
}

module.exports.Transaction = Transaction;
