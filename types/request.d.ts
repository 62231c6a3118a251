import type { Budget } from './budget.js';
import type { ResponseCacheOption } from './api/settings.js';
import type { SignalLike } from './calls.js';
import type { HeadersInput, Timeouts } from './client-options.js';
import type { CacheControl, ChatMessage, TextPart } from './messages.js';
import type { Plugin } from './plugins.js';
import type { ResponseFormat } from './response-format.js';
import type { ProviderPreferences } from './routing.js';
import type { SchemaOfJSON, Tool, ToolChoice } from './tools.js';

/** How much a model reasons before it answers, and whether the response contains the reasoning. */
export interface ReasoningOptions {
  effort?: 'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none' | null | undefined;
  summary?: 'auto' | 'concise' | 'detailed' | null | undefined;
  /** The maximum number of reasoning tokens. The API refuses it together with `effort`. */
  max_tokens?: number | null | undefined;
  /** Whether the response leaves the reasoning out. */
  exclude?: boolean | null | undefined;
  enabled?: boolean | null | undefined;
  /** Which earlier reasoning the model sees. */
  context?: 'auto' | 'all_turns' | 'current_turn' | null | undefined;
  mode?: 'standard' | 'pro' | null | undefined;
}

/** When OpenRouter stops calling its own tools for one answer. One condition of the list is enough. */
export type StopServerToolsWhen =
  | { type: 'step_count_is'; step_count: number }
  | { type: 'has_tool_call'; tool_name: string }
  | { type: 'finish_reason_is'; reason: string }
  | { type: 'max_tokens_used'; max_tokens: number }
  | { type: 'max_cost'; max_cost_in_dollars: number };

