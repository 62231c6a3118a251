'use strict';

const { isUtf8 } = require('node:buffer');

/** Begins with these bytes; `at` is where they stand. */
const starts = (text, at = 0) => (bytes) => bytes.toString('latin1', at, at + text.length) === text;
const both = (first, second) => (bytes) => first(bytes) && second(bytes);
/** A file of ISO media, whose brand says what it is. */
const brand = (pattern) => (bytes) => starts('ftyp', 4)(bytes) && pattern.test(bytes.toString('latin1', 8, 12));

/**
 * The formats that models read and write, by the first bytes of a file, because a name may lie. `kind` is that of the part of
 * a message, `ending` that of a file's name. The first that matches counts.
 */
const FORMATS = [
  { kind: 'image', type: 'image/png', ending: 'png', matches: starts('\x89PNG\r\n\x1a\n') },
  { kind: 'image', type: 'image/jpeg', ending: 'jpg', matches: starts('\xff\xd8\xff') },
  { kind: 'image', type: 'image/gif', ending: 'gif', matches: starts('GIF8') },
  { kind: 'image', type: 'image/webp', ending: 'webp', matches: both(starts('RIFF'), starts('WEBP', 8)) },
  { kind: 'image', type: 'image/avif', ending: 'avif', matches: brand(/^avi[fs]/) },
  { kind: 'image', type: 'image/heic', ending: 'heic', matches: brand(/^(?:hei|hev|mif1)/) },
  { kind: 'pdf', type: 'application/pdf', ending: 'pdf', matches: starts('%PDF-') },
  { kind: 'audio', type: 'audio/wav', ending: 'wav', matches: both(starts('RIFF'), starts('WAVE', 8)) },
  { kind: 'audio', type: 'audio/flac', ending: 'flac', matches: starts('fLaC') },
  { kind: 'audio', type: 'audio/ogg', ending: 'ogg', matches: starts('OggS') },
  { kind: 'audio', type: 'audio/aiff', ending: 'aiff', matches: both(starts('FORM'), starts('AIF', 8)) },
  { kind: 'audio', type: 'audio/mp4', ending: 'm4a', matches: brand(/^M4[AB]/) },
  { kind: 'audio', type: 'audio/mpeg', ending: 'mp3', matches: (bytes) => starts('ID3')(bytes) || isFrame(bytes, 0xe6, 0xe2) },
  { kind: 'audio', type: 'audio/aac', ending: 'aac', matches: (bytes) => isFrame(bytes, 0xf6, 0xf0) },
  { kind: 'video', type: 'video/webm', ending: 'webm', matches: starts('\x1aE\xdf\xa3') },
  { kind: 'video', type: 'video/quicktime', ending: 'mov', matches: brand(/^qt/) },
  { kind: 'video', type: 'video/mp4', ending: 'mp4', matches: brand(/^/) },
];

/** Whether a frame of MPEG audio begins here: its sync bits, and the bits of its layer that `mask` selects. */
function isFrame(bytes, mask, layer) {
  return bytes[0] === 0xff && (bytes[1] & mask) === layer;
}

/** Returns the format of a file by its bytes; undefined if it is none of those that models take. */
function formatOf(bytes) {
  return FORMATS.find(({ matches }) => matches(bytes));
}

const UTF16 = [['\xff\xfe', 'utf-16le'], ['\xfe\xff', 'utf-16be']];

/** Returns the text of a file in UTF-8, or in UTF-16 with its byte order mark; undefined if it is no text. */
function textOf(bytes) {
  const utf16 = UTF16.find(([mark]) => starts(mark)(bytes));
  if (utf16) {
    try {
      return new TextDecoder(utf16[1], { fatal: true }).decode(bytes);
    } catch {
      return undefined;
    }
  }
  return isUtf8(bytes) && !bytes.includes(0) ? new TextDecoder().decode(bytes) : undefined;
}

module.exports = { formatOf, textOf };
