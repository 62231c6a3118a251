'use strict';

const path = require('node:path');
const { isAnyArrayBuffer, isUint8Array } = require('node:util/types');

const { OpenRouterError } = require('../errors.js');
const { post } = require('./post.js');

/** The formats of sound by the last part of their media type, where they differ. */
const FORMATS = { mpeg: 'mp3', 'x-wav': 'wav', wave: 'wav', 'x-m4a': 'm4a', mp4: 'm4a', 'x-flac': 'flac', 'x-aac': 'aac' };

/** Requests speech. The answer is a standard `Response`, whose body is the sound as it arrives. */
function speech(client, params, options, caller) {
  return post(client, '/audio/speech', params, options, { as: 'response', isFile: true, caller });
}

/**
 * Requests the text of sound. `file` is sent as base64 in JSON, the form of this endpoint that has a place for privacy
 * settings.
 */
function transcription(client, params, options, caller) {
  const { file, format, ...rest } = params ?? {};
  if (file === undefined) return post(client, '/audio/transcriptions', rest, options, { caller });
  const sent = bytesIn(file).then((bytes) => ({
    ...rest,
    input_audio: { data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'), format: format ?? formatOf(file) },
  }));
  return post(client, '/audio/transcriptions', sent, options, { caller });
}

/** Returns the bytes of sound: of bytes, a `Blob` or `File`, a stream, or an async iterable of bytes. */
async function bytesIn(file) {
  if (isUint8Array(file)) return file;
  if (isAnyArrayBuffer(file)) return new Uint8Array(file);
  if (file instanceof Blob) return new Uint8Array(await file.arrayBuffer());
  if (typeof file?.[Symbol.asyncIterator] !== 'function') {
    throw new OpenRouterError('transcription takes file as bytes, a Blob or a stream of bytes, such as fs.createReadStream(path).', { code: 'invalid_request' });
  }
  const parts = [];
  for await (const part of file) {
    if (!isUint8Array(part)) throw new OpenRouterError('The stream of a file must give bytes.', { code: 'invalid_request' });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Returns the format that the name or the media type of a file tells. */
function formatOf(file) {
  const ending = path.extname(String(file.name ?? file.path ?? '')).slice(1).toLowerCase();
  const kind = String(file.type ?? '').split(';')[0].split('/')[1] ?? '';
  const format = ending || (FORMATS[kind] ?? kind);
  if (format !== '') return format;
  throw new OpenRouterError("The format of the sound is not known: its file has no name. Give format, such as 'mp3' or 'wav'.", { code: 'invalid_request' });
}

module.exports = { speech, transcription };