/**
 * The parameters of OpenRouter's chat completions API, see https://openrouter.ai/docs. Parameters that are not listed here
 * belong into `extraBody`.
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
  plugins?: readonly Plugin[] | null | undefined;
  /** The maximum number of tokens of the answer, including its reasoning. */
  max_completion_tokens?: number | null | undefined;
  /** The older name of `max_completion_tokens`. */
  max_tokens?: number | null | undefined;
  /** From 0 to 2. */
  temperature?: number | null | undefined;
  /** From 0 to 1. */
  top_p?: number | null | undefined;
  top_k?: number | null | undefined;
  top_a?: number | null | undefined;
  min_p?: number | null | undefined;
  /** From -2 to 2. */
  frequency_penalty?: number | null | undefined;
  /** From -2 to 2. */
  presence_penalty?: number | null | undefined;
  repetition_penalty?: number | null | undefined;
  seed?: number | null | undefined;
  /** Texts at which the answer ends, at most 4. */
  stop?: string | readonly string[] | null | undefined;
  /** The number of answers. */
  n?: number | null | undefined;
  logit_bias?: { readonly [token: string]: number } | null | undefined;
  logprobs?: boolean | null | undefined;
  /** From 0 to 20. Needs `logprobs`. */
  top_logprobs?: number | null | undefined;
  /** The tools that the model may call. */
  tools?: readonly Tool[] | null | undefined;
  /** Which tool the model calls. Default: `auto`. */
  tool_choice?: ToolChoice | null | undefined;
  parallel_tool_calls?: boolean | null | undefined;
  /** How often OpenRouter's own tools may be called for one answer. */
  max_tool_calls?: number | null | undefined;
  stop_server_tools_when?: readonly StopServerToolsWhen[] | null | undefined;
  /** The form that the answer must have. */
  response_format?: ResponseFormat | null | undefined;
  structured_outputs?: boolean | null | undefined;
  /** How much the model reasons. */
  reasoning?: ReasoningOptions | null | undefined;
  /** OpenAI's name for `reasoning.effort`. */
  reasoning_effort?: ReasoningOptions['effort'];
  /** The older form of `reasoning.exclude: false`. */
  include_reasoning?: boolean | null | undefined;
  verbosity?: 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null | undefined;
  /** The expected answer, which makes the real one faster where it is the same. */
  prediction?: { type: 'content'; content: string | readonly TextPart[] } | null | undefined;
  /** What the answer may consist of. */
  modalities?: ReadonlyArray<'text' | 'image' | 'audio'> | null | undefined;
  /** Settings of generated images, such as `aspect_ratio`. */
  image_config?: { readonly [setting: string]: unknown } | null | undefined;
  /** Settings of spoken answers. */
  audio?: { format: 'wav' | 'aac' | 'mp3' | 'flac' | 'opus' | 'pcm16'; voice: string | { id: string } } | null | undefined;
  web_search_options?: { search_context_size?: 'low' | 'medium' | 'high' | undefined; user_location?: object | null | undefined } | null | undefined;
  /** Up to 16 pairs of your own. */
  metadata?: { readonly [name: string]: string } | null | undefined;
  /** A stable id of your user. */
  user?: string | null | undefined;
  safety_identifier?: string | null | undefined;
  /** Groups the requests of a conversation, so that they go to the provider whose prompt cache is warm. */
  session_id?: string | null | undefined;
  /** Names for observability tools. */
  trace?: {
    trace_id?: string | undefined;
    trace_name?: string | undefined;
    span_name?: string | undefined;
    generation_name?: string | undefined;
    parent_span_id?: string | undefined;
    readonly [name: string]: unknown;
  } | null | undefined;
  /** Caches the prompt automatically, for the models of Anthropic. */
  cache_control?: CacheControl | null | undefined;
  prompt_cache_key?: string | null | undefined;
  prompt_cache_options?: { mode?: 'implicit' | 'explicit' | undefined; ttl?: string | null | undefined } | null | undefined;
  prompt_cache_retention?: 'in_memory' | '24h' | null | undefined;
  service_tier?: 'auto' | 'default' | 'fast' | 'flex' | 'priority' | 'scale' | 'ultrafast' | null | undefined;
  /** The slug of a preset, a request that is stored at OpenRouter. */
  preset?: string | null | undefined;
  /** Deprecated. The plugin `context-compression` replaces it. */
  transforms?: readonly string[] | null | undefined;
  /** Deprecated. `provider.sort` replaces it. */
  route?: 'fallback' | 'sort' | null | undefined;
  store?: boolean | null | undefined;
  moderation?: object | null | undefined;
  debug?: { echo_upstream_body?: boolean | undefined } | null | undefined;
  /** The usage is always sent: neither this nor `stream_options` is needed. */
  usage?: { include?: boolean | undefined } | null | undefined;
  stream_options?: { include_usage?: boolean | undefined; include_obfuscation?: boolean | undefined } | null | undefined;
  /** The predecessor of `tools`. */
  functions?: ReadonlyArray<{ name: string; description?: string | undefined; parameters?: SchemaOfJSON | undefined }> | null | undefined;
  /** The predecessor of `tool_choice`. */
  function_call?: 'none' | 'auto' | { name: string } | null | undefined;
  /** Whether the completion is streamed. Default false. */
  stream?: boolean | null | undefined;
  /**
   * Parameters that these types do not know, for example of a new feature. They are sent beside the others, which take
   * precedence; `provider` is merged field by field. Privacy settings apply to them, too. Options of this client are refused
   * here.
   */
  extraBody?: { readonly [parameter: string]: unknown } | null | undefined;
}

/**
 * The parameters of a chat: those of the API, and the parameters `autoRouter`, `zdr`, `dataCollection`, `signal`, `onProgress`,
 * `timeouts`, `maxRetries`, `coalesce`, `headers`, `responseCache`, `maxCost`, `budget`, `reserve` and `session`, which are for this client and are not sent in the body.
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
  /** How the deltas of this chat are merged. Default: the client's option. */
  coalesce?: boolean | number | null | undefined;
  /** The most that this chat may cost, in USD, see {@link Budget}. */
  maxCost?: number | null | undefined;
  /** The budgets that pay for this chat, beside those of the client. */
  budget?: Budget | readonly Budget[] | null | undefined;
  /** What budgets reserve if the price of a model is not known, in USD. Default: the client's option. */
  reserve?: number | null | undefined;
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
