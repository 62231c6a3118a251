import type { HeadersInput } from './client-options.js';

/** A request to explain. See {@link explainPrivacy}. */
export interface PrivacyRequest {
  /** The address, or a path below `baseURL`. Default: `/chat/completions`. */
  url?: string | URL | undefined;
  /** The method. Default: `POST`. */
  method?: string | undefined;
  /** The body. An object is sent as JSON. */
  body?: unknown;
  /** The headers. */
  headers?: HeadersInput | null | undefined;
  /** The option `zdr` of the client or of `createFetch`. */
  zdr?: boolean | null | undefined;
  /** The option `dataCollection` of the client or of `createFetch`. */
  dataCollection?: 'deny' | 'allow' | null | undefined;
  /** The base URL of the API. Default: as for a client. */
  baseURL?: string | null | undefined;
}

/** What would happen to a request under its privacy settings. */
export interface PrivacyExplanation {
  /** The method and the path below the base URL, for example `POST /chat/completions`. */
  endpoint: string;
  /** The settings in force: those given, and those in the body. */
  floors: { zdr: boolean; dataCollection: 'deny' | null };
  /** `merge`: it is sent with the settings in `provider`. `pass`: it is sent as it is. `refuse`: it is not sent. */
  action: 'merge' | 'pass' | 'refuse';
  /** Why, in a sentence. */
  reason: string;
  /** Parts of the request that the settings do not cover, such as `the plugin web`. */
  uncovered: string[];
  /** The body that would be sent, for `merge`. */
  body?: Record<string, unknown>;
}

/**
 * Says what would protect a request and what would not, without sending it. Clients and `createFetch` go by the same table.
 *
 * @throws {OpenRouterError} `invalid_option`
 */
export function explainPrivacy(request: PrivacyRequest): PrivacyExplanation;
