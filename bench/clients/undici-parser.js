'use strict';

const { withParser } = require('./parser.js');

/** The undici package, without the cost of `fetch`: its `request`. */
async function load() {
  const { Agent, request } = require('undici');
  // No limit of its own on how long a stream may be silent.
  const dispatcher = new Agent({ bodyTimeout: 0, headersTimeout: 0 });
  const fetch = async (url, options) => {
    const { body } = await request(url, { ...options, dispatcher });
    return { body, json: () => body.json() };
  };
  return withParser(fetch, await import('eventsource-parser'));
}

module.exports = load;
