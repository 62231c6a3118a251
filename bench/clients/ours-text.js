'use strict';

const { APIS, KEY, request } = require('../request.js');

/** This package, read by `text()`, which yields no chunks. */
async function load() {
  const { OpenRouterClient } = require('../..');
  return (baseURL) => {
    const client = new OpenRouterClient(KEY, { baseURL, maxRetries: 0 });
    return {
      seesEvents: false,
      async stream(onEvent) {
        for await (const text of (await client.chatCompletion(request)).text()) onEvent(text);
      },
      async events(api, onEvent) {
        for await (const text of (await client[api](APIS[api].params)).text()) onEvent(text);
      },
    };
  };
}

module.exports = load;
