// A chat: prints the answer as it streams, then the model, the provider, the cost and the remaining credits. chat.js is the same
// program in CommonJS. Without OPENROUTER_API_KEY it uses the emulator.
import { OpenRouterClient, creditLevel } from 'openrouter-native';
import { startEmulator } from 'openrouter-native/emulator';

const emulator = process.env.OPENROUTER_API_KEY ? null : await startEmulator();
const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();
const dollars = (amount) => (amount === null ? 'unknown' : `$${amount.toFixed(6)}`);

const messages = [{ role: 'user', content: process.argv[2] ?? 'Why is the sky blue?' }];
const stream = await client.chatCompletion({ model: 'openrouter/auto', messages, stream: true });
for await (const text of stream.text()) process.stdout.write(text);

console.log(`\n\n${stream.model} of ${stream.provider}, chosen by ${stream.requestedModel}`);
console.log(`${stream.usage?.prompt_tokens} tokens in, ${stream.usage?.completion_tokens} out, for ${dollars(stream.cost)}`);

const { balance } = await client.getCredits();
console.log(`${dollars(balance)} left (${creditLevel(balance)})`);
await emulator?.close();
