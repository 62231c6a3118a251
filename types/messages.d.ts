import type { ReasoningDetail } from './completion.js';
import type { Open } from './open.js';
import type { ToolCall } from './tools.js';

/** A part of a message's content: text, or a file of the kind that `type` names, in the field of that name. */
export interface ContentPart {
  type: Open<'text' | 'image_url' | 'input_audio' | 'video_url' | 'file'>;
  text?: string | undefined;
  image_url?: { url: string; detail?: Open<'auto' | 'low' | 'high' | 'original'> | undefined; [field: string]: unknown } | undefined;
  input_audio?: { data: string; format: string; [field: string]: unknown } | undefined;
  video_url?: { url: string; [field: string]: unknown } | undefined;
  file?: { filename?: string | undefined; file_data?: string | undefined; file_id?: string | undefined; [field: string]: unknown } | undefined;
  cache_control?: CacheControl | undefined;
  [field: string]: unknown;
}

/** Marks the end of a prefix of the prompt that the provider should cache (a breakpoint of its prompt cache). */
export interface CacheControl {
  type: Open<'ephemeral'>;
  /** How long the provider keeps the prefix: 5 minutes or 1 hour. */
  ttl?: Open<'5m' | '1h'> | undefined;
}

/** A message of the conversation. The messages of completions can be sent back unchanged as history. */
export interface ChatMessage {
  role: Open<'system' | 'developer' | 'user' | 'assistant' | 'tool'>;
  content?: string | readonly ContentPart[] | null | undefined;
  name?: string | null | undefined;
  /** In a message with the role `tool`: the id of the tool call that the message answers. */
  tool_call_id?: string | null | undefined;
  /** In an assistant message: the tool calls that the model requested. */
  tool_calls?: readonly ToolCall[] | null | undefined;
  /** In an assistant message: the reasoning of the model as text. */
  reasoning?: string | null | undefined;
  /** In an assistant message: the reasoning in steps. Send the steps back unchanged and in the same order. */
  reasoning_details?: readonly ReasoningDetail[] | null | undefined;
  [field: string]: unknown;
}
