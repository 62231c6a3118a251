'use strict';

/** The name that stands for stdin. */
const STDIN = '-';
const MIB = 1 << 20;
/** The most that a prompt, or the files of a message together, may have, in bytes: more than any provider takes. */
const LIMIT = 100 << 20;

/**
 * Reads a stream to its end. Resolves to null, and closes it, as soon as it has more than `limit` bytes.
 * @param {NodeJS.ReadableStream} stream @param {number} limit
 * @returns {Promise<Buffer | null>}
 */
async function readAll(stream, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

module.exports = { LIMIT, MIB, STDIN, readAll };
