import type { NextFunction, Request, Response, Router } from 'express';

import type { CreditLevel, Logger, Model, OpenRouterClient } from '../../index.js';

/**
 * An Express middleware that authorises a request. It calls `next()` if the user may spend your credits. Otherwise it sends
 * a response itself, or calls `next(error)`. It may be async; a rejection counts as `next(error)`, also after `next()`: the
 * request is not admitted, or, if it was already, ends.
 */
export type Guard = (req: Request, res: Response, next: NextFunction) => unknown;

/** One guard, or several that run in order. */
export type Guards = Guard | readonly Guards[];

/** The models and parameters that a browser may name. What a list does not have is answered with status 400. */
export interface Allow {
  /**
   * The models, in every place of a request that names one: ids, or patterns in which `*` stands for any characters but `:`
   * and `@`. So `openai/*` allows neither `openai/gpt-5:online` nor `openai/gpt-5@preset/x`, which may cost more. The auto
   * router is `openrouter/auto`. The default model of the client needs no entry.
   */
  models?: readonly string[] | null | undefined;
  /**
   * The names of the parameters. `messages`, `model`, `stream`, `zdr` and `dataCollection` need no entry. Without the entry
   * `preset`, a list of models, plugins or tools also refuses presets, which may contain any of them.
   */
  parameters?: readonly string[] | null | undefined;
}

/** The limits of a browser's chats. A request outside of them is answered with status 400. */
export interface Limits {
  /**
   * The largest `max_tokens` and `max_completion_tokens`. It is the value of a request that has neither, unless the client's
   * `modelOptions` have a lower one.
   */
  max_tokens?: number | null | undefined;
  /** The largest number of answers. */
  n?: number | null | undefined;
  /**
   * The highest prices in `provider.max_price`, in USD for a million tokens, or for one request or image. They are the values
   * of a request that has none, unless the client's `modelOptions` have lower ones.
   */
  max_price?: { audio?: number; completion?: number; image?: number; prompt?: number; request?: number } | null | undefined;
  /**
   * The ids of the plugins that a request may have; `[]` for none. Without `web`, `web_search_options` and the suffix
   * `:online` of a model are refused, too.
   */
  plugins?: readonly string[] | null | undefined;
  /**
   * The types of the tools that a request may have, such as `function` for tools of the application, or
   * `openrouter:web_search`; `[]` for none.
   */
  tools?: readonly string[] | null | undefined;
}

interface CommonOptions {
  /**
   * Decides who may use the router. It is required, because every user of the router spends your credits: without it
   * `openrouterRouter` throws. It runs before the router reads the body or sends a request.
   */
  auth: Guards;
  /** The models and parameters that a browser may name. Default: all. */
  allow?: Allow | null | undefined;
  /** The limits of a browser's chats. Default: none but those of the key. */
  limits?: Limits | null | undefined;
  /** The maximum size of a request body, in bytes. A larger body is answered with status 413. Default 10 MiB. */
  limit?: number | null | undefined;
  /**
   * How the deltas of a streamed chat are merged, as the client's option `coalesce` says. Default `true`: those that wait already,
   * because the browser or the network is slow, so that none is delayed.
   */
  coalesce?: boolean | number | null | undefined;
  /**
   * Receives a log line for each failed request (`warn` or `error`) and for each browser that closed its connection before
   * the end of the response (`debug`). Default: no logging.
   */
  logger?: Partial<Logger> | false | null | undefined;
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
        getClient: (req: Request) => OpenRouterClient | Promise<OpenRouterClient>;
      }
  );

/** The JSON body of the response to `GET /credits`. Amounts are in USD. */
export interface CreditsAnswer {
  /** The remaining amount; `null` if it is unknown, because the key has no limit. */
  balance: number | null;
  currency: 'USD';
  /** The amount spent so far; `null` if the API sent something that is no amount. */
  usage: number | null;
  /** The amount of credits bought, or the limit of the key; `null` for a key without a limit. */
  total: number | null;
  /** The colour in which to show the balance. */
  level: CreditLevel;
  /** Whether the balance is known and below 1 USD. */
  low: boolean;
}

/** The JSON body of the response to `GET /models`. */
export interface ModelsAnswer {
  /** The models, as OpenRouter lists them. */
  data: Model[];
}

/** The JSON body of an error response. The last event of a failed stream has an `error` of the same shape. */
export interface ErrorAnswer {
  error: {
    /** The HTTP status. In the middle of a stream, the status that the failure would have had as a response. */
    code: number;
    /** A sentence that a user can act on. It contains neither a key nor a prompt. */
    message: string;
    metadata: {
      /** An {@link import('../../index.js').ErrorCode}, or a code of this router, for example `method_not_allowed`. */
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
 * Creates an Express router through which a browser uses OpenRouter, while the API key stays on the server. Its routes:
 *
 * - `POST /chat/completions` accepts OpenRouter's parameters as JSON. It responds with JSON, or with the API's event stream
 *   if `stream` is true. When the browser closes the connection, the request to OpenRouter is closed. The fields `headers`,
 *   `timeouts`, `maxRetries`, `signal`, `onProgress` and `extraBody` of the body, and options of the client, are answered with a 400 that
 *   names the field. A stream that fails ends with an event that
 *   reports the error, and without `[DONE]`.
 * - `GET /credits` responds with {@link CreditsAnswer}, `GET /models` with {@link ModelsAnswer}. Both are served from the
 *   cache; `?force=true` requests them from the API.
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
