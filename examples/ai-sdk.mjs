// Vercel's AI SDK on the native engine: `npm install ai @openrouter/ai-sdk-provider`.
// Without OPENROUTER_API_KEY it talks to the emulator.
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { streamText } from 'ai';
import { createFetch } from 'openrouter-native';

const apiKey = process.env.OPENROUTER_API_KEY;
const { startEmulator } = (await import('../emulator/index.js')).default;
const emulator = apiKey ? null : await startEmulator();

const told = {};
const openrouter = createOpenRouter({
  apiKey: apiKey ?? 'sk-or-v1-example',
  ...(emulator && { baseURL: emulator.baseURL }),
  fetch: createFetch({ zdr: true, onModel: (model) => Object.assign(told, { model }), onUsage: ({ cost }) => Object.assign(told, { cost }) }),
});

const { textStream } = streamText({ model: openrouter('openrouter/auto'), prompt: 'Why is the sky blue?' });
for await (const text of textStream) process.stdout.write(text);
console.log(`\n${told.model} answered, for ${told.cost} USD`);
await emulator?.close();
