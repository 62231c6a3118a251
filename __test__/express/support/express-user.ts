// Uses the types of the Express adapter. Each line below `@ts-expect-error` is a mistake that the compiler must report.
import express = require('express');
import type { RequestHandler } from 'express';

import { OpenRouterClient } from 'openrouter-native';
import { openrouterRouter } from 'openrouter-native/express';
import type { CreditsAnswer, ErrorAnswer, Limits, ModelsAnswer, OpenRouterRouterOptions } from 'openrouter-native/express';

const client = new OpenRouterClient('sk-or-v1-x');
const auth: RequestHandler = (_req, _res, next) => next();

const app = express();
app.use('/api/endpoints/openrouter', openrouterRouter({ client, auth }));
app.use(openrouterRouter({ client, auth: [auth, [async (_req, _res, next) => next()]], limit: 1024, logger: console, express }));
app.use(openrouterRouter({ auth, getClient: async (req) => new OpenRouterClient(req.get('X-Key') ?? null) }));
const options: OpenRouterRouterOptions = { client, auth, logger: false, limit: null };
openrouterRouter(options);
const limits: Limits = { max_tokens: 100, n: 1, max_price: { prompt: 1 }, plugins: [], tools: ['function'] };
openrouterRouter({ client, auth, allow: { models: ['openai/*'], parameters: null }, limits });
// @ts-expect-error a limit has the name of its parameter
openrouterRouter({ client, auth, limits: { maxTokens: 100 } });
// @ts-expect-error the models are a list
openrouterRouter({ client, auth, allow: { models: 'openai/*' } });

// @ts-expect-error auth is required
openrouterRouter({ client });
// @ts-expect-error auth cannot be switched off
openrouterRouter({ client, auth: false });
// @ts-expect-error client or getClient is required
openrouterRouter({ auth });
// @ts-expect-error client and getClient exclude each other
openrouterRouter({ auth, client, getClient: () => client });
// @ts-expect-error the limit is a number of bytes
openrouterRouter({ auth, client, limit: '10mb' });

export async function look(): Promise<string> {
  const credits = (await (await fetch('/credits')).json()) as CreditsAnswer | ErrorAnswer;
  const models = (await (await fetch('/models')).json()) as ModelsAnswer;
  if ('error' in credits) return `${credits.error.code.toFixed()} ${credits.error.metadata.code}`;
  // @ts-expect-error the balance may be null
  credits.balance.toFixed(2);
  return `${credits.level} ${credits.low ? 'low' : ''} ${models.data[0]?.id}`;
}
