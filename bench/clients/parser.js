'use strict';

const { APIS } = require('../request.js');
const { contentOf, post } = require('./post.js');

/** Returns `open(baseURL)` for a `fetch` whose body eventsource-parser reads, as many programs do it. */
function withParser(fetch, { createParser }) {
  const read = async (url, params, textOf, onEvent) => {
    const response = await fetch(url, post(params));
    const decoder = new TextDecoder();
    const parser = createParser({
      onEvent({ data }) {
        if (data !== '[DONE]') onEvent(textOf(JSON.parse(data)));
      },
    });
    for await (const bytes of response.body) parser.feed(decoder.decode(bytes, { stream: true }));
  };
  return (baseURL) => ({
    stream: (onEvent) => read(`${baseURL}/chat/completions`, undefined, contentOf, onEvent),
    events: (api, onEvent) => read(`${baseURL}/${api}`, APIS[api].params, APIS[api].textOf, onEvent),
    async models() {
      const { data } = await (await fetch(`${baseURL}/models`)).json();
      return data;
    },
    complete: async (params) => (await fetch(`${baseURL}/chat/completions`, post(params))).json(),
  });
}

module.exports = { withParser };
