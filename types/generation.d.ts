import type { FinishReason } from './completion.js';

/** The facts and the cost of one generation (the work of a model for one completion). */
export interface Generation {
  id: string;
  /** The id of the model that answered. */
  model: string;
  /** The router that chose the model. */
  router?: string | null;
  provider_name?: string | null;
  /** The amount that was charged, in USD. */
  total_cost: number;
  usage?: number;
  upstream_inference_cost?: number | null;
  is_byok?: boolean;
  created_at?: string;
  streamed?: boolean | null;
  cancelled?: boolean | null;
  finish_reason?: FinishReason | null;
  native_finish_reason?: string | null;
  tokens_prompt?: number | null;
  tokens_completion?: number | null;
  native_tokens_prompt?: number | null;
  native_tokens_completion?: number | null;
  native_tokens_reasoning?: number | null;
  native_tokens_cached?: number | null;
  [field: string]: unknown;
}
