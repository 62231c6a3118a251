// OpenAI's SDK with this package's `fetch`: `npm install openai`. Without OPENROUTER_API_KEY it uses the emulator.
import OpenAI from 'openai';
import { createFetch } from 'openrouter-native';
import { startEmulator } from 'openrouter-native/emulator';

const apiKey = process.env.OPENROUTER_API_KEY;
const emulator = apiKey ? null : await startEmulator();

let usage;
const openai = new OpenAI({
  apiKey: apiKey ?? emulator.apiKey,
  baseURL: emulator?.baseURL ?? 'https://openrouter.ai/api/v1',
  fetch: createFetch({
    zdr: true,
    onFallback: ({ from, to, reason }) => console.log(`${to} stands in for ${from}: ${reason}`),
    onUsage: (reported) => { usage = reported; },
  }),
});

const stream = await openai.chat.completions.create({
  model: 'openai/gpt-5-mini',
  messages: [{ role: 'user', content: 'Why is the sky blue?' }],
  stream: true,
});
for await (const { choices } of stream) process.stdout.write(choices?.[0]?.delta.content ?? '');
console.log(`\n${usage.total_tokens} tokens, ${usage.cost} USD`);
await emulator?.close();
