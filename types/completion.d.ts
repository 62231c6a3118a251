import type { OpenRouterClient } from './client.js';
import type { ContentPart } from './messages.js';
import type { Open } from './open.js';
import type { ToolCall } from './tools.js';

/** A step of the model's reasoning. Send the steps back unchanged and in the same order in the next turn. */
export interface ReasoningDetail {
  type: Open<'reasoning.text' | 'reasoning.summary' | 'reasoning.encrypted' | 'reasoning.server_tool_call'>;
  text?: string | null;
  summary?: string | null;
  data?: string | null;
  signature?: string | null;
  id?: string | null;
  format?: string | null;
  index?: number;
  [field: string]: unknown;
}

/** A source that the answer cites (`url_citation`), or a file that was parsed for it (`file`). */
export interface Annotation {
  type: Open<'url_citation' | 'file'>;
  url_citation?: { url: string; title?: string; content?: string; start_index?: number; end_index?: number; [field: string]: unknown };
  file?: { hash?: string; name?: string; content?: ContentPart[]; [field: string]: unknown };
  [field: string]: unknown;
}

/** The message of the model. It can be sent back unchanged as history. */
export interface AssistantMessage {
  role: 'assistant';
  /**
   * The answer; `null` if there is none, for example because the model only calls tools. {@link ChatCompletion.text} is
   * always a string.
   */
  content: string | null;
  /** The text with which the model refused to answer. */
  refusal?: string | null;
  /** The reasoning as text. */
  reasoning?: string | null;
  /** The reasoning in steps. */
  reasoning_details?: ReasoningDetail[] | null;
  /** The tool calls that the model requests. Absent if it requests none. */
  tool_calls?: ToolCall[];
  /** The predecessor of `tool_calls`, which some providers still send. */
  function_call?: { name: string; arguments: string; [field: string]: unknown } | null;
  images?: Array<{ type: 'image_url'; image_url: { url: string }; [field: string]: unknown }> | null;
  /** A spoken answer: base64, and what is said. */
  audio?: { id: string; data?: string; transcript?: string; expires_at?: number; [field: string]: unknown } | null;
  annotations?: Annotation[] | null;
  [field: string]: unknown;
}

/** Why the model stopped. `length` means that the answer was cut off at a token limit. */
export type FinishReason = Open<'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | 'function_call'>;

/** A token of an answer, and how likely it was. */
export interface TokenLogprob {
  token: string;
  bytes?: number[] | null;
  /** The natural logarithm of the probability. */
  logprob: number;
  /** The likeliest tokens at this place. */
  top_logprobs?: Array<{ token: string; bytes?: number[] | null; logprob: number; [field: string]: unknown }> | null;
  [field: string]: unknown;
}

/** The probabilities of the tokens of an answer, which `logprobs: true` asks for. */
export interface Logprobs {
  content?: TokenLogprob[] | null;
  refusal?: TokenLogprob[] | null;
  [field: string]: unknown;
}

/** One answer of a completion. */
export interface Choice {
  /** The position in `choices`, from 0. */
  index: number;
  message: AssistantMessage;
  /** Why the model stopped; `null` if the answer has not ended. */
  finish_reason: FinishReason | null;
  /** The finish reason in the provider's own words. */
  native_finish_reason?: string | null;
  logprobs?: Logprobs | null;
  /** Tool calls that are incomplete, because the answer ended too early. Do not run them. */
  unfinished_tool_calls?: object[];
  /** Only the choices of chunks have a delta. This is a {@link message}. */
  delta?: undefined;
  [field: string]: unknown;
}

/** The tokens and the cost of a completion. */
export interface Usage {
  /** The tokens of the prompt. */
  prompt_tokens: number;
  /** The tokens of the answer. */
  completion_tokens: number;
  total_tokens: number;
  /**
   * The amount that OpenRouter charged, in USD. If a provider key of your own was used (`is_byok`), the provider's charge is
   * not included.
   */
  cost?: number | null;
  /** Whether the inference was paid with a provider key of your own ("bring your own key"). */
  is_byok?: boolean;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number; audio_tokens?: number; video_tokens?: number; [field: string]: unknown } | null;
  completion_tokens_details?: { reasoning_tokens?: number; audio_tokens?: number; image_tokens?: number; [field: string]: unknown } | null;
  cost_details?: {
    upstream_inference_cost?: number | null;
    upstream_inference_prompt_cost?: number | null;
    upstream_inference_completions_cost?: number | null;
    [field: string]: unknown;
  } | null;
  [field: string]: unknown;
}

/** One attempt to get an answer: a request to one model, or to one provider of it. */
export interface Attempt {
  /** The id of the model. */
  model?: string;
  /** The name of the provider. */
  provider?: string;
  /** The HTTP status of the attempt. */
  status?: number;
  /** Why the attempt failed; absent for the attempt that answered. */
  reason?: string;
}

/** How a completion came about: which model was requested, and which one answered. */
export interface CompletionMetadata {
  /** Whether a router, such as `openrouter/auto`, chose the model. */
  autoRouterUsed: boolean;
  /** The model that the caller named. */
  requestedModel: string;
  /** The model that was sent in the request. */
  effectiveModel: string;
  /** The model that answered; `null` if the API did not name it. */
  actualModelUsed: string | null;
  /** Whether a fallback model answered. */
  fallbackUsed: boolean;
  /** The known attempts, in order: failed requests of this client, then those that the API reports. May be empty. */
  attempts: Attempt[];
  /**
   * Only for streams: why the answer ended, judged by its content. It is `tool_calls` exactly when the message has complete
   * tool calls to run, although providers may send another finish reason.
   */
  stopKind?: FinishReason;
}

/** A completion. It has every field that the API sent. */
export interface ChatCompletion {
  /** The id of the completion, which is also the id of the generation, see {@link OpenRouterClient.getGeneration}. */
  id: string;
  object: 'chat.completion';
  /** When the completion was created, in seconds since 1970. */
  created: number;
  /** The id of the model that answered. */
  model: string;
  /** The display name of the provider that answered. */
  provider?: string;
  choices: Choice[];
  /**
   * The text of the first answer; `''` if there is none, for example because the model only calls tools. This package adds the
   * property. It is not enumerable, so that copies and JSON have only what the API sent.
   */
  readonly text: string;
  usage?: Usage | null;
  system_fingerprint?: string | null;
  service_tier?: string | null;
  openrouter_metadata?: Record<string, unknown> | null;
  /** How the answer came about. Present if a router chose the model, or if another model than the requested one answered. */
  _metadata?: CompletionMetadata;
  [field: string]: unknown;
}

/** The completion that a whole stream adds up to. */
export interface FinalCompletion extends ChatCompletion {
  /** How the answer came about. */
  _metadata: CompletionMetadata;
}

/** The completion that a stream has added up to so far. Fields that have not arrived yet are absent. */
export interface PartialCompletion {
  id?: string;
  object: 'chat.completion';
  created?: number;
  model?: string;
  provider?: string;
  choices: Choice[];
  usage?: Usage | null;
  /** In an error: how large the answer was, and how much of it is here, if it was cut. */
  _truncated?: { bytes: number; keptBytes: number };
  [field: string]: unknown;
}
