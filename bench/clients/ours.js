'use strict';

const { APIS, EMBEDDING, KEY, request } = require('../request.js');
const { contentOf } = require('./post.js');

/** This package, read chunk by chunk. */
async function load() {
  const { OpenRouterClient } = require('../..');
  return (baseURL) => {
    const client = new OpenRouterClient(KEY, { baseURL, maxRetries: 0 });
    return {
      async stream(onEvent) {
        for await (const chunk of await client.chatCompletion(request)) onEvent(contentOf(chunk));
      },
      async events(api, onEvent) {
        const { params, textOf } = APIS[api];
        for await (const event of await client[api](params)) onEvent(textOf(event));
      },
      embeddings: async (input) => (await client.embeddings({ model: EMBEDDING, input })).data,
      models: () => client.getModels(true),
      cachedModels: () => client.getModels(),
      complete: (params) => client.chatCompletion(params),
    };
  };
}

module.exports = load;
