// Uses the types of the handler. Each line below `@ts-expect-error` is a mistake that the compiler must report.
import { createServer } from 'node:http';

import { Hono } from 'hono';
import { OpenRouterClient } from 'openrouter-native';
import { nodeListener, openrouterHandler } from 'openrouter-native/handler';
import type { EndpointsAnswer, GenerationAnswer, OpenRouterHandler, OpenRouterHandlerOptions, ProvidersAnswer } from 'openrouter-native/handler';

const client = new OpenRouterClient('sk-or-v1-x');
const auth = async (request: Request): Promise<{ id: string } | null> => (request.headers.get('Cookie') ? { id: 'me' } : null);

const handler: OpenRouterHandler = openrouterHandler({ client, auth, basePath: '/api', limits: { n: 1 }, logger: console });
createServer(nodeListener(handler));
new Hono().all('/api/*', (context) => handler(context.req.raw));
export { handler as GET, handler as POST };
const options: OpenRouterHandlerOptions = { client, auth: () => true, limit: null };
openrouterHandler(options);
openrouterHandler({ auth, getClient: (request, { user, params }) => new OpenRouterClient(`${request.url}${user.id}${String(params?.['model'])}`) });
openrouterHandler({ client, auth, mayReadGeneration: async (request, { id, user }) => request.url.includes(id) && user.id === 'me' });

// @ts-expect-error auth is required
openrouterHandler({ client });
// @ts-expect-error auth is a function
openrouterHandler({ client, auth: true });
// @ts-expect-error client and getClient exclude each other
openrouterHandler({ auth, client, getClient: () => client });
// @ts-expect-error the rule returns true or false
openrouterHandler({ auth, client, mayReadGeneration: () => 'yes' });
// @ts-expect-error only a handler has a listener
nodeListener(client);

export function show(endpoints: EndpointsAnswer, providers: ProvidersAnswer, generation: GenerationAnswer): string {
  return `${endpoints.data.endpoints[0]?.provider_name} ${providers.data[0]?.name} ${generation.data.total_cost.toFixed(4)}`;
}
