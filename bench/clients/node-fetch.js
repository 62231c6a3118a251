'use strict';

const { eventsOf } = require('./lines.js');
const { contentOf, post } = require('./post.js');

/** A stand-in for the client that this package replaces, which works in the same way. */
async function load() {
  const fetch = require('node-fetch');
  return (baseURL) => ({
    async stream(onEvent) {
      const response = await fetch(`${baseURL}/chat/completions`, post());
      for await (const chunk of eventsOf(response.body)) onEvent(contentOf(chunk));
    },
    async models() {
      const { data } = await (await fetch(`${baseURL}/models`)).json();
      return data;
    },
    async complete(params) {
      return (await fetch(`${baseURL}/chat/completions`, post(params))).json();
    },
  });
}

module.exports = load;
