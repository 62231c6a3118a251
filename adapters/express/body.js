'use strict';

const { checkHead, objectOf, tooLarge } = require('../handler/body.js');
const { refusal } = require('../handler/failure.js');

/**
 * Returns the JSON object in the body of a request. A body that the application has already parsed is used; otherwise it is
 * read here.
 * @param {import('node:http').IncomingMessage} req
 * @param {number} limit the maximum size of a body that is read here, in bytes
 */
function bodyOf(req, limit) {
  return objectOf(req.headers['content-type'], () => (isParsed(req) ? req.body : read(req, limit)));
}

/** Whether the application has parsed the body. Parsers for Express 4 set `{}` on requests that they do not read. */
function isParsed({ body, readableDidRead }) {
  if (body === undefined) return false;
  return readableDidRead || body === null || typeof body !== 'object' || Object.keys(body).length > 0;
}

/**
 * Reads a body. The rest of a body over the limit is read and dropped, because the browser reads the response only after
 * sending it.
 */
function read(req, limit) {
  const { 'content-encoding': encoding, 'content-length': length } = req.headers;
  try {
    checkHead({ encoding, length }, limit);
  } catch (error) {
    req.resume();
    throw error;
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
        if (size > limit) settle(() => reject(tooLarge(limit)));
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
