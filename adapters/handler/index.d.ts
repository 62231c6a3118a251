import type { IncomingMessage, ServerResponse } from 'node:http';

import type { OpenRouterClient } from '../../index.js';
import type { ServerOptions } from './types.js';

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
} from './types.js';

/** The values of `auth` that are a user: the others refuse the request. */
export type Admitted<User> = Exclude<User, Response | null | undefined | false | '' | 0>;

interface CommonOptions<User> extends ServerOptions<Request, Admitted<User>> {
  /**
   * Decides who may use the handler. It is required, because every user of it spends your credits: without it
   * `openrouterHandler` throws. It runs before the body is read and before a request is sent.
   *
   * It returns the user: a text, a number or an object with an `id`; or `true`, for an anonymous user. A value that counts
   * as false is answered with status 401, and a `Response` is sent as it is. An error that it throws is answered like one of
   * `getClient`. If it needs the body, it must read that of `request.clone()`.
   */
  auth: (request: Request) => User | Promise<User>;
  /**
   * The path below which the handler is, for example `/api/openrouter`; other paths are answered with status 404. Default: it is
   * found out, because every path counts that ends like one of the handler's.
   */
  basePath?: string | null | undefined;
}

/** The options of {@link openrouterHandler}. Either `client` or `getClient` is required. */
export type OpenRouterHandlerOptions<User = unknown> = CommonOptions<User> &
  (
    | { /** One client for all users. */ client: OpenRouterClient; getClient?: undefined }
    | {
        client?: undefined;
        /**
         * Returns the client of the user who sent the request, so that each user has credits and models of their own. Called
         * after `auth` with the user that it returned, and for a chat with the parameters in the body.
         *
         * If it throws or rejects, the error becomes the response: an `OpenRouterError` like an error of the API
         * (`missing_api_key` with status 401), an error whose `status` is from 400 to 499 with that status, and any other
         * error with status 500 and no details.
         */
        getClient: (
          request: Request,
          about: { user: Admitted<User>; params: Record<string, unknown> | undefined },
        ) => OpenRouterClient | Promise<OpenRouterClient>;
      }
  );

/** What {@link openrouterHandler} returns. It never rejects. Further arguments, which some servers pass, are ignored. */
export type OpenRouterHandler = (request: Request, ...more: any[]) => Promise<Response>;

/**
 * Creates a function from a `Request` to a `Response` through which a browser uses OpenRouter, while the API key stays on the
 * server. Next.js takes it as a route handler, Hono, Bun and Deno call it, and {@link nodeListener} makes it one of `node:http`.
 * Its paths, below any base path:
 *
 * - `POST /chat/completions` accepts OpenRouter's parameters as JSON. It responds with JSON, or with the API's event stream
 *   if `stream` is true. When the browser leaves, which `request.signal` or the cancelled body of the response tells, the request
 *   to OpenRouter is closed. The fields `headers`, `timeouts`, `maxRetries`, `signal`, `onProgress` and `extraBody` of the body,
 *   and options of the client, are answered with a 400 that names the field. A stream that fails ends with an event that reports
 *   the error, and without `[DONE]`.
 * - `GET /credits` responds with {@link CreditsAnswer}, `GET /models` with {@link ModelsAnswer}, and
 *   `GET /models/endpoints?model=author/slug` with {@link EndpointsAnswer}. They are served from the cache; `force=true` in the
 *   query requests them from the API. `GET /models?zdr=true` has only the models that a provider serves with zero retention, and is
 *   not cached. `GET /providers` responds with {@link ProvidersAnswer}.
 * - `GET /generation?id=…` responds with {@link GenerationAnswer}, to the user to whom the answer was sent: see
 *   `mayReadGeneration`. It waits until the API knows the cost.
 *
 * A failure is answered with {@link ErrorAnswer} and the status of the API. A 408 becomes a 504, because browsers would repeat the
 * request after a 408. Failures of the network become 502 or 504. CORS is the matter of the server: the handler sets no header for
 * pages of other sites.
 *
 * @example
 * // app/api/openrouter/[...path]/route.ts of Next.js
 * const handler = openrouterHandler({ client: new OpenRouterClient(), auth: userOfTheSession });
 * export { handler as GET, handler as POST };
 * @example
 * app.all('/api/openrouter/*', (context) => handler(context.req.raw)); // Hono
 * @throws {OpenRouterError} `invalid_option` if an option is missing or wrong
 */
export function openrouterHandler<User>(options: OpenRouterHandlerOptions<User>): OpenRouterHandler;

/**
 * Returns a listener of `node:http` for a handler: `http.createServer(nodeListener(handler))`. It writes to the socket itself,
 * which takes less time for each chunk than the body of a `Response`.
 *
 * @throws {OpenRouterError} `invalid_option` for a function that {@link openrouterHandler} did not return
 */
export function nodeListener(handler: OpenRouterHandler): (request: IncomingMessage, response: ServerResponse) => void;
