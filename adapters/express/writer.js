'use strict';

const { once } = require('node:events');

/** Writes an answer through Express, whose settings decide about the ETag. */
class ExpressWriter {
  #res;

  constructor(res) {
    this.#res = res;
  }

  get isClosed() {
    return this.#res.destroyed;
  }

  get isStarted() {
    return this.#res.headersSent;
  }

  set(name, text) {
    this.#res.set(name, text);
  }

  json(status, bytes) {
    this.#res.status(status).type('json').send(bytes);
  }

  begin(headers) {
    this.#res.status(200).set(headers).flushHeaders();
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

module.exports.ExpressWriter = ExpressWriter;
