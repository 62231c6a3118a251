import type { Annotation, AssistantMessage, FinishReason, Logprobs, ReasoningDetail, Usage } from './completion.js';
import type { Open } from './open.js';

/** The part that one chunk adds to an answer. */
export interface Delta {
  role?: Open<'assistant'> | null;
  /** The next piece of the content. */
  content?: string | null;
  refusal?: string | null;
  /** The next piece of the reasoning. */
  reasoning?: string | null;
  reasoning_details?: ReasoningDetail[] | null;
  /** Pieces of tool calls: the first piece of a call has its id and name, the other pieces add to its arguments. */
  tool_calls?: Array<{
    index?: number;
    id?: string | null;
    type?: Open<'function'> | null;
    function?: { name?: string | null; arguments?: string | null; [field: string]: unknown };
    [field: string]: unknown;
  }> | null;
  images?: AssistantMessage['images'];
  audio?: Partial<NonNullable<AssistantMessage['audio']>> | null;
  annotations?: Annotation[] | null;
  [field: string]: unknown;
}

/** What a chunk adds to one answer. */
export interface ChunkChoice {
  /** Which answer, from 0. */
  index: number;
  delta: Delta;
  finish_reason?: FinishReason | null;
  native_finish_reason?: string | null;
  logprobs?: Logprobs | null;
  /** Only the choices of whole completions have a message. This is a {@link delta}. */
  message?: undefined;
  [field: string]: unknown;
}

/** One data event of a stream, with the fields that the API sent. */
export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  provider?: string;
  /** The choices that this chunk adds to. May be empty, `null` or absent in the chunk with the usage. */
  choices?: ChunkChoice[] | null;
  usage?: Usage | null;
  openrouter_metadata?: Record<string, unknown> | null;
  [field: string]: unknown;
}
