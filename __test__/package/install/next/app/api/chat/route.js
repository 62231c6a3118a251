import { OpenRouterClient } from 'openrouter-native';

export const dynamic = 'force-dynamic';

export async function GET() {
  const client = new OpenRouterClient('sk-or-v1-next', { baseURL: process.env.BASE_URL });
  const stream = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], emulator: { text: 'bundled' }, stream: true });
  return new Response(ReadableStream.from(stream.text()).pipeThrough(new TextEncoderStream()));
}
