'use strict';

const { withParser } = require('./parser.js');

/** Node's own `fetch`, with eventsource-parser. */
async function load() {
  return withParser(fetch, await import('eventsource-parser'));
}

module.exports = load;
