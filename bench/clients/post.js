'use strict';

const { KEY, request } = require('../request.js');

/** Returns the options with which a `fetch` sends a chat. */
function post(params = request) {
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(params),
  };
}

/** Returns the content of a chunk. */
function contentOf(chunk) {
  return chunk.choices[0]?.delta.content ?? '';
}

module.exports = { contentOf, post };
