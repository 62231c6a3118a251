'use strict';

const { refusal } = require('./failure.js');

/** `application/json` and its kin, in UTF-8. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const OTHER_CHARSET = /;\s*charset\s*=\s*(?!"?utf-?8\b|"?us-ascii\b)/i;

/** What the client takes from its caller and does not send: none of it is a browser's to say. */
const OURS = new Set(['headers', 'maxRetries', 'onProgress', 'signal', 'timeouts']);

/**
 * The request's JSON object: what the application's own parser made of it, or read here.
 * @param {import('node:http').IncomingMessage} req
 * @param {number} limit in bytes
 * @returns {Promise<Record<string, unknown>>}
 */
async function bodyOf(req, limit) {
  const type = req.headers['content-type'] ?? '';
  // Also where a parser has been: a form of another site may be sent with a user's cookies, JSON may not.
  if (!JSON_TYPE.test(type)) throw refusal(415, 'The content type must be application/json.');
  if (OTHER_CHARSET.test(type)) throw refusal(415, 'The body must be in UTF-8.');
  const value = isParsed(req) ? parsed(req.body) : parsed(await read(req, limit));
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw refusal(400, 'The body must be a JSON object.');
  }
  return value;
}

/** The chat parameters in a body. */
function paramsOf(body) {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !OURS.has(name)));
}

/** Parsers for Express 4 leave `{}` on requests that they do not read. */
function isParsed({ body, readableDidRead }) {
  if (body === undefined) return false;
  return readableDidRead || body === null || typeof body !== 'object' || Object.keys(body).length > 0;
}

/** Bytes and texts (as `express.raw` and `express.text` leave them) parsed, anything else as it is. */
function parsed(body) {
  if (typeof body !== 'string' && !ArrayBuffer.isView(body)) return body;
  if (body.length === 0) throw refusal(400, 'The request has no body.');
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own message quotes the body.
    throw refusal(400, 'The body is not valid JSON.');
  }
}

/** Reads a body. What is over the limit is not kept; it runs dry, so that the browser gets to read the answer. */
function read(req, limit) {
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw refusal(415, 'A compressed body is not taken here.');
  const tooLarge = () => refusal(413, `The body is larger than ${limit} bytes.`);
  if (Number(req.headers['content-length']) > limit) {
    req.resume();
    throw tooLarge();
  }
  if (req.readableEnded) return Buffer.alloc(0);
  // Its events are over: there would be none to wait for.
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
