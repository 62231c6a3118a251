import type { Open } from '../open.js';
import type { Model } from '../models.js';

/** Which models `getModels` asks for. */
export interface ModelFilters {
  /** Words in the id or the name. */
  q?: string;
  category?: string;
  supported_parameters?: readonly string[];
  input_modalities?: ReadonlyArray<Open<'text' | 'image' | 'file' | 'audio' | 'video'>>;
  /** Default: models that write text. `'all'` asks for all. */
  output_modalities?: ReadonlyArray<Open<'text' | 'image' | 'audio' | 'video' | 'embeddings' | 'all'>>;
  sort?: Open<
    | 'most-popular' | 'newest' | 'top-weekly' | 'pricing-low-to-high' | 'pricing-high-to-low' | 'context-high-to-low'
    | 'throughput-high-to-low' | 'latency-low-to-high' | 'intelligence-high-to-low' | 'coding-high-to-low' | 'agentic-high-to-low'
  >;
  /** The least context length, in tokens. */
  context?: number;
  /** Prices of the prompt, in USD per million tokens. */
  min_price?: number;
  max_price?: number;
  /** Prices of the answer, in USD per million tokens. */
  min_output_price?: number;
  max_output_price?: number;
  model_authors?: readonly string[];
  /** Slugs of providers. */
  providers?: readonly string[];
  distillable?: boolean;
  /** Only models that a provider serves with zero data retention. */
  zdr?: boolean;
  region?: 'eu' | 'us';
  min_age_days?: number;
  max_age_days?: number;
  offset?: number;
  limit?: number;
  [filter: string]: string | number | boolean | ReadonlyArray<string | number | boolean> | null | undefined;
}

/** A provider's endpoint for a model, with its price and how it has served lately. */
export interface ModelEndpoint {
  name: string;
  provider_name: string;
  /** The slug of the provider, for `provider.order` and `provider.only`. */
  tag: string;
  context_length: number | null;
  max_completion_tokens?: number | null;
  max_prompt_tokens?: number | null;
  pricing: Model['pricing'];
  quantization?: string | null;
  supported_parameters?: readonly string[];
  /** 0 is good; below that the endpoint is degraded or down. */
  status?: number;
  /** In percent. */
  uptime_last_5m?: number | null;
  uptime_last_30m?: number | null;
  uptime_last_1d?: number | null;
  /** In milliseconds. `null` without a valid key. */
  latency_last_30m?: Percentiles | null;
  /** In tokens per second. `null` without a valid key. */
  throughput_last_30m?: Percentiles | null;
  supports_implicit_caching?: boolean;
  /** Whether the endpoint keeps no data, by `GET /endpoints/zdr`; `null` if that list cannot be read. Set by `getEndpoints`. */
  zdr?: boolean | null;
  [field: string]: unknown;
}

/** A figure by percentiles. */
export interface Percentiles {
  p50: number;
  p75: number;
  p90: number;
  p99: number;
  [percentile: string]: number;
}

/** A model with its endpoints. */
export interface ModelEndpoints {
  id: string;
  name: string;
  created?: number;
  description?: string;
  architecture?: Model['architecture'];
  endpoints: ModelEndpoint[];
  [field: string]: unknown;
}

/** A company that serves models. */
export interface Provider {
  name: string;
  slug: string;
  privacy_policy_url?: string | null;
  terms_of_service_url?: string | null;
  status_page_url?: string | null;
  headquarters?: string | null;
  datacenters?: string[] | null;
  [field: string]: unknown;
}

/** The key of this client, as `GET /key` describes it. */
export interface KeyInfo {
  label: string;
  /** The limit of the key in USD; `null` if it has none. */
  limit: number | null;
  /** What is left of the limit, in USD; `null` if there is no limit. It is not the balance of the account. */
  limit_remaining: number | null;
  limit_reset?: Open<'daily' | 'weekly' | 'monthly'> | null;
  usage: number;
  usage_daily?: number;
  usage_weekly?: number;
  usage_monthly?: number;
  is_free_tier?: boolean;
  is_management_key?: boolean;
  expires_at?: string | null;
  /** The budget that holds the key, where it has no limit of its own. */
  effective_budget?: { limit_usd?: number | null; remaining_usd?: number | null; spend_usd?: number | null; resets_at?: string | null; [field: string]: unknown } | null;
  [field: string]: unknown;
}

/** The activity of one day, model and endpoint. */
export interface Activity {
  date: string;
  model: string;
  requests?: number;
  usage?: number;
  [field: string]: unknown;
}

/** The input and output of a generation, where the account keeps them. */
export interface GenerationContent {
  input?: { [field: string]: unknown } | null;
  output?: { completion?: string | null; reasoning?: string | null; [field: string]: unknown } | null;
  [field: string]: unknown;
}

/** An image model with its endpoints. */
export interface ImageEndpoints {
  id: string;
  endpoints: Array<{
    provider_name: string;
    provider_slug: string;
    provider_tag: string | null;
    supports_streaming: boolean;
    pricing: Array<{ billable: string; unit: string; cost_usd: number; variant?: string }>;
    [field: string]: unknown;
  }>;
}

/** What was wrong with an answer. */
export interface FeedbackParams {
  generation_id: string;
  category: Open<'latency' | 'incoherence' | 'incorrect_response' | 'formatting' | 'billing' | 'api_error' | 'other'>;
  comment?: string | null | undefined;
}
