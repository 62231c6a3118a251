'use strict';

// Browsers chat through this server, at http://127.0.0.1:3000/api/openrouter, and never get the API key.
const { once } = require('node:events');

const express = require('express');
const { OpenRouterClient } = require('openrouter-native');
const { openrouterRouter } = require('openrouter-native/express');

async function main() {
  const emulator = process.env.OPENROUTER_API_KEY ? null : await require('openrouter-native/emulator').startEmulator();
  const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();
  const isOnce = emulator !== null || process.argv.includes('--once');

  // Replace this with a check of the user's session: every request that passes spends your credits.
  const auth = (req, res, next) => (req.get('X-User') === 'me' ? next() : res.status(401).json({ error: { code: 401, message: 'Who are you?' } }));
  const app = express().use('/api/openrouter', openrouterRouter({ client, auth, logger: console }));
  const server = app.listen(isOnce ? 0 : 3000, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/api/openrouter`;
  console.log(`Listening on ${url}`);
  if (!isOnce) return;

  const headers = { 'X-User': 'me', 'Content-Type': 'application/json' };
  const body = JSON.stringify({ model: 'openrouter/auto', messages: [{ role: 'user', content: 'Hi' }], stream: true });
  const answer = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body });
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) process.stdout.write(part);
  console.log('Credits:', await (await fetch(`${url}/credits`, { headers })).json());
  server.close();
  server.closeAllConnections();
  await emulator?.close();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
