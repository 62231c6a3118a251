'use strict';

const { once } = require('node:events');

const { jsonHead } = require('./json-head.js');

/** Writes an answer to a response of `node:http`. */
class NodeWriter {
  #req;
  #res;

  constructor(req, res) {
    this.#req = req;
    this.#res = res;
  }

  get isClosed() {
    return this.#res.destroyed;
  }

  get isStarted() {
    return this.#res.headersSent;
  }

  set(name, text) {
    this.#res.setHeader(name, text);
  }

  json(status, bytes) {
    const { method, headers } = this.#req;
    const head = jsonHead({ method, ifNoneMatch: headers['if-none-match'] }, status, bytes, (name, text) => this.set(name, text));
    if (head.status !== 304) this.set('Content-Length', String(bytes.length));
    this.#res.writeHead(head.status).end(head.body ?? undefined);
  }

  bare(status) {
    this.#res.writeHead(status).end();
  }

  /** Sends a whole `Response`, for example one of `auth`. */
  async pass(response) {
    for (const [name, text] of response.headers) this.#res.appendHeader(name, text);
    const bytes = Buffer.from(await response.arrayBuffer());
    this.#res.writeHead(response.status).end(this.#req.method === 'HEAD' ? undefined : bytes);
  }

  begin(headers) {
    this.#res.writeHead(200, headers);
    this.#res.flushHeaders();
  }

  write(bytes) {
    return this.#res.write(bytes);
  }

  drained(signal) {
    return once(this.#res, 'drain', { signal });
  }

  end(bytes) {
    this.#res.end(bytes);
  }

  destroy() {
    this.#res.destroy();
  }
}

module.exports = { NodeWriter };
