'use strict';

const { refusal } = require('./failure.js');

/** Matches `application/json` and types such as `application/problem+json`. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
/** Matches a charset other than UTF-8 and its subset US-ASCII. */
const OTHER_CHARSET = /;\s*charset\s*=\s*(?!"?utf-?8\b|"?us-ascii\b)/i;

/**
 * Parameters of the client that a browser must not set, because they concern the server: its headers, its time and its retries.
 * `extraBody` would hide parameters from the rules of the router.
 */
const FORBIDDEN = ['extraBody', 'headers', 'maxRetries', 'onProgress', 'signal', 'timeouts'];

/**
 * Returns the JSON object in the body of a request.
 * @param {string | null | undefined} type the header `Content-Type`
 * @param {() => unknown} read returns the body: bytes, a text, or a value that the application has parsed
 * @returns {Promise<Record<string, unknown>>}
 */
async function objectOf(type, read) {
  // The type of a parsed body is checked, too. A page of another site can make the browser send a form or plain text with the
  // user's cookies; for JSON the browser would ask the server first.
  if (!JSON_TYPE.test(type ?? '')) throw refusal(415, 'The content type must be application/json.');
  if (OTHER_CHARSET.test(type)) throw refusal(415, 'The body must be in UTF-8.');
  const value = parsed(await read());
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw refusal(400, 'The body must be a JSON object.');
  }
  return value;
}

/** Returns the chat parameters in a body. */
function paramsOf(body) {
  for (const name of FORBIDDEN) {
    const isAbsent = !Object.hasOwn(body, name) || body[name] === null;
    if (!isAbsent) throw refusal(400, `${name} is not allowed here, because it is a setting of the server.`);
  }
  return body;
}

/**
 * Parses bytes and texts, also those that `express.raw` and `express.text` leave in `req.body`. Other values are returned as they are.
 */
function parsed(body) {
  if (typeof body !== 'string' && !ArrayBuffer.isView(body)) return body;
  if (body.length === 0) throw refusal(400, 'The request has no body. Send the parameters of a chat as JSON.');
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The message of the parser is not used, because it quotes the body.
    throw refusal(400, 'The body is not valid JSON.');
  }
}

/**
 * Throws the error for a body that is not read: it is compressed, or said to be too large.
 * @param {{ encoding: string | null | undefined, length: string | null | undefined }} head the headers `Content-Encoding` and
 * `Content-Length`
 */
function checkHead({ encoding, length }, limit) {
  if ((encoding ?? 'identity').toLowerCase() !== 'identity') throw refusal(415, 'A compressed body is not taken here. Send it uncompressed.');
  if (Number(length ?? 0) > limit) throw tooLarge(limit);
}

function tooLarge(limit) {
  return refusal(413, `The body is larger than ${limit} bytes. Send less text, or smaller files.`);
}

module.exports = { checkHead, objectOf, paramsOf, tooLarge };
