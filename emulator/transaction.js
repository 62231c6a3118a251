'use strict';

const { setImmediate: turn } = require('node:timers/promises');

const MAX_BODY_BYTES = 64 * 1024 * 1024;

// Long enough for the client to read what was sent: a reset throws away what lies unread in its socket.
const BEFORE_RESET_MS = 20;

/**
 * One request and its answer: reads the one, writes the other, and knows when the client has gone, so that nothing
 * waits or writes for nobody. Keeps the record that tests look at.
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
   * @param {{ connectionId: number, isFirstOnConnection: boolean, unref: boolean }} about
   */
  constructor(request, response, { connectionId, isFirstOnConnection, unref }) {
    this.#request = request;
    this.#response = response;
    this.#isUnref = unref;
    this.isFirstOnConnection = isFirstOnConnection;
    this.gone = false;

    const url = new URL(request.url, 'http://emulator');
    this.query = url.searchParams;
    this.record = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: undefined,
      rawBody: '',
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
    response.once('finish', () => { this.#isFinished = true; });
    response.once('close', () => this.#onClose());
  }

  /** Values of a header, each as it was sent. */
  headerValues(name) {
    return this.#request.headersDistinct[name] ?? [];
  }

  /** Reads the whole body into the record; `false` when it is too large or the client left before its end. */
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
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
  }

  /** Sends bytes; resolves to `false` once the client has gone, and only when there is room for more. */
  async write(bytes) {
    if (this.gone) return false;
    this.record.bytesWritten += bytes.length;
    if (this.#response.write(bytes)) return true;
    await Promise.race([new Promise((resolve) => this.#response.once('drain', resolve)), this.record.closed]);
    return !this.gone;
  }

  /** Ends the answer as HTTP wants it; the connection stays for the next request. */
  end() {
    this.#isClosedByServer = true;
    if (!this.gone) this.#response.end();
  }

  /** Sends a whole body with its length. */
  sendWhole(status, headers, bytes) {
    this.record.status = status;
    if (this.gone) return;
    this.#isClosedByServer = true;
    this.record.bytesWritten += bytes.length;
    this.#response.writeHead(status, { ...headers, 'Content-Length': bytes.length });
    this.#response.end(bytes);
  }

  /**
   * Breaks the connection off.
   * @param {'fin'|'reset'|'half-chunk'|'clean'} how `clean` ends the HTTP body properly, however little is in it
   */
  async cut(how = 'fin') {
    if (this.gone) return;
    if (how === 'clean') return this.end();
    const { socket } = this.#response;
    // What was written in this turn leaves Node at its end.
    await (how === 'reset' ? this.sleep(BEFORE_RESET_MS) : turn());
    if (this.gone) return;
    this.#isClosedByServer = true;
    if (how === 'reset') socket.resetAndDestroy();
    else {
      if (how === 'half-chunk') socket.write('400\r\ndata: {"id":"gen-');
      socket.destroySoon();
    }
  }

  /** Closes the kept-alive connection some time after the answer, as an impatient server does. */
  hangUpAfter(ms) {
    const { socket } = this.#response;
    this.#response.once('finish', () => {
      const timer = setTimeout(() => socket.destroySoon(), ms);
      socket.once('close', () => clearTimeout(timer));
      if (this.#isUnref) timer.unref();
    });
  }

  /** Resolves to `true` after the time, or to `false` as soon as the client has gone. */
  sleep(ms) {
    if (this.gone) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wake = (isThere) => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve(isThere);
      };
      const timer = setTimeout(wake, ms, true);
      if (this.#isUnref) timer.unref();
      this.#sleepers.add(wake);
    });
  }

  /** Marks what comes next as the server's doing: the emulator is shutting down. */
  closeByServer() {
    this.#isClosedByServer = true;
  }

  #onClose() {
    this.gone = true;
    const { record } = this;
    record.finished = this.#isFinished;
    record.closedAt = Date.now();
    record.closedBy = this.#isClosedByServer ? 'server' : 'client';
    for (const wake of this.#sleepers) wake(false);
    this.#settleClosed({ by: record.closedBy, at: record.closedAt, bytesWritten: record.bytesWritten });
  }
}

module.exports.Transaction = Transaction;
