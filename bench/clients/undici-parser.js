'use strict';

const { withParser } = require('./parser.js');

/** The `request` of the undici package, which costs less than its `fetch`, with eventsource-parser. */
async function load() {
  const { Agent, request } = require('undici');
  // Turn off undici's timeouts for silent streams.
  const dispatcher = new Agent({ bodyTimeout: 0, headersTimeout: 0 });
  const fetch = async (url, options) => {
    const { body } = await request(url, { ...options, dispatcher });
    return { body, json: () => body.json() };
  };
  return withParser(fetch, await import('eventsource-parser'));
}

module.exports = load;
