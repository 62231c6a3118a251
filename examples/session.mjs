// A conversation as a session: each chat goes to the provider that has the prompt in its cache. Prints who answered, and which
// part of the prompt came from the cache. Without OPENROUTER_API_KEY it uses the emulator, which caches nothing.
import { OpenRouterClient } from 'openrouter-native';
import { startEmulator } from 'openrouter-native/emulator';

const emulator = process.env.OPENROUTER_API_KEY ? null : await startEmulator();
const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();

const session = `example-${process.pid}`;
const messages = [{ role: 'system', content: 'You are a beekeeper. Answer in one sentence.' }];
for (const content of ['Why do bees dance?', 'And why in the dark?', 'Do they ever sleep?']) {
  messages.push({ role: 'user', content });
  const completion = await client.chatCompletion({ model: 'anthropic/claude-sonnet-4.5', messages, session, max_tokens: 200 });
  messages.push(completion.choices[0].message);
  const { prompt_tokens: tokens, prompt_tokens_details: details } = completion.usage;
  console.log(`${completion.provider} answered; ${details?.cached_tokens ?? 0} of ${tokens} tokens came from its cache`);
}
await emulator?.close();
