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
 * Returns the JSON object in the body of a request. A body that the application has already parsed is used; otherwise it is
 * read here.
 * @param {import('node:http').IncomingMessage} req
 * @param {number} limit the maximum size of a body that is read here, in bytes
 * @returns {Promise<Record<string, unknown>>}
 */
async function bodyOf(req, limit) {
  const type = req.headers['content-type'] ?? '';
  // The type of a parsed body is checked, too. A page of another site can make the browser send a form or plain text with the
  // user's cookies; for JSON the browser would ask the server first.
  if (!JSON_TYPE.test(type)) throw refusal(415, 'The content type must be application/json.');
  if (OTHER_CHARSET.test(type)) throw refusal(415, 'The body must be in UTF-8.');
  const value = isParsed(req) ? parsed(req.body) : parsed(await read(req, limit));
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

/** Whether the application has parsed the body. Parsers for Express 4 set `{}` on requests that they do not read. */
function isParsed({ body, readableDidRead }) {
  if (body === undefined) return false;
  return readableDidRead || body === null || typeof body !== 'object' || Object.keys(body).length > 0;
}

/**
 * Parses bytes and texts, which `express.raw` and `express.text` leave in `req.body`. Other values are returned as they are.
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
 * Reads a body. The rest of a body over the limit is read and dropped, because the browser reads the response only after
 * sending it.
 */
function read(req, limit) {
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw refusal(415, 'A compressed body is not taken here. Send it uncompressed.');
  const tooLarge = () => refusal(413, `The body is larger than ${limit} bytes. Send less text, or smaller files.`);
  if (Number(req.headers['content-length']) > limit) {
    req.resume();
    throw tooLarge();
  }
  if (req.readableEnded) return Buffer.alloc(0);
  // A destroyed request emits no more events to wait for.
  if (req.destroyed) throw refusal(400, 'The body ended too early.');
  return new Promise((resolve, reject) => {
    const parts = [];
    let size = 0;
    const listeners = {
      data(part) {
        size += part.length;
        if (size > limit) settle(() => reject(tooLarge()));
        else parts.push(part);
      },
      end: () => settle(() => resolve(Buffer.concat(parts))),
      error: () => settle(() => reject(refusal(400, 'The body could not be read.'))),
      close: () => settle(() => reject(refusal(400, 'The body ended too early.'))),
    };
    const settle = (how) => {
      for (const [name, listener] of Object.entries(listeners)) req.off(name, listener);
      req.resume();
      how();
    };
    for (const [name, listener] of Object.entries(listeners)) req.on(name, listener);
    req.resume();
  });
}

module.exports.bodyOf = bodyOf;
module.exports.paramsOf = paramsOf;
