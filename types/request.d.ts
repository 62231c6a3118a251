import type { Budget } from './budget.js';
import type { ResponseCacheOption } from './api/settings.js';
import type { SignalLike } from './calls.js';
import type { CacheControl, ChatMessage } from './messages.js';
import type { Open } from './open.js';
import type { HeadersInput, Timeouts } from './client-options.js';
import type { ProviderPreferences } from './routing.js';
import type { Tool } from './tools.js';

/** How much a model reasons before it answers, and whether the response contains the reasoning. */
export interface ReasoningOptions {
  effort?: Open<'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none'> | null | undefined;
  summary?: Open<'auto' | 'concise' | 'detailed'> | null | undefined;
  /** The maximum number of reasoning tokens. */
  max_tokens?: number | null | undefined;
  /** Whether the response leaves the reasoning out. */
  exclude?: boolean | null | undefined;
  enabled?: boolean | null | undefined;
  [option: string]: unknown;
}

/**
 * The parameters of OpenRouter's chat completions API, see https://openrouter.ai/docs. Parameters that are not listed here
 * are sent unchanged.
 */
export interface RequestParameters {
  /**
   * The id of the model, for example `openai/gpt-5-mini`. It may be absent if the client's `modelOptions` name a model, if
   * `models` does, or if the auto router is on.
   */
  model?: string | null | undefined;
  /**
   * Up to 10 fallback models, tried in this order when a model fails before its first token. Duplicates and the model itself
   * are dropped. Models after the tenth are dropped too, and a warning is logged.
   */
  models?: readonly string[] | null | undefined;
  /** How OpenRouter chooses the provider. */
  provider?: ProviderPreferences | null | undefined;
  /** OpenRouter's plugins, for example `[{ id: 'web' }]`. */
  plugins?: ReadonlyArray<{ id: string; [option: string]: unknown }> | null | undefined;
  max_completion_tokens?: number | null | undefined;
  max_tokens?: number | null | undefined;
  temperature?: number | null | undefined;
  top_p?: number | null | undefined;
  top_k?: number | null | undefined;
  top_a?: number | null | undefined;
  min_p?: number | null | undefined;
  frequency_penalty?: number | null | undefined;
  presence_penalty?: number | null | undefined;
  repetition_penalty?: number | null | undefined;
  seed?: number | null | undefined;
  stop?: string | readonly string[] | null | undefined;
  logit_bias?: { [token: string]: number } | null | undefined;
  logprobs?: boolean | null | undefined;
  top_logprobs?: number | null | undefined;
  tools?: readonly Tool[] | null | undefined;
  tool_choice?: Open<'none' | 'auto' | 'required'> | object | null | undefined;
  parallel_tool_calls?: boolean | null | undefined;
  response_format?: { type: Open<'text' | 'json_object' | 'json_schema' | 'grammar' | 'python'>; [field: string]: unknown } | null | undefined;
  reasoning?: ReasoningOptions | null | undefined;
  /** OpenAI's name for `reasoning.effort`. */
  reasoning_effort?: ReasoningOptions['effort'];
  modalities?: ReadonlyArray<Open<'text' | 'image' | 'audio'>> | null | undefined;
  metadata?: { [name: string]: string } | null | undefined;
  user?: string | null | undefined;
  session_id?: string | null | undefined;
  cache_control?: CacheControl | null | undefined;
  service_tier?: Open<'auto' | 'default' | 'fast' | 'flex' | 'priority' | 'scale'> | null | undefined;
  /** Whether the completion is streamed. Default false. */
  stream?: boolean | null | undefined;
  [parameter: string]: unknown;
}

/**
 * The parameters of a chat: those of the API, and the parameters `autoRouter`, `zdr`, `dataCollection`, `signal`, `onProgress`,
 * `timeouts`, `maxRetries`, `headers`, `responseCache`, `maxCost`, `budget` and `session`, which are for this client and are not sent in the body.
 */
export interface ChatCompletionParams extends RequestParameters {
  /** The conversation. It must not be empty. */
  messages: readonly ChatMessage[];
  /**
   * Whether the auto router (`openrouter/auto`) chooses the model. `models` is then not sent. Default: the client's option.
   */
  autoRouter?: boolean | null | undefined;
  /**
   * Whether this request demands zero data retention. `false` does not turn it off if the client demands it. Default: the
   * client's option.
   */
  zdr?: boolean | null | undefined;
  /** `'deny'` excludes providers that store prompts or train on them. `'allow'` does not loosen the client's option. */
  dataCollection?: 'deny' | 'allow' | null | undefined;
  /** Aborts the request at any time, also in the middle of a stream. Pending promises reject with an `AbortError`. */
  signal?: AbortSignal | SignalLike | null | undefined;
  /** With `stream: true`: called with each piece of the content, in order. The stream then runs without being read. */
  onProgress?: ((text: string) => void) | null | undefined;
  /** Time limits of this request. A limit that is absent here is the client's. */
  timeouts?: Timeouts | null | undefined;
  /** The maximum number of retries of this request. Default: the client's option. */
  maxRetries?: number | null | undefined;
  /** The most that this chat may cost, in USD, see {@link Budget}. */
  maxCost?: number | null | undefined;
  /** The budgets that pay for this chat, beside those of the client. */
  budget?: Budget | readonly Budget[] | null | undefined;
  /**
   * The id of the conversation, 1 to 256 characters. It is sent as `session_id`, and the provider that answered the last chat
   * of the session is asked first, as long as its prompt cache is warm: for 5 minutes, or an hour if `cache_control.ttl` says
   * so. Your settings for providers stay in force; with `sort`, or where they exclude that provider, nothing is pinned.
   */
  session?: string | null | undefined;
  /** Extra headers of this request. They take precedence over the client's. */
  headers?: HeadersInput | null | undefined;
  /** OpenRouter's response cache. Default: the client's option. Refused together with `zdr` and `dataCollection: 'deny'`. */
  responseCache?: ResponseCacheOption | null | undefined;
}
