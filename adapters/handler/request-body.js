'use strict';

const { OpenRouterError } = require('../../index.js');
const { tooLarge } = require('./body.js');
const { refusal } = require('./failure.js');

/** Returns the bytes in the body of a WHATWG request. */
async function readBody(request, limit) {
  if (request.bodyUsed) {
    throw new OpenRouterError('The body of the request was already read. auth must read that of request.clone().', { code: 'invalid_option' });
  }
  if (request.body === null) return Buffer.alloc(0);
  const reader = request.body.getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => { throw refusal(400, 'The body could not be read.'); });
    if (done) return Buffer.concat(parts);
    size += value.byteLength;
    if (size > limit) {
      drain(reader);
      throw tooLarge(limit);
    }
    parts.push(value);
  }
}

/** Reads and drops the rest of a body, because a browser reads the response only after sending it. */
async function drain(reader) {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The browser has left.
  }
}

/** Drops a body that was not read, because the request was refused before. */
function dropBody({ body, bodyUsed }) {
  if (body && !bodyUsed && !body.locked) void drain(body.getReader());
}

module.exports = { dropBody, readBody };
