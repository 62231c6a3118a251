import type { OpenRouterClientOptions, Switches } from './client-options.js';
import type { OpenRouterClient } from './client.js';

/**
 * The options that LibreChat passes to a client beside {@link OpenRouterClientOptions}. {@link OpenRouterClient} takes them, so
 * that it can stand in for LibreChat's own client.
 */
export interface LibreChatOptions extends OpenRouterClientOptions {
  /** The API key under LibreChat's name for it. Takes precedence over the constructor's argument and over `apiKey`. */
  openRouterApiKey?: string | null | undefined;
  /**
   * LibreChat's endpoint options. Only the switches `autoRouter`, `zdr` and `dataCollection` are read from them, from their
   * `modelOptions` and `model_parameters`, and the latter two from `provider` and `providerPreferences` there.
   */
  endpointOption?: (Switches & { modelOptions?: Switches | null | undefined; [option: string]: unknown }) | null | undefined;
  /** LibreChat's HTTP request. It stays available in `client.options` and is never read or sent. */
  req?: unknown;
  /** LibreChat's HTTP response. It stays available in `client.options` and is never read or sent. */
  res?: unknown;
}
