import type {
  Attempt,
  ChatMessage,
  FinishReason,
  HeadersInput,
  OpenRouterClientOptions,
  ProviderPreferences,
  ReasoningOptions,
  RequestParameters,
  Timeouts,
  Usage,
} from '../../index.js';

// What does not depend on which of LangChain's two sets of declarations (CommonJS or ES modules) the user has: their
// classes are not the same to TypeScript, so `index.d.ts` and `index.d.mts` each put this upon their own.

/** Request parameters of OpenRouter; a model's own hold for each of its calls. */
export interface OpenRouterParameters {
  /** Up to 10 fallbacks, tried in order when a model fails before its first token. */
  models?: readonly string[] | undefined;
  /** How providers are chosen. A call's preferences are added to the model's. */
  provider?: ProviderPreferences | undefined;
  /** OpenRouter's plugins, as `{ id: 'web' }`. */
  plugins?: RequestParameters['plugins'] | undefined;
  /** How much is thought, for every model that can. */
  reasoning?: ReasoningOptions | undefined;
}

/** Options of the client that a model takes as they are. */
type ClientFields = Pick<
  OpenRouterClientOptions,
  | 'siteUrl'
  | 'siteName'
  | 'autoRouter'
  | 'zdr'
  | 'dataCollection'
  | 'modelsPerRequest'
  | 'routerMetadata'
  | 'allowInsecureHttp'
  | 'proxy'
  | 'ca'
  | 'timeouts'
  | 'maxEventBytes'
  | 'maxResponseBytes'
  | 'rateLimit'
  | 'logger'
>;

/** What a key may be: text, or a function that is asked before each request. */
type ApiKey = string | (() => Promise<string>);

/** Fields that `ChatOpenAI` has too, but not for this. */
type Replaced = 'apiKey' | 'openAIApiKey' | 'reasoning' | 'useResponsesApi' | 'completions' | 'responses' | 'timeout' | 'maxRetries';

/** The fields of a model, on those of `ChatOpenAI`. */
export type FieldsOn<Fields> = Omit<Fields, Replaced> &
  OpenRouterParameters &
  ClientFields & {
    /** Default: env `OPENROUTER_API_KEY`. `OPENAI_API_KEY` is never read. */
    apiKey?: ApiKey | undefined;
    /** The same. */
    openAIApiKey?: ApiKey | undefined;
    /** The same; wins over the others. */
    openRouterApiKey?: ApiKey | undefined;
    /** Default: `configuration.baseURL`, env `OPENROUTER_BASE_URL`, else OpenRouter itself. */
    baseURL?: string | undefined;
    /** Extra headers for each request, beside `configuration.defaultHeaders`. */
    headers?: HeadersInput | undefined;
    /** How long headers may take, in milliseconds; the other limits are in `timeouts`. */
    timeout?: number | undefined;
    /** How often the client tries a failed request again. LangChain itself does not: attempts never multiply. */
    maxRetries?: number | undefined;
  };

/** What a call may say beside what `ChatOpenAI` takes. It may tighten what the model has, never loosen it. */
export interface OpenRouterCallOptions extends OpenRouterParameters {
  /** Lets `openrouter/auto` choose the model of this call. */
  autoRouter?: boolean | undefined;
  /** Zero data retention for this call. */
  zdr?: boolean | undefined;
  timeouts?: Timeouts | undefined;
  maxRetries?: number | undefined;
}

/** What a model has beside the members of `ChatOpenAI`. */
export interface OpenRouterMembers {
  models: readonly string[] | undefined;
  provider: ProviderPreferences | undefined;
  plugins: RequestParameters['plugins'] | undefined;
  autoRouter: boolean | null | undefined;
  zdr: boolean | null | undefined;
  dataCollection: 'deny' | 'allow' | null | undefined;

  /**
   * The model of the answer that ended last, over this model and all that `bindTools`, `withConfig` and
   * `withStructuredOutput` made of it; `null` before the first. With several answers at once, ask each one itself:
   * `message.response_metadata.model_name`.
   */
  getActualModelUsed(): string | null;
}

/** `response_metadata` of an answer: of its last chunk, when it is streamed. */
export interface OpenRouterResponseMetadata {
  model_provider: 'openrouter';
  /** The model that answered. */
  model_name: string;
  /** The model that was asked for. */
  requested_model: string;
  auto_router_used: boolean;
  fallback_used: boolean;
  /** Every try, where the API told of more than one. */
  attempts?: Attempt[];
  /** The provider's display name. */
  provider?: string;
  finish_reason?: FinishReason;
  native_finish_reason?: string;
  /** For `client.getGeneration()`. */
  generation_id: string;
  system_fingerprint?: string;
  service_tier?: string;
  usage?: Usage;
  /** What was charged, in USD. */
  cost?: number;
  /** `cost`, and with an own provider key what the provider charges on top. */
  total_cost?: number;
}

/**
 * `additional_kwargs` of an answer: all of its message that LangChain has no place for, as the API sent it. In a
 * stream `reasoning_content` comes in deltas and the rest with the last chunk. Kept with the message, it goes back to
 * the API unchanged.
 */
export interface OpenRouterAdditionalKwargs {
  /** What was thought, whatever the provider calls it. */
  reasoning_content?: string;
  reasoning_details?: ChatMessage['reasoning_details'];
  tool_calls?: ChatMessage['tool_calls'];
  [field: string]: unknown;
}
