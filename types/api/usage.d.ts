/** What an answer cost: the fields that the usages of all endpoints have in common. */
export interface CostFacts {
  /** The amount that OpenRouter charged, in USD. */
  cost?: number | null;
  /** Whether a provider key of your own was used. */
  is_byok?: boolean;
  cost_details?: { upstream_inference_cost?: number | null; [field: string]: unknown } | null;
  [field: string]: unknown;
}
