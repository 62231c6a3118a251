'use strict';

const { nextTurn } = require('./clock');
const { makeEncoder } = require('./encoding');

// Node notices a closed connection only in a new turn of the event loop, so a long answer yields to it regularly.
const WRITES_PER_TURN = 64;

/** Writes a streamed body: encodes it, splits it into pieces, and waits for the client to read. */
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

  /** Encodes and writes data. Resolves to `false` once the connection is closed. */
  async send(data) {
    if (data.length === 0) return !this.#transaction.gone;
    return this.#write(await this.#encoder.encode(Buffer.from(data)));
  }

  /** Ends the body properly, with the end of its encoding. */
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
      // Without this turn of the event loop the pieces would be sent together.
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
