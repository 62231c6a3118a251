// A run with tools: prints what happens while the model calls them, asks before one of them, and ends with usage and cost.
import { OpenRouterClient, defineTool } from 'openrouter-native';
import { startEmulator } from 'openrouter-native/emulator';
import { z } from 'zod';

const weather = defineTool({
  name: 'get_weather',
  description: 'The weather in a city',
  schema: z.object({ city: z.string() }),
  run: async ({ city }) => ({ city, sky: 'clear', celsius: 24 }),
  needsApproval: false,
});
const booking = defineTool({
  name: 'book_table',
  description: 'Books a table outside',
  schema: z.object({ city: z.string(), guests: z.number().int().default(2) }),
  run: ({ city, guests }) => `A table for ${guests} in ${city} is booked.`,
});

const emulator = process.env.OPENROUTER_API_KEY ? null : await startEmulator();
const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();

const run = await client.runTools({
  model: 'openai/gpt-5-mini',
  messages: [{ role: 'user', content: process.argv[2] ?? 'Book a table outside in São Paulo, if the weather is good.' }],
  tools: [weather, booking],
  parallel_tool_calls: true,
  max_tokens: 1000,
  maxSteps: 5,
  maxCost: 0.05,
  // A program would ask its user.
  onApproval: ({ name, arguments: args }) => {
    console.log(`May ${name} run with ${JSON.stringify(args)}? Yes.`);
    return true;
  },
  stream: true,
});
for await (const event of run) {
  if (event.type === 'text') process.stdout.write(event.text);
  if (event.type === 'tool_end') console.log(`${event.call.name}: ${JSON.stringify(event.call.result ?? event.call.error)}`);
}

const { steps, usage, cost, stopReason } = await run.finalResult();
console.log(`\n\n${steps.length} steps, ${usage?.total_tokens} tokens, ${cost.toFixed(6)} USD, ended by ${stopReason}`);
await emulator?.close();
