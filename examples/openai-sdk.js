'use strict';

// OpenAI's SDK with this package's `fetch`: `npm install openai`. Without OPENROUTER_API_KEY it uses the emulator.
const OpenAI = require('openai');
const { createFetch } = require('openrouter-native');

async function main() {
  const apiKey = process.env.OPENROUTER_API_KEY;
  const emulator = apiKey ? null : await require('../emulator').startEmulator();
  let usage;
  const fetch = createFetch({
    zdr: true,
    onFallback: ({ from, to, reason }) => console.log(`${to} stands in for ${from}: ${reason}`),
    onUsage: (reported) => { usage = reported; },
  });
  const openai = new OpenAI({
    apiKey: apiKey ?? 'sk-or-v1-example',
    baseURL: emulator?.baseURL ?? 'https://openrouter.ai/api/v1',
    fetch,
  });

  const stream = await openai.chat.completions.create({
    model: 'openai/gpt-5-mini',
    messages: [{ role: 'user', content: 'Why is the sky blue?' }],
    stream: true,
  });
  for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '');
  console.log(`\n${usage.total_tokens} tokens, ${usage.cost} USD`);
  await emulator?.close();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
