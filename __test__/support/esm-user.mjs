import openrouter, { ChatCompletionStream, OpenRouterClient, OpenRouterError, clearCache, createFetch, creditLevel, explainPrivacy, getStats, modelInfo } from 'openrouter-native';

const client = new OpenRouterClient();
const stream = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true });
let text = '';
for await (const piece of stream.text()) text += piece;
const [model] = await client.getModels();
const refusal = await client.chatCompletion({ messages: [] }).catch((error) => error);
clearCache();

console.log(JSON.stringify({
  names: Object.keys(openrouter).sort(),
  isStream: stream instanceof ChatCompletionStream,
  hasText: text.length > 0,
  isSame: openrouter.OpenRouterClient === OpenRouterClient,
  level: creditLevel(6),
  context: modelInfo(model).contextLength,
  refusal: refusal instanceof OpenRouterError && refusal.code,
  active: getStats().activeStreams,
  fetch: typeof createFetch(),
}));
