import type { Open } from './open.js';

/**
 * How OpenRouter chooses the provider that serves a request, see
 * https://openrouter.ai/docs/guides/routing/provider-selection. The API may refuse unknown keys.
 */
export interface ProviderPreferences {
  /** Provider slugs in the order in which to try them. */
  order?: readonly string[] | null | undefined;
  /** The only providers that may serve the request, as slugs. An empty list is refused with `invalid_request`. */
  only?: readonly string[] | null | undefined;
  /** Providers that must not serve the request, as slugs. */
  ignore?: readonly string[] | null | undefined;
  allow_fallbacks?: boolean | null | undefined;
  require_parameters?: boolean | null | undefined;
  data_collection?: Open<'allow' | 'deny'> | null | undefined;
  /** Zero data retention. */
  zdr?: boolean | null | undefined;
  enforce_distillable_text?: boolean | null | undefined;
  quantizations?: readonly string[] | null | undefined;
  sort?: Open<'price' | 'throughput' | 'latency' | 'exacto'> | object | null | undefined;
  /** The maximum price by unit (`prompt`, `completion` and so on), in USD per million tokens. */
  max_price?: { [unit: string]: string | number | undefined } | null | undefined;
  [preference: string]: unknown;
}
