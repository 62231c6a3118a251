import type {
  Attempt,
  AssistantMessage,
  FinishReason,
  HeadersInput,
  OpenRouterClientOptions,
  ProviderPreferences,
  ReasoningOptions,
  RequestParameters,
  Timeouts,
  Usage,
} from '../../index.js';

// The types that `index.d.ts` and `index.d.mts` share. LangChain has separate declarations for CommonJS and for ES modules,
// and TypeScript treats their classes as different, so each of the two files extends the class of its own declarations.

/** OpenRouter's request parameters. Those of a model apply to each of its calls; those of a call take precedence. */
export interface OpenRouterParameters {
  /** Up to 10 fallback models, tried in this order when a model fails before its first token. */
  models?: readonly string[] | undefined;
  /** How OpenRouter chooses the provider. The preferences of a call are merged over those of the model, key by key. */
  provider?: ProviderPreferences | undefined;
  /** OpenRouter's plugins, for example `[{ id: 'web' }]`. */
  plugins?: RequestParameters['plugins'] | undefined;
  /**
   * How much the model reasons. It is sent for every model, not only for the models that LangChain takes for reasoning
   * models.
   */
  reasoning?: ReasoningOptions | undefined;
  /** Parameters that these types do not know. Those of a call are sent beside those of the model, and take precedence. */
  extraBody?: RequestParameters['extraBody'] | undefined;
}

/** The options of `OpenRouterClient` that are fields of the model under the same name. */
type ClientFields = Pick<
  OpenRouterClientOptions,
  | 'siteUrl'
  | 'siteName'
  | 'siteCategories'
  | 'autoRouter'
  | 'zdr'
  | 'dataCollection'
  | 'modelsPerRequest'
  | 'routerMetadata'
  | 'allowInsecureHttp'
  | 'proxy'
  | 'ca'
  | 'timeouts'
  | 'keepWarm'
  | 'networkThreads'
  | 'maxEventBytes'
  | 'maxResponseBytes'
  | 'rateLimit'
  | 'coalesce'
  | 'maxCost'
  | 'budget'
  | 'reserve'
  | 'logger'
>;

/** An API key, or a function that returns it and is called before each request. */
type ApiKey = string | (() => Promise<string>);

/**
 * The fields of `ChatOpenAI` that are left out: this package has its own types for them, or, for `useResponsesApi`,
 * `completions` and `responses`, does not support them.
 */
type Replaced = 'apiKey' | 'openAIApiKey' | 'reasoning' | 'useResponsesApi' | 'completions' | 'responses' | 'timeout' | 'maxRetries';

/** The constructor's fields of a model. `Fields` are those of `ChatOpenAI`. */
export type FieldsOn<Fields> = Omit<Fields, Replaced> &
  OpenRouterParameters &
  ClientFields & {
    /** The OpenRouter API key. Default: env `OPENROUTER_API_KEY`. `OPENAI_API_KEY` is never read. */
    apiKey?: ApiKey | undefined;
    /** The OpenRouter API key under ChatOpenAI's older name. Used if `apiKey` is absent. */
    openAIApiKey?: ApiKey | undefined;
    /** The OpenRouter API key. Takes precedence over `apiKey`, `openAIApiKey` and `configuration.apiKey`. */
    openRouterApiKey?: ApiKey | undefined;
    /** The address of the API. Default: `configuration.baseURL`, else env `OPENROUTER_BASE_URL`, else OpenRouter itself. */
    baseURL?: string | undefined;
    /** Extra headers for each request. They are sent in addition to `configuration.defaultHeaders` and take precedence. */
    headers?: HeadersInput | undefined;
    /**
     * Time limit for the response headers, in milliseconds. `timeouts.headers` takes precedence; see there for the other
     * limits.
     */
    timeout?: number | undefined;
    /**
     * The maximum number of retries of a failed request, which the client performs. LangChain's own retries are turned off,
     * so that the two do not multiply. Default 2.
     */
    maxRetries?: number | undefined;
  };

/**
 * OpenRouter's options of a single call, in addition to those of `ChatOpenAI`. Zero data retention can be turned on by a
 * call, but not off.
 */
export interface OpenRouterCallOptions extends OpenRouterParameters {
  /** Whether the auto router (`openrouter/auto`) chooses the model of this call. */
  autoRouter?: boolean | undefined;
  /** Whether this call demands zero data retention. */
  zdr?: boolean | undefined;
  /** `'deny'` excludes providers that store prompts or train on them. It cannot loosen the setting of the model. */
  dataCollection?: 'deny' | 'allow' | undefined;
  /** Time limits of this call. */
  timeouts?: Timeouts | undefined;
  /** The maximum number of retries of this call. */
  maxRetries?: number | undefined;
}

/** The members that a model has in addition to those of `ChatOpenAI`: its fields, and one method. */
export interface OpenRouterMembers {
  models: readonly string[] | undefined;
  provider: ProviderPreferences | undefined;
  plugins: RequestParameters['plugins'] | undefined;
  extraBody: RequestParameters['extraBody'] | undefined;
  autoRouter: boolean | null | undefined;
  zdr: boolean | null | undefined;
  dataCollection: 'deny' | 'allow' | null | undefined;

  /**
   * Returns the id of the model that gave the last finished answer; `null` before the first one. The value is shared with
   * the models that `bindTools`, `withConfig` and `withStructuredOutput` derive from this one. If several calls run at the
   * same time, use the `response_metadata.model_name` of each message instead.
   */
  getActualModelUsed(): string | null;
}

/** The `response_metadata` of an answer. In a stream, the last chunk has it. */
export interface OpenRouterResponseMetadata {
  model_provider: 'openrouter';
  /** The id of the model that answered. */
  model_name: string;
  /** The id of the model that the caller named. */
  requested_model: string;
  /** Whether a router, such as `openrouter/auto`, chose the model. */
  auto_router_used: boolean;
  /** Whether a fallback model answered. */
  fallback_used: boolean;
  /** The known attempts, in order. Absent if there are none. */
  attempts?: Attempt[];
  /** The display name of the provider that answered. */
  provider?: string;
  /** Why the model stopped. */
  finish_reason?: FinishReason;
  /** The finish reason in the provider's own words. */
  native_finish_reason?: string;
  /** The id of the generation, for `client.getGeneration()`. */
  generation_id: string;
  system_fingerprint?: string;
  service_tier?: string;
  /** The tokens and the cost, as the API sent them. */
  usage?: Usage;
  /** The amount that OpenRouter charged, in USD. */
  cost?: number;
  /** `cost`, plus the provider's own charge if a provider key of your own was used, in USD. */
  total_cost?: number;
}

/**
 * The `additional_kwargs` of an answer: the fields of its message that LangChain has no place for, as the API sent them. In
 * a stream, `reasoning_content` arrives in pieces, and the other fields with the last chunk. If you keep the message and
 * send it back, the fields are sent back to the API unchanged.
 */
export interface OpenRouterAdditionalKwargs {
  /** The reasoning as text, whichever field the provider sends it in. */
  reasoning_content?: string;
  reasoning_details?: AssistantMessage['reasoning_details'];
  tool_calls?: AssistantMessage['tool_calls'];
  [field: string]: unknown;
}
