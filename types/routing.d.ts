type SortBy = 'price' | 'throughput' | 'latency' | 'exacto';

/** A value for all requests, or values that shares of the requests must reach. */
type Percentiles = number | { p50?: number | null | undefined; p75?: number | null | undefined; p90?: number | null | undefined; p99?: number | null | undefined };

type Quantization = 'int4' | 'int8' | 'fp4' | 'mxfp4' | 'nvfp4' | 'fp6' | 'fp8' | 'mxfp8' | 'fp16' | 'bf16' | 'fp32' | 'unknown';

/**
 * How OpenRouter chooses the provider that serves a request, see
 * https://openrouter.ai/docs/guides/routing/provider-selection.
 */
export interface ProviderPreferences {
  /** Provider slugs in the order in which to try them. */
  order?: readonly string[] | null | undefined;
  /** The only providers that may serve the request, as slugs. An empty list is refused with `invalid_request`. */
  only?: readonly string[] | null | undefined;
  /** Providers that must not serve the request, as slugs. */
  ignore?: readonly string[] | null | undefined;
  /** Whether another provider serves the request if the first one fails. Default true. */
  allow_fallbacks?: boolean | null | undefined;
  /** Whether only providers serve the request that know all of its parameters. Default false: they are left out. */
  require_parameters?: boolean | null | undefined;
  /** `'deny'` excludes providers that store prompts or train on them. */
  data_collection?: 'allow' | 'deny' | null | undefined;
  /** Zero data retention. */
  zdr?: boolean | null | undefined;
  /** Whether only models answer whose texts may be used to train other models. */
  enforce_distillable_text?: boolean | null | undefined;
  quantizations?: readonly Quantization[] | null | undefined;
  /**
   * What the providers are sorted by, instead of balancing the load. With `partition: 'none'` the providers of all models of
   * the request are sorted together.
   */
  sort?: SortBy | { by?: SortBy | null | undefined; partition?: 'model' | 'none' | null | undefined } | null | undefined;
  /** The highest prices, in USD per million tokens, or per request or image. */
  max_price?: {
    prompt?: number | string | undefined;
    completion?: number | string | undefined;
    request?: number | string | undefined;
    image?: number | string | undefined;
    audio?: number | string | undefined;
  } | null | undefined;
  /** In tokens per second. Slower providers are tried last. */
  preferred_min_throughput?: Percentiles | null | undefined;
  /** In seconds. Slower providers are tried last. */
  preferred_max_latency?: Percentiles | null | undefined;
  /** Parameters for single providers, by slug. */
  options?: { readonly [provider: string]: object } | null | undefined;
}
