'use strict';

const { KEY, request } = require('../request.js');

/** What `fetch` and its like are given for a chat. */
function post(params = request) {
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(params),
  };
}

/** The content of a chunk. */
function contentOf(chunk) {
  return chunk.choices[0]?.delta.content ?? '';
}

module.exports = { contentOf, post };
