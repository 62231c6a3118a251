import type { Open } from '../open.js';
import type { ProviderPreferences } from '../routing.js';
import type { EventStream } from './event-stream.js';
import type { CostFacts } from './usage.js';

/** The parameters of the Responses API. `previous_response_id` and `store: true` are refused by OpenRouter. */
export interface ResponseParams {
  /** The model; without one the account's default answers. */
  model?: string | null | undefined;
  /** Models to try after `model`, at most three. */
  models?: readonly string[] | null | undefined;
  /** The prompt, or the items of the conversation. */
  input: string | readonly ResponseInputItem[];
  instructions?: string | null | undefined;
  tools?: readonly ResponseTool[] | null | undefined;
  tool_choice?: Open<'none' | 'auto' | 'required'> | object | null | undefined;
  parallel_tool_calls?: boolean | null | undefined;
  max_output_tokens?: number | null | undefined;
  temperature?: number | null | undefined;
  top_p?: number | null | undefined;
  reasoning?: { effort?: Open<'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none'> | null; summary?: Open<'auto' | 'concise' | 'detailed'> | null; [field: string]: unknown } | null | undefined;
  text?: { format?: object; verbosity?: Open<'low' | 'medium' | 'high'> | null; [field: string]: unknown } | null | undefined;
  include?: readonly string[] | null | undefined;
  metadata?: { readonly [key: string]: string } | null | undefined;
  plugins?: readonly object[] | null | undefined;
  provider?: ProviderPreferences | null | undefined;
  session_id?: string | null | undefined;
  user?: string | null | undefined;
  service_tier?: Open<'auto' | 'default' | 'fast' | 'flex' | 'priority' | 'scale'> | null | undefined;
  stream?: boolean | null | undefined;
  [parameter: string]: unknown;
}

/** An item of a conversation. The items of an answer's `output` can be sent back unchanged. */
export interface ResponseInputItem {
  type?: Open<'message' | 'function_call' | 'function_call_output' | 'reasoning'>;
  role?: Open<'user' | 'assistant' | 'system' | 'developer'>;
  content?: string | readonly object[];
  [field: string]: unknown;
}

/** A function that the model may call, or a tool of OpenRouter. */
export interface ResponseTool {
  type: Open<'function'>;
  name?: string;
  description?: string | null;
  parameters?: object | null;
  strict?: boolean | null;
  [field: string]: unknown;
}

/** An item of an answer: a message, a call of a function, a reasoning step. */
export interface ResponseOutputItem {
  type: Open<'message' | 'function_call' | 'reasoning'>;
  id?: string;
  role?: string;
  status?: string;
  content?: Array<{ type: Open<'output_text' | 'refusal' | 'reasoning_text'>; text?: string; annotations?: unknown[]; [field: string]: unknown }>;
  call_id?: string;
  name?: string;
  arguments?: string;
  summary?: unknown[];
  [field: string]: unknown;
}

/** An answer of the Responses API. */
export interface ResponseAnswer {
  id: string;
  object: 'response';
  created_at: number;
  /** The model that answered. */
  model: string;
  status: Open<'completed' | 'incomplete' | 'in_progress'>;
  incomplete_details?: { reason?: string } | null;
  output: ResponseOutputItem[];
  /** All text of the answer. The property is not enumerable. */
  readonly output_text: string;
  usage?: (CostFacts & { input_tokens: number; output_tokens: number; total_tokens: number }) | null;
  [field: string]: unknown;
}

/** An event of a stream of the Responses API, such as `response.output_text.delta`. */
export interface ResponseEvent {
  type: Open<
    | 'response.created' | 'response.in_progress' | 'response.completed' | 'response.incomplete'
    | 'response.output_item.added' | 'response.output_item.done'
    | 'response.content_part.added' | 'response.content_part.done'
    | 'response.output_text.delta' | 'response.output_text.done'
    | 'response.reasoning_text.delta' | 'response.reasoning_summary_text.delta'
    | 'response.function_call_arguments.delta' | 'response.function_call_arguments.done'
  >;
  sequence_number?: number;
  output_index?: number;
  content_index?: number;
  item_id?: string;
  item?: ResponseOutputItem;
  delta?: string;
  response?: ResponseAnswer;
  [field: string]: unknown;
}

/** A streamed answer of the Responses API. */
export interface ResponseStream extends EventStream<ResponseEvent, ResponseAnswer> {
  /** Resolves to the whole answer at the end. Without a reader the stream is read for it. */
  finalResponse(): Promise<ResponseAnswer>;
}
