'use strict';

const { withHead } = require('./response.js');

/** The largest body of an error that is read, in bytes. */
const MAX_BODY = 1 << 20;
/** The headers that tell of the body as it was sent. */
const OF_BODY = ['content-length', 'content-encoding', 'transfer-encoding'];

/**
 * Reads the body of a response with an error status, of which only the beginning is kept if it is too long. A body that breaks
 * off is the error that the addon has told already; an abort rejects.
 * @param {Response} response
 */
async function errorTextOf({ body }) {
  const reader = body.getReader();
  const parts = [];
  let size = 0;
  try {
    for (let part = await reader.read(); !part.done && size < MAX_BODY; part = await reader.read()) {
      parts.push(part.value);
      size += part.value.length;
    }
    if (size >= MAX_BODY) await reader.cancel();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return Buffer.concat(parts).toString();
}

/** Returns a response whose body was read, with another body. */
function withBody({ status, statusText, url, redirected, headers: given }, body, type) {
  const headers = new Headers(given);
  for (const name of OF_BODY) headers.delete(name);
  if (type !== undefined) headers.set('content-type', type);
  return withHead(body, { status, statusText, url, redirected, headers });
}

module.exports = { errorTextOf, withBody };
