// A LangChain agent with a tool, on this package's model class: `npm install langchain @langchain/core @langchain/openai`.
// Without OPENROUTER_API_KEY it uses the emulator.
import { createAgent, tool } from 'langchain';
import { startEmulator } from 'openrouter-native/emulator';
import { ChatOpenRouter } from 'openrouter-native/langchain';
import { z } from 'zod';

const apiKey = process.env.OPENROUTER_API_KEY;
const emulator = apiKey ? null : await startEmulator();

const model = new ChatOpenRouter({
  apiKey: apiKey ?? emulator.apiKey,
  ...(emulator && { baseURL: emulator.baseURL }),
  autoRouter: true,
  zdr: true,
  reasoning: { effort: 'low' },
});
const weather = tool(async ({ city }) => `Sunny in ${city}, 24 °C.`, {
  name: 'get_weather',
  description: 'The weather in a city',
  schema: z.object({ city: z.string() }),
});

const agent = createAgent({ model, tools: [weather] });
const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'What is the weather in Lisbon?' }] });
for (const { type, text, tool_calls: calls = [] } of messages) console.log(`${type}:`, text || calls);

let cost = 0;
for (const { response_metadata: facts } of messages) cost += facts?.cost ?? 0;
console.log(`${model.getActualModelUsed()} answered, for ${cost.toFixed(6)} USD`);
await emulator?.close();
