'use strict';

const REDACTED = '[REDACTED]';
/** The minimum length of a key to redact. A shorter string is no secret and may be a common word. */
const MIN_LENGTH = 8;
/** Matches the names of headers that may contain a secret. It matches all that the addon takes for such a name. */
const SECRET_NAME = /auth|bearer|cookie|credential|jwt|key|password|secret|token/i;

/**
 * Returns JSON in which the key, if the server echoed it, is replaced by `[REDACTED]`.
 * @param {Buffer} bytes the JSON text in UTF-8
 * @param {string | undefined} apiKey
 */
function redact(bytes, apiKey) {
  if (typeof apiKey !== 'string' || apiKey.length < MIN_LENGTH) return bytes;
  let clean = bytes;
  for (const form of new Set([apiKey, JSON.stringify(apiKey).slice(1, -1)])) {
    if (!clean.includes(form)) continue;
    // Latin-1 maps each byte to one character, so that no other byte changes.
    const text = clean.toString('latin1').replaceAll(Buffer.from(form).toString('latin1'), REDACTED);
    clean = Buffer.from(text, 'latin1');
  }
  return clean;
}

/** Whether a header may contain a secret, going by its name. */
function isSecretHeader(name) {
  return SECRET_NAME.test(name);
}

module.exports.isSecretHeader = isSecretHeader;
module.exports.redact = redact;
