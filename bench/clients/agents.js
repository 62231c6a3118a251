'use strict';

const { MODEL, messages } = require('../request.js');

/** Returns `open(baseURL)`, which makes a LangChain agent with a tool, on a new instance of `Model`. */
function agentOn(Model, fieldsFor) {
  // By default LangChain calls the handlers of tokens in the background, and drops the calls that still wait when the agent
  // ends. An agent that is faster than its handlers then loses the end of its text.
  process.env.LANGCHAIN_CALLBACKS_BACKGROUND = 'false';
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
      async chat(onText) {
        for await (const { event, data } of agent.streamEvents({ messages }, { version: 'v2' })) {
          if (event === 'on_chat_model_stream') onText(data.chunk.text);
        }
      },
    };
  };
}

module.exports = { agentOn };
