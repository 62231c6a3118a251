// Browsers chat through a Hono server, at http://127.0.0.1:3000/api/openrouter, and never get the API key.
import { once } from 'node:events';

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { OpenRouterClient } from 'openrouter-native';
import { openrouterHandler } from 'openrouter-native/handler';

const { startEmulator } = process.env.OPENROUTER_API_KEY ? {} : await import('openrouter-native/emulator');
const emulator = await startEmulator?.();
const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();
const isOnce = emulator !== undefined || process.argv.includes('--once');

const handler = openrouterHandler({
  client,
  // Replace this with a check of the user's session: every request that passes spends your credits.
  auth: (request) => (request.headers.get('X-User') === 'me' ? { id: 'me' } : null),
  logger: console,
});
const app = new Hono().all('/api/openrouter/*', (context) => handler(context.req.raw));
const server = serve({ fetch: app.fetch, port: isOnce ? 0 : 3000, hostname: '127.0.0.1' });
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}/api/openrouter`;
console.log(`Listening on ${url}`);

if (isOnce) {
  const headers = { 'X-User': 'me', 'Content-Type': 'application/json' };
  const body = JSON.stringify({ model: 'openrouter/auto', messages: [{ role: 'user', content: 'Hi' }], stream: true });
  const answer = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body });
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) process.stdout.write(part);
  const { data } = await (await fetch(`${url}/providers`, { headers })).json();
  console.log(`Providers: ${data.length}`);
  server.close();
  server.closeAllConnections();
  await emulator?.close();
}
