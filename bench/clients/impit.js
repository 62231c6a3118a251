'use strict';

const { eventsOf } = require('./lines.js');
const { contentOf, post } = require('./post.js');

/** impit, another `fetch` for Node that is written in Rust. */
async function load() {
  const { Impit } = require('impit');
  return (baseURL) => {
    // impit does not read NODE_EXTRA_CA_CERTS.
    const impit = new Impit({ ignoreTlsErrors: true });
    return {
      async stream(onEvent) {
        const response = await impit.fetch(`${baseURL}/chat/completions`, post());
        for await (const chunk of eventsOf(response.body)) onEvent(contentOf(chunk));
      },
      async models() {
        const { data } = await (await impit.fetch(`${baseURL}/models`)).json();
        return data;
      },
    };
  };
}

module.exports = load;
