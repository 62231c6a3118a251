'use strict';

const { MODEL, messages } = require('../request.js');

/** Returns `open(baseURL)`, which makes a LangChain agent with a tool, on a new instance of `Model`. */
function agentOn(Model, fieldsFor) {
  const { createAgent, tool } = require('langchain');
  const { z } = require('zod');
  const weather = tool(async () => 'Sunny.', { name: 'get_weather', description: 'The weather in a city', schema: z.object({ city: z.string() }) });
  return (baseURL) => {
    const agent = createAgent({ model: new Model({ model: MODEL, maxRetries: 0, ...fieldsFor(baseURL) }), tools: [weather] });
    return {
      // The number of events differs, because each model class leaves out other chunks without content.
      seesEvents: false,
      async stream(onEvent) {
        for await (const [chunk] of await agent.stream({ messages }, { streamMode: 'messages' })) onEvent(chunk.text);
      },
    };
  };
}

module.exports = { agentOn };
