'use strict';

// Browsers chat through this server, at http://127.0.0.1:3000/api/openrouter, and never get the API key. It needs no framework.
const { once } = require('node:events');
const http = require('node:http');

const { OpenRouterClient } = require('openrouter-native');
const { nodeListener, openrouterHandler } = require('openrouter-native/handler');

async function main() {
  const emulator = process.env.OPENROUTER_API_KEY ? null : await require('openrouter-native/emulator').startEmulator();
  const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();
  const isOnce = emulator !== null || process.argv.includes('--once');

  // Replace this with a check of the user's session: every request that passes spends your credits.
  const auth = (request) => (request.headers.get('X-User') === 'me' ? { id: 'me' } : null);
  const handler = openrouterHandler({ client, auth, basePath: '/api/openrouter', logger: console });
  const server = http.createServer(nodeListener(handler)).listen(isOnce ? 0 : 3000, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/api/openrouter`;
  console.log(`Listening on ${url}`);
  if (!isOnce) return;

  const headers = { 'X-User': 'me', 'Content-Type': 'application/json' };
  const body = JSON.stringify({ model: 'openrouter/auto', messages: [{ role: 'user', content: 'Hi' }], stream: true });
  const answer = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body });
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) process.stdout.write(part);
  const { data } = await (await fetch(`${url}/generation?id=${answer.headers.get('X-Generation-Id')}`, { headers })).json();
  console.log(`${data.model} by ${data.provider_name} answered, for ${data.total_cost} USD`);
  server.close();
  server.closeAllConnections();
  await emulator?.close();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
