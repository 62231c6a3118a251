import type { CreditLevel, Generation, Logger, Model, ModelEndpoints, OpenRouterClient, Provider } from '../../index.js';

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

/** What `mayReadGeneration` decides about. */
export interface GenerationQuestion<User = unknown> {
  /** The id of the generation that the browser asks for. */
  id: string;
  /** What `auth` found: the value that it returned, in Express `req.user`. */
  user: User;
}

/** The options that all servers have. `Req` is the request as the server has it, and `User` what `auth` found. */
export interface ServerOptions<Req, User = unknown> {
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
  /**
   * Decides who may see the facts of a generation by `GET /generation`: only `true`, or a promise of it, lets them through.
   *
   * Default: a user sees the generations of the last 10,000 answers of this server that were sent to the same user. A key shows
   * all of its generations to each user who has the id, so that without this rule users could look at each other's. A user needs
   * an `id` for it; and after a restart, or with several processes, a rule of your own has to know whose generation it is.
   */
  mayReadGeneration?: ((request: Req, question: GenerationQuestion<User>) => boolean | Promise<boolean>) | null | undefined;
}

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

/** The JSON body of the response to `GET /models/endpoints?model=…`. */
export interface EndpointsAnswer {
  /** The model, and who serves it. */
  data: ModelEndpoints;
}

/** The JSON body of the response to `GET /providers`. */
export interface ProvidersAnswer {
  /** The companies that serve models. */
  data: Provider[];
}

/**
 * The JSON body of the response to `GET /generation?id=…`: the model, the provider, the cost, the tokens and the times. What the
 * API tells about the account beside them is left out, such as the user, the session, the app and the workspace.
 */
export interface GenerationAnswer {
  data: Generation;
}

/** The JSON body of an error response. The last event of a failed stream has an `error` of the same shape. */
export interface ErrorAnswer {
  error: {
    /** The HTTP status. In the middle of a stream, the status that the failure would have had as a response. */
    code: number;
    /** A sentence that a user can act on. It contains neither a key nor a prompt. */
    message: string;
    metadata: {
      /** An {@link import('../../index.js').ErrorCode}, or a code of this server, for example `method_not_allowed`. */
      code: string;
      error_type?: string;
      provider_name?: string;
      limit_source?: string;
      remedy_hint?: string;
      generation_id?: string;
    };
  };
}
