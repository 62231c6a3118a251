'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

const { makeEncoder } = require('./encoding');

// A client's hang-up is only seen between turns of the event loop, so a long answer must leave it some.
const WRITES_PER_TURN = 64;

/** Where a streamed body leaves the emulator: encoded, cut to pieces, and only as fast as the client reads. */
class Outlet {
  #transaction;
  #encoder;
  #encoding;
  #split;
  #writes = 0;

  constructor(transaction, { encoding, split }) {
    this.#transaction = transaction;
    this.#encoding = encoding;
    this.#encoder = makeEncoder(encoding);
    this.#split = split;
  }

  open(status, headers) {
    const encoded = this.#encoding ? { 'Content-Encoding': this.#encoding } : {};
    this.#transaction.writeHead(status, { ...headers, ...encoded });
  }

  /** @returns {Promise<boolean>} `false` once the client has gone */
  async send(data) {
    if (data.length === 0) return !this.#transaction.gone;
    return this.#write(await this.#encoder.encode(Buffer.from(data)));
  }

  /** Ends the body as it should end. */
  async finish() {
    await this.#write(await this.#encoder.finish());
    this.#transaction.end();
  }

  cut(how) {
    return this.#transaction.cut(how);
  }

  async #write(bytes) {
    if (bytes.length === 0) return !this.#transaction.gone;
    if (!this.#split) return this.#writeOne(bytes);
    for (let offset = 0; offset < bytes.length; offset += this.#split) {
      if (!(await this.#writeOne(bytes.subarray(offset, offset + this.#split)))) return false;
      // Else the kernel would glue the pieces together again.
      await nextTurn();
    }
    return true;
  }

  async #writeOne(bytes) {
    this.#writes += 1;
    if (this.#writes % WRITES_PER_TURN === 0) await nextTurn();
    return this.#transaction.write(bytes);
  }
}

module.exports.Outlet = Outlet;
