'use strict';

const { KEY, MODEL, messages } = require('../request.js');

/** Vercel's AI SDK with OpenRouter's provider, optionally with another `fetch`. */
async function load(fetch) {
  const { streamText } = await import('ai');
  const { createOpenRouter } = await import('@openrouter/ai-sdk-provider');
  return (baseURL) => {
    const openrouter = createOpenRouter({ apiKey: KEY, baseURL, ...(fetch && { fetch }) });
    return {
      seesEvents: false,
      async stream(onEvent) {
        const { textStream } = streamText({ model: openrouter.chat(MODEL), messages, maxRetries: 0, onError({ error }) { throw error; } });
        for await (const text of textStream) onEvent(text);
      },
    };
  };
}

module.exports = load;
