'use strict';

const { KEY, request } = require('../request.js');
const { contentOf } = require('./post.js');

/** OpenRouter's own SDK. */
async function load() {
  const { OpenRouter } = await import('@openrouter/sdk');
  return (baseURL) => {
    const client = new OpenRouter({ apiKey: KEY, serverURL: baseURL, retryConfig: { strategy: 'none' } });
    return {
      async stream(onEvent) {
        for await (const chunk of await client.chat.send({ chatRequest: request })) onEvent(contentOf(chunk));
      },
      models: async () => (await client.models.list()).result.data,
    };
  };
}

module.exports = load;
