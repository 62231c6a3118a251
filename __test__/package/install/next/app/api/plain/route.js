// Knows nothing of this package. Next.js replaces the global `fetch` by one that calls the one before.
export const dynamic = 'force-dynamic';

export async function GET() {
  const headers = { authorization: 'Bearer sk-or-v1-next' };
  const post = (path, body) => fetch(process.env.BASE_URL + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const chat = await post('/chat/completions', { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] });
  const image = await post('/images', { model: 'a/b', prompt: 'Hi' });
  return Response.json([chat.status, (await image.json()).error?.metadata?.error_type]);
}
