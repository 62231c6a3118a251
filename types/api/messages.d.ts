import type { Open } from '../open.js';
import type { ProviderPreferences } from '../routing.js';
import type { EventStream } from './event-stream.js';
import type { CostFacts } from './usage.js';

/** The parameters of a message in Anthropic's shape. */
export interface MessageParams {
  model?: string | null | undefined;
  /** Models to try after `model`; cannot be combined with `fallbacks`. */
  models?: readonly string[] | null | undefined;
  max_tokens: number;
  messages: ReadonlyArray<{ role: Open<'user' | 'assistant'>; content: string | readonly object[] }>;
  system?: string | readonly object[] | null | undefined;
  tools?: readonly object[] | null | undefined;
  tool_choice?: object | null | undefined;
  temperature?: number | null | undefined;
  top_p?: number | null | undefined;
  top_k?: number | null | undefined;
  stop_sequences?: readonly string[] | null | undefined;
  thinking?: object | null | undefined;
  metadata?: object | null | undefined;
  provider?: ProviderPreferences | null | undefined;
  stream?: boolean | null | undefined;
  [parameter: string]: unknown;
}

/** A block of a message: text, thinking, or a call of a tool. */
export interface MessageBlock {
  type: Open<'text' | 'thinking' | 'redacted_thinking' | 'tool_use'>;
  text?: string;
  thinking?: string;
  signature?: string;
  id?: string;
  name?: string;
  /** The input of a tool; text where it was cut off. */
  input?: unknown;
  [field: string]: unknown;
}

/** An answer in Anthropic's shape. */
export interface MessageAnswer {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: MessageBlock[];
  stop_reason: Open<'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'refusal'> | null;
  stop_sequence?: string | null;
  usage: CostFacts & { input_tokens: number; output_tokens: number };
  [field: string]: unknown;
}

/** An event of a streamed message, such as `content_block_delta`. */
export interface MessageStreamEvent {
  type: Open<
    | 'message_start' | 'message_delta' | 'message_stop' | 'ping'
    | 'content_block_start' | 'content_block_delta' | 'content_block_stop'
  >;
  index?: number;
  message?: MessageAnswer;
  content_block?: MessageBlock;
  delta?: { type?: Open<'text_delta' | 'thinking_delta' | 'signature_delta' | 'input_json_delta'>; text?: string; thinking?: string; partial_json?: string; stop_reason?: string | null; [field: string]: unknown };
  usage?: CostFacts & { output_tokens?: number };
  [field: string]: unknown;
}

/** A streamed message. */
export interface MessageStream extends EventStream<MessageStreamEvent, MessageAnswer> {
  /** Resolves to the whole message at the end. Without a reader the stream is read for it. */
  finalMessage(): Promise<MessageAnswer>;
}
