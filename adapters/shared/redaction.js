'use strict';

const REDACTED = '[REDACTED]';
/** What is shorter is no secret, and may well be a word. */
const SECRET = 8;

/**
 * The bytes of JSON without a key that the server may have echoed in them.
 * @param {Buffer} bytes
 * @param {string | undefined} apiKey
 */
function redact(bytes, apiKey) {
  if (typeof apiKey !== 'string' || apiKey.length < SECRET) return bytes;
  for (const form of new Set([apiKey, JSON.stringify(apiKey).slice(1, -1)])) {
    if (!bytes.includes(form)) continue;
    // Byte for byte: nothing else may change.
    const text = bytes.toString('latin1').replaceAll(Buffer.from(form).toString('latin1'), REDACTED);
    return redact(Buffer.from(text, 'latin1'), apiKey);
  }
  return bytes;
}

module.exports.redact = redact;
