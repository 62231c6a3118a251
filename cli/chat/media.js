'use strict';

const { formatOf } = require('./formats.js');

const DATA_URL = /^data:[^,]{0,200},/;
const BASE64 = /^[\w+/-]+$/;
const ADDRESS = /^https?:\/\//;
/** How many images of an answer are saved. A hostile one could fill a disk with files. */
const MOST_IMAGES = 100;
/** Of how many pieces the sound of an answer may be: each takes some time to decode. */
const MOST_PIECES = 100_000;
/** How much of a file is read to find out whether it is an SVG. */
const HEAD_BYTES = 2000;
const UNREADABLE = 'cannot be read, and was not saved; --json shows it.';
/** The ending for bytes in no known format. */
const UNKNOWN = 'bin';

/** How models send sound without a header: 24,000 samples a second, 16 bits each, one channel. */
const RATE = 24_000;
const SAMPLE_BYTES = 2;
const HEADER_BYTES = 44;

/**
 * Returns the images and the sound of an answer. What they are is read from their bytes, not from what the answer says.
 * @param {object} message that of a completion
 * @param {string} [soundFormat] the format in which sound was asked for
 * @returns {{ media: Medium[], problems: string[] }} `problems`: what the answer has, but no bytes of
 * @typedef {{ kind: 'image' | 'audio', bytes: Buffer, ending: string }} Medium
 */
function mediaOf(message, soundFormat) {
  const media = [];
  const problems = [];
  const images = listOf(message?.images);
  for (const image of images.slice(0, MOST_IMAGES)) {
    const url = image?.image_url?.url;
    const bytes = typeof url === 'string' ? bytesOf(url) : null;
    if (bytes !== null) media.push({ kind: 'image', bytes, ending: endingOf(bytes, 'image') });
    else problems.push(`An image of the answer ${ADDRESS.test(url) ? `is an address, which was not opened: ${url}` : UNREADABLE}`);
  }
  if (images.length > MOST_IMAGES) problems.push(`The answer has ${images.length} images. ${MOST_IMAGES} were looked at; --json shows all.`);
  const { data } = message?.audio ?? {};
  if (typeof data === 'string' && data !== '') {
    const bytes = decoded(data, MOST_PIECES);
    if (bytes === null) problems.push(`The sound of the answer ${UNREADABLE}`);
    else media.push(soundOf(bytes, soundFormat));
  }
  return { media, problems };
}

function listOf(value) {
  return Array.isArray(value) ? value : [];
}

/** Returns the bytes of a data URL; null if it has none. */
function bytesOf(url) {
  const [head] = DATA_URL.exec(url) ?? [];
  if (head === undefined) return null;
  const data = url.slice(head.length);
  if (head.endsWith(';base64,')) return decoded(data);
  try {
    return data === '' ? null : Buffer.from(decodeURIComponent(data));
  } catch {
    return null;
  }
}

/** Decodes base64, of one piece or of at most so many, each with its padding. Returns null if it is none. */
function decoded(given, mostPieces = 1) {
  const text = given.replace(/\s+/g, '');
  if (text === '') return null;
  const bytes = Buffer.allocUnsafe(Math.ceil((text.length * 3) / 4));
  let size = 0;
  let pieces = 0;
  for (let start = 0; start < text.length;) {
    pieces += 1;
    if (pieces > mostPieces) return null;
    // Node reads base64 up to the first padding.
    const padding = text.indexOf('=', start);
    const piece = text.slice(start, padding < 0 ? text.length : padding);
    if (!BASE64.test(piece)) return null;
    size += bytes.write(piece, size, 'base64');
    start += piece.length;
    for (let most = start + 2; start < most && text[start] === '=';) start += 1;
  }
  return bytes.subarray(0, size);
}

function endingOf(bytes, kind) {
  const format = formatOf(bytes);
  if (format?.kind === kind) return format.ending;
  const head = bytes.toString('utf8', 0, HEAD_BYTES);
  return kind === 'image' && /^\ufeff?\s*</.test(head) && head.includes('<svg') ? 'svg' : UNKNOWN;
}

/** Returns sound as a file. Samples get a header, without which no player takes them. */
function soundOf(bytes, asked) {
  const ending = endingOf(bytes, 'audio');
  // The first samples may look like a frame of another format.
  const isRaw = asked === 'pcm16' ? ending !== 'wav' : ending === UNKNOWN && asked === undefined;
  if (!isRaw) return { kind: 'audio', bytes, ending };
  return { kind: 'audio', bytes: Buffer.concat([wavHeader(bytes.length), bytes]), ending: 'wav' };
}

function wavHeader(length) {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * SAMPLE_BYTES, 28);
  header.writeUInt16LE(SAMPLE_BYTES, 32);
  header.writeUInt16LE(SAMPLE_BYTES * 8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(length, 40);
  return header;
}

module.exports = { UNKNOWN, mediaOf };
