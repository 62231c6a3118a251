// Vercel's AI SDK with this package's `fetch`: `npm install ai @openrouter/ai-sdk-provider`.
// Without OPENROUTER_API_KEY it uses the emulator.
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { streamText } from 'ai';
import { createFetch } from 'openrouter-native';
import { startEmulator } from 'openrouter-native/emulator';

const apiKey = process.env.OPENROUTER_API_KEY;
const emulator = apiKey ? null : await startEmulator();

const answer = {};
const openrouter = createOpenRouter({
  apiKey: apiKey ?? emulator.apiKey,
  ...(emulator && { baseURL: emulator.baseURL }),
  fetch: createFetch({ zdr: true, onModel: (model) => Object.assign(answer, { model }), onUsage: ({ cost }) => Object.assign(answer, { cost }) }),
});

const { textStream } = streamText({ model: openrouter('openrouter/auto'), prompt: 'Why is the sky blue?' });
for await (const text of textStream) process.stdout.write(text);
console.log(`\n${answer.model} answered, for ${answer.cost} USD`);
await emulator?.close();
