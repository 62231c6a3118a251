'use strict';

const { once } = require('node:events');
const zlib = require('node:zlib');

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
// No content size, no checksum, no dictionary; a window of 128 KiB, which is also the largest block.
const ZSTD_FRAME = Buffer.from([0x00, 0x38]);
const ZSTD_MAX_BLOCK = 128 * 1024;

/** A zlib stream that is flushed after each piece, as a server does that streams. */
class ZlibEncoder {
  #stream;
  #flushKind;
  #out = [];

  constructor(stream, flushKind) {
    this.#stream = stream;
    this.#flushKind = flushKind;
    stream.on('data', (part) => this.#out.push(part));
  }

  async encode(bytes) {
    this.#stream.write(bytes);
    await new Promise((resolve) => this.#stream.flush(this.#flushKind, resolve));
    return this.#take();
  }

  async finish() {
    this.#stream.end();
    await once(this.#stream, 'end');
    return this.#take();
  }

  #take() {
    const bytes = Buffer.concat(this.#out);
    this.#out = [];
    return bytes;
  }
}

/** A Zstandard encoder that writes raw blocks only, which every decoder accepts. Node 20 has no encoder of its own. */
class RawZstdEncoder {
  #isStarted = false;

  async encode(bytes) {
    const parts = this.#start();
    for (let offset = 0; offset < bytes.length; offset += ZSTD_MAX_BLOCK) {
      const block = bytes.subarray(offset, offset + ZSTD_MAX_BLOCK);
      parts.push(blockHeader(block.length, 0), block);
    }
    return Buffer.concat(parts);
  }

  async finish() {
    return Buffer.concat([...this.#start(), blockHeader(0, 1)]);
  }

  #start() {
    if (this.#isStarted) return [];
    this.#isStarted = true;
    return [ZSTD_MAGIC, ZSTD_FRAME];
  }
}

function blockHeader(size, isLast) {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | isLast, 0, 3);
  return header;
}

const identity = {
  encode: async (bytes) => bytes,
  finish: async () => Buffer.alloc(0),
};

/**
 * Makes the encoder of a `Content-Encoding`.
 * @param {'gzip'|'br'|'deflate'|'zstd'|'identity'|undefined} name
 */
function makeEncoder(name) {
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
  switch (name) {
    case 'gzip': return new ZlibEncoder(zlib.createGzip(), Z_SYNC_FLUSH);
    case 'deflate': return new ZlibEncoder(zlib.createDeflate(), Z_SYNC_FLUSH);
    case 'br': return new ZlibEncoder(zlib.createBrotliCompress(), BROTLI_OPERATION_FLUSH);
    case 'zstd': return new RawZstdEncoder();
    default: return identity;
  }
}

module.exports.makeEncoder = makeEncoder;
