import type { NextFunction, Request, Response, Router } from 'express';

import type { OpenRouterClient } from '../../index.js';
import type { ServerOptions } from '../handler/types.js';

export type {
  Allow,
  CreditsAnswer,
  EndpointsAnswer,
  ErrorAnswer,
  GenerationAnswer,
  GenerationQuestion,
  Limits,
  ModelsAnswer,
  ProvidersAnswer,
  ServerOptions,
} from '../handler/types.js';

/**
 * An Express middleware that authorises a request. It calls `next()` if the user may spend your credits. Otherwise it sends
 * a response itself, or calls `next(error)`. It may be async; a rejection counts as `next(error)`, also after `next()`: the
 * request is not admitted, or, if it was already, ends.
 */
export type Guard = (req: Request, res: Response, next: NextFunction) => unknown;

/** One guard, or several that run in order. */
export type Guards = Guard | readonly Guards[];

interface CommonOptions extends ServerOptions<Request> {
  /**
   * Decides who may use the router. It is required, because every user of the router spends your credits: without it
   * `openrouterRouter` throws. It runs before the router reads the body or sends a request.
   */
  auth: Guards;
  /** The Express module of your application, version 4 or 5. Default: `require('express')`. */
  express?: { readonly Router: (...options: any[]) => any } | null | undefined;
}

/** The options of {@link openrouterRouter}. Either `client` or `getClient` is required. */
export type OpenRouterRouterOptions = CommonOptions &
  (
    | { /** One client for all users. */ client: OpenRouterClient; getClient?: undefined }
    | {
        client?: undefined;
        /**
         * Returns the client of the user who sent the request, so that each user has credits and models of their own. Called
         * after `auth`, and for a chat after `req.body` was parsed.
         *
         * If it throws or rejects, the error becomes the response: an `OpenRouterError` like an error of the API
         * (`missing_api_key` with status 401), an error whose `status` is from 400 to 499 with that status, and any other
         * error with status 500 and no details.
         */
        getClient: (req: Request, about: { user: unknown; params: Record<string, unknown> | undefined }) => OpenRouterClient | Promise<OpenRouterClient>;
      }
  );

/**
 * Creates an Express router through which a browser uses OpenRouter, while the API key stays on the server. Its routes:
 *
 * - `POST /chat/completions` accepts OpenRouter's parameters as JSON. It responds with JSON, or with the API's event stream
 *   if `stream` is true. When the browser closes the connection, the request to OpenRouter is closed. The fields `headers`,
 *   `timeouts`, `maxRetries`, `signal`, `onProgress` and `extraBody` of the body, and options of the client, are answered with a 400 that
 *   names the field. A stream that fails ends with an event that
 *   reports the error, and without `[DONE]`.
 * - `GET /credits` responds with {@link CreditsAnswer}, `GET /models` with {@link ModelsAnswer}, and
 *   `GET /models/endpoints?model=author/slug` with {@link EndpointsAnswer}. They are served from the cache; `force=true` in the
 *   query requests them from the API. `GET /models?zdr=true` has only the models that a provider serves with zero retention, and is
 *   not cached. `GET /providers` responds with {@link ProvidersAnswer}.
 * - `GET /generation?id=…` responds with {@link GenerationAnswer}, to the user to whom the answer was sent: `req.user.id`, which
 *   `auth` sets, or see `mayReadGeneration`. It waits until the API knows the cost.
 *
 * A failure is answered with {@link ErrorAnswer} and the status of the API. This includes a 401 for the key of the server,
 * whose `metadata.code` is `invalid_api_key`. A 408 becomes a 504, because browsers would repeat the request after a 408.
 * Failures of the network become 502 or 504.
 *
 * `allow` and `limits` fix what a user may ask for. For rules of your own, put `express.json()` and a check of `req.body` before
 * the router, which uses a `req.body` that is already parsed.
 *
 * @example
 * app.use('/api/endpoints/openrouter', openrouterRouter({ client: new OpenRouterClient(), auth: requireJwtAuth }));
 * @example
 * openrouterRouter({
 *   client,
 *   auth,
 *   allow: { models: ['openai/*', 'google/*:free'], parameters: ['temperature', 'max_tokens', 'tools'] },
 *   limits: { max_tokens: 4000, n: 1, max_price: { prompt: 2, completion: 10 }, plugins: [], tools: ['function'] },
 * });
 * @throws {OpenRouterError} `invalid_option` if an option is missing or wrong, or if Express is not installed
 */
export function openrouterRouter(options: OpenRouterRouterOptions): Router;
