'use strict';

const { contentOf, post } = require('./post.js');

/** A `fetch` with eventsource-parser behind it, as many write it by hand. */
function withParser(fetch, { createParser }) {
  return (baseURL) => ({
    async stream(onEvent) {
      const response = await fetch(`${baseURL}/chat/completions`, post());
      const decoder = new TextDecoder();
      const parser = createParser({
        onEvent({ data }) {
          if (data !== '[DONE]') onEvent(contentOf(JSON.parse(data)));
        },
      });
      for await (const bytes of response.body) parser.feed(decoder.decode(bytes, { stream: true }));
    },
    async models() {
      const { data } = await (await fetch(`${baseURL}/models`)).json();
      return data;
    },
    complete: async (params) => (await fetch(`${baseURL}/chat/completions`, post(params))).json(),
  });
}

module.exports = { withParser };
