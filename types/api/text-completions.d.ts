import type { FinishReason } from '../completion.js';
import type { ProviderPreferences } from '../routing.js';
import type { EventStream } from './event-stream.js';
import type { CostFacts } from './usage.js';

/** The parameters of a legacy completion, which continues a text. */
export interface TextCompletionParams {
  model?: string | null | undefined;
  models?: readonly string[] | null | undefined;
  prompt: string | readonly string[];
  max_tokens?: number | null | undefined;
  temperature?: number | null | undefined;
  top_p?: number | null | undefined;
  stop?: string | readonly string[] | null | undefined;
  provider?: ProviderPreferences | null | undefined;
  stream?: boolean | null | undefined;
  [parameter: string]: unknown;
}

/** A legacy completion, or a chunk of one. */
export interface TextCompletion {
  id: string;
  object?: string;
  created?: number;
  model: string;
  provider?: string;
  choices: Array<{ index: number; text: string; finish_reason: FinishReason | null; [field: string]: unknown }>;
  usage?: CostFacts & { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  [field: string]: unknown;
}

/** A streamed legacy completion. */
export interface TextCompletionStream extends EventStream<TextCompletion, TextCompletion> {
  /** Resolves to the whole completion at the end. Without a reader the stream is read for it. */
  finalCompletion(): Promise<TextCompletion>;
}
