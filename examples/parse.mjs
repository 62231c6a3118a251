// Structured output: prints the value as it grows, then the whole value, which the schema has checked.
import { OpenRouterClient } from 'openrouter-native';
import { startEmulator } from 'openrouter-native/emulator';
import { z } from 'zod';

const Recipe = z.object({
  title: z.string(),
  minutes: z.number().int(),
  ingredients: z.array(z.string()),
  vegan: z.boolean().optional(),
});

const emulator = process.env.OPENROUTER_API_KEY ? null : await startEmulator({ directives: { gap: 5 } });
const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();

const stream = await client.parse({
  model: 'openai/gpt-5-mini',
  messages: [{ role: 'user', content: process.argv[2] ?? 'A quick lentil soup' }],
  schema: Recipe,
  repair: true,
  stream: true,
});
for await (const partial of stream) console.log(`… ${partial.title ?? ''}`);

const { value, cost } = await stream.finalResult();
console.log(value);
console.log(`${value.ingredients.length} ingredients for ${cost.toFixed(6)} USD`);
await emulator?.close();
