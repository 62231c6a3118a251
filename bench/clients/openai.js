'use strict';

const { APIS, EMBEDDING, KEY, request } = require('../request.js');
const { contentOf } = require('./post.js');

/** OpenAI's SDK, optionally with another `fetch`. */
async function load(fetch) {
  const { OpenAI } = require('openai');
  return (baseURL) => {
    const client = new OpenAI({ apiKey: KEY, baseURL, maxRetries: 0, ...(fetch && { fetch }) });
    return {
      async stream(onEvent) {
        for await (const chunk of await client.chat.completions.create(request)) onEvent(contentOf(chunk));
      },
      async events(api, onEvent) {
        const { params, textOf } = APIS[api];
        for await (const event of await client[api].create(params)) onEvent(textOf(event));
      },
      embeddings: async (input) => (await client.embeddings.create({ model: EMBEDDING, input })).data,
      models: async () => (await client.models.list()).data,
      complete: (params) => client.chat.completions.create(params),
    };
  };
}

module.exports = load;
