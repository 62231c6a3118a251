import type { NextFunction, Request, Response, Router } from 'express';

import type { CreditLevel, Logger, Model, OpenRouterClient } from '../../index.js';

/**
 * A middleware that calls `next()` for those only who may spend your credits, and answers all others itself or calls
 * `next(error)`. May be async.
 */
export type Guard = (req: Request, res: Response, next: NextFunction) => unknown;

/** One guard, or several that are asked in order. */
export type Guards = Guard | readonly Guards[];

interface CommonOptions {
  /**
   * Who may use the router. There is no default: without it the router refuses to start, since whoever reaches it
   * spends your credits. It runs before anything is read or asked.
   */
  auth: Guards;
  /** The largest body that is read, in bytes; more is answered 413. Default 10 MiB. */
  limit?: number | null | undefined;
  /** Told of each request that failed (`warn`, `error`) and of each browser that left (`debug`). Default none. */
  logger?: Partial<Logger> | false | null | undefined;
  /** The application's own Express, 4 or 5. Default: `require('express')`. */
  express?: { readonly Router: (...options: any[]) => any } | null | undefined;
}

/** What a router is made with: one client for everybody, or one for each user. */
export type OpenRouterRouterOptions = CommonOptions &
  (
    | { /** Serves everybody. */ client: OpenRouterClient; getClient?: undefined }
    | {
        client?: undefined;
        /**
         * The client of this request's user, for whom alone its credits and models are. Called after `auth`, and for a
         * chat when `req.body` is parsed. What it throws is answered: an `OpenRouterError` as the API's own errors are
         * (`missing_api_key` with 401), one with a `status` from 400 to 499 with that, all else with a 500 that
         * says nothing.
         */
        getClient: (req: Request) => OpenRouterClient | Promise<OpenRouterClient>;
      }
  );

/** The answer to `GET /credits`, in USD. */
export interface CreditsAnswer {
  /** `null` where nobody knows: a key without a limit. */
  balance: number | null;
  currency: 'USD';
  usage: number;
  total: number | null;
  /** The colour of the balance. */
  level: CreditLevel;
  /** Whether less than 1 USD is left. */
  low: boolean;
}

/** The answer to `GET /models`. */
export interface ModelsAnswer {
  data: Model[];
}

/** The answer to what failed, and the `error` of a stream's last event. */
export interface ErrorAnswer {
  error: {
    /** The HTTP status; in mid-stream the one that it would have been. */
    code: number;
    /** A sentence that a user can act on: neither a key nor a prompt is in it. */
    message: string;
    metadata: {
      /** {@link import('../../index.js').ErrorCode}, or what only this router says, as `method_not_allowed`. */
      code: string;
      error_type?: string;
      provider_name?: string;
      limit_source?: string;
      remedy_hint?: string;
      generation_id?: string;
    };
  };
}

/**
 * A router through which a browser talks to OpenRouter, while the key stays on the server:
 *
 * - `POST /chat/completions` takes OpenRouter's parameters as JSON and answers with JSON, or with the API's event stream
 *   where `stream` is true. When the browser leaves, the request to OpenRouter is closed. `headers`, `timeouts`,
 *   `maxRetries`, `signal` and `onProgress` in a body are dropped. A stream that fails says so in a last event, and
 *   has no `[DONE]`.
 * - `GET /credits` answers with {@link CreditsAnswer}, `GET /models` with {@link ModelsAnswer}; both from the cache, or with
 *   `?force=true` from the API.
 *
 * What fails is answered with {@link ErrorAnswer} and the API's own status, a 401 for the server's key included (its
 * `metadata.code` is `invalid_api_key`); a 408 becomes a 504, since browsers would send the request again, and the
 * network's failures become 502 and 504.
 *
 * Which models and how many tokens a user may ask for is yours to decide: put `express.json()` and your check before
 * the router, which takes `req.body` as it finds it.
 *
 * @example
 * app.use('/api/endpoints/openrouter', openrouterRouter({ client: new OpenRouterClient(), auth: requireJwtAuth }));
 * @throws {OpenRouterError} `invalid_option`
 */
export function openrouterRouter(options: OpenRouterRouterOptions): Router;
