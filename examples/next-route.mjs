// A route handler of Next.js: save it as app/api/openrouter/[...path]/route.js, without what follows the export. Browsers then
// chat at /api/openrouter/chat/completions, and never get the API key. Run by itself, it calls the handler as Next.js does.
import { OpenRouterClient } from 'openrouter-native';
import { startEmulator } from 'openrouter-native/emulator';
import { openrouterHandler } from 'openrouter-native/handler';

const emulator = process.env.OPENROUTER_API_KEY ? undefined : await startEmulator();
const client = emulator ? new OpenRouterClient('sk-or-v1-limit-example', { baseURL: emulator.baseURL }) : new OpenRouterClient();

const handler = openrouterHandler({
  client,
  // Replace this with a check of the user's session: every request that passes spends your credits.
  auth: (request) => (request.headers.get('X-User') === 'me' ? { id: 'me' } : null),
});
export { handler as GET, handler as POST };

const url = 'http://localhost/api/openrouter';
const headers = { 'X-User': 'me', 'Content-Type': 'application/json' };
const body = JSON.stringify({ model: 'openrouter/auto', messages: [{ role: 'user', content: 'Hi' }], stream: true });
const answer = await handler(new Request(`${url}/chat/completions`, { method: 'POST', headers, body }));
for await (const part of answer.body.pipeThrough(new TextDecoderStream())) process.stdout.write(part);
const { level } = await (await handler(new Request(`${url}/credits`, { headers }))).json();
console.log(`Credits: ${level}`);
await emulator?.close();
