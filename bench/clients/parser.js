'use strict';

const { contentOf, post } = require('./post.js');

/** Returns `open(baseURL)` for a `fetch` whose body eventsource-parser reads, as many programs do it. */
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
