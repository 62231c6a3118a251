'use strict';

const REDACTED = '[REDACTED]';
/** The minimum length of a key to redact. A shorter string is no secret and may be a common word. */
const SECRET = 8;

/**
 * Returns JSON in which the key, if the server echoed it, is replaced by `[REDACTED]`.
 * @param {Buffer} bytes the JSON text in UTF-8
 * @param {string | undefined} apiKey
 */
function redact(bytes, apiKey) {
  if (typeof apiKey !== 'string' || apiKey.length < SECRET) return bytes;
  let clean = bytes;
  for (const form of new Set([apiKey, JSON.stringify(apiKey).slice(1, -1)])) {
    if (!clean.includes(form)) continue;
    // Latin-1 maps each byte to one character, so that no other byte changes.
    const text = clean.toString('latin1').replaceAll(Buffer.from(form).toString('latin1'), REDACTED);
    clean = Buffer.from(text, 'latin1');
  }
  return clean;
}

module.exports.redact = redact;
