'use strict';

const PRIVACY_PAGE = 'https://openrouter.ai/settings/privacy';
const CREDITS_PAGE = 'https://openrouter.ai/settings/credits';
const FIFTEEN_HOURS_MS = 15 * 60 * 60 * 1000;

/** An error response. A handler throws it, and `respond.js` sends it in OpenRouter's JSON envelope. */
class ApiError extends Error {
  /**
   * @param {number} status HTTP status, also `error.code` of the body
   * @param {string} message
   * @param {{ metadata?: object|null, headers?: object, raw?: string, contentType?: string, code?: number|string }} [more]
   *   `raw` replaces the JSON envelope, for bodies as a gateway sends them
   */
  constructor(status, message, { metadata, headers = {}, raw, contentType, code = status } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.metadata = metadata;
    this.headers = headers;
    this.raw = raw;
    this.contentType = contentType;
    this.routerMetadata = undefined;
  }

  /** The `error` object of the envelope. A stream event and a 200 carry the same object. */
  get detail() {
    const detail = { code: this.code, message: this.message };
    if (this.metadata !== undefined) detail.metadata = this.metadata;
    return detail;
  }

  get body() {
    if (this.raw !== undefined) return this.raw;
    const envelope = { error: this.detail, user_id: 'user_emulator' };
    if (this.routerMetadata) envelope.openrouter_metadata = this.routerMetadata;
    return JSON.stringify(envelope);
  }
}

const plain = (message, metadata, headers) => () => ({ message, metadata, headers });
const typed = (message, type) => plain(message, { error_type: type });

function retryAfter({ retryAfter: seconds = '1' }) {
  return { 'Retry-After': String(seconds) };
}

function upstream(reason, more) {
  return ({ provider }) => ({
    message: 'Provider returned error',
    metadata: { provider_name: provider, is_byok: false, ...reason(provider), ...more },
  });
}

function rateLimit(name, limit, resetMs, { inSeconds = false, asHeaders = false, source }) {
  return (context) => {
    const resetAt = Date.now() + (context.reset ?? resetMs);
    const values = {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': String(inSeconds ? Math.ceil(resetAt / 1000) : resetAt),
    };
    return {
      message: `Rate limit exceeded: ${name}.`,
      metadata: { error_type: 'rate_limit_exceeded', limit_source: source, headers: values },
      headers: asHeaders ? values : {},
    };
  };
}

/** The kinds of error of each status. The first kind of a status is its default. */
const KINDS = {
  400: {
    'invalid-request': typed('Input validation failed: temperature must be at most 2', 'invalid_request'),
    context: typed("This endpoint's maximum context length is 8192 tokens. However, you requested about 20480 tokens.", 'context_length_exceeded'),
    'max-tokens': typed('max_tokens must be at least 16', 'max_tokens_exceeded'),
    upstream: upstream(() => ({ raw: '{"error":{"message":"tools.0.name: String should match pattern","type":"invalid_request_error"}}', provider_error_code: 400 })),
  },
  401: {
    'unknown-key': plain('User not found.'),
    'no-key': plain('No auth credentials found'),
    disabled: plain('This API key is disabled', { error_type: 'authentication' }),
  },
  402: {
    credits: plain(`Insufficient credits. Add more using ${CREDITS_PAGE}`, {
      error_type: 'payment_required', limit_source: 'openrouter_credits', remedy_hint: 'Add credits to the account.',
    }),
    weight: plain(
      'This request requires more credits, or fewer max_tokens. You requested up to 225702 tokens, but can only afford 92985. ' +
        `To increase, visit ${CREDITS_PAGE} and add more credits`,
      { error_type: 'payment_required', limit_source: 'openrouter_credits', reason: 'weight_exceeds_budget', remedy_hint: 'Lower max_tokens or add credits.' },
    ),
    'in-flight': (context) => ({
      message: 'The requests that are running use up the budget of this account. Try again when one of them has finished.',
      metadata: { error_type: 'payment_required', limit_source: 'openrouter_in_flight_budget', reason: 'in_flight_budget_exhausted' },
      headers: retryAfter(context),
    }),
    'key-limit': plain('Key limit exceeded. Manage it using https://openrouter.ai/settings/keys', {
      error_type: 'payment_required', limit_source: 'openrouter_key_limit', remedy_hint: "Raise the key's limit.",
    }),
  },
  403: {
    permission: typed('You do not have permission to use this model', 'permission_denied'),
    moderation: ({ model, prompt }) => ({
      message: `${model} requires moderation on OpenAI. Your input was flagged for "violence".`,
      metadata: { reasons: ['violence'], flagged_input: shorten(prompt, 100), provider_name: 'OpenAI', model_slug: model },
    }),
    guardrail: plain('Request blocked by a guardrail', { error_type: 'permission_denied', patterns: ['credit_card_number'] }),
    'key-limit': plain('Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys'),
    'content-policy': typed('The request was blocked by the content policy', 'content_policy_violation'),
  },
  404: {
    'no-endpoints': ({ model }) => ({ message: `No endpoints found for ${model}.`, metadata: { error_type: 'not_found' } }),
    'data-policy': plain(`No endpoints found matching your data policy (Zero data retention). Configure: ${PRIVACY_PAGE}`),
    tools: plain('No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/guides/routing/provider-selection'),
    providers: plain('No allowed providers are available for the selected model.', { available_providers: ['azure', 'openai'], requested_providers: ['groq'] }),
  },
  408: { timeout: plain('Request timed out') },
  412: { precondition: typed('Precondition failed', 'precondition_failed') },
  413: { 'too-large': typed('Request body is too large', 'payload_too_large') },
  422: { unprocessable: typed('The request cannot be processed', 'unprocessable') },
  429: {
    'retry-after': (context) => ({ message: 'Rate limit exceeded', metadata: { error_type: 'rate_limit_exceeded' }, headers: retryAfter(context) }),
    body: rateLimit('free-models-per-min', 20, 1000, { source: 'openrouter_free_tier_minute' }),
    seconds: rateLimit('free-models-per-min', 20, 1000, { source: 'openrouter_free_tier_minute', inSeconds: true }),
    headers: rateLimit('free-models-per-min', 20, 1000, { source: 'openrouter_free_tier_minute', asHeaders: true }),
    daily: rateLimit('free-models-per-day. Add 10 credits to unlock 1000 free model requests per day', 50, FIFTEEN_HOURS_MS, { source: 'openrouter_free_tier_daily' }),
    date: (context) => ({
      message: 'Rate limit exceeded',
      headers: { 'Retry-After': new Date(Date.now() + (context.reset ?? 1000)).toUTCString() },
    }),
    upstream: upstream(() => ({ raw: 'The model is temporarily rate-limited upstream. Please retry shortly.' }), {
      limit_source: 'upstream_provider_shared_pool', remedy_hint: 'Retry shortly, or add your own provider key.',
    }),
    bare: plain('Rate limit exceeded'),
  },
  500: { internal: plain('Internal Server Error') },
  502: {
    provider: upstream(() => ({ error_type: 'provider_unavailable', raw: 'upstream connect error or disconnect before headers', provider_error_code: 503 })),
    'raw-json': upstream(() => ({ raw: '{"error":{"type":"overloaded_error","message":"Overloaded"}}' })),
    'raw-object': upstream(() => ({ raw: { error: { type: 'overloaded_error', message: 'Overloaded' } } })),
    'raw-html': upstream(() => ({ raw: '<html><head><title>502 Bad Gateway</title></head></html>' })),
    previous: upstream((provider) => ({
      raw: 'Second provider failed as well',
      previous_errors: [{ code: 429, message: 'Too many requests', provider_name: provider }],
    })),
  },
  503: {
    unavailable: (context) => ({
      message: 'There is no available model provider that meets your routing requirements',
      metadata: { error_type: 'provider_overloaded' },
      headers: context.retryAfter === undefined ? {} : retryAfter(context),
    }),
  },
  504: { timeout: typed('The provider did not answer in time', 'timeout') },
  524: { timeout: plain('A timeout occurred') },
  529: { overloaded: plain('The provider is overloaded', { error_type: 'provider_overloaded' }) },
};

/** The kinds that every status has: bodies as gateways send them, and malformed or unusual envelopes. */
const RAW_KINDS = {
  html: ({ status }) => ({
    raw:
      `<!DOCTYPE html>\n<html><head><title>openrouter.ai | ${status}: Bad gateway</title></head>` +
      `<body><h1>Error ${status}</h1><p>Ray ID: 8f0000000000emul</p></body></html>\n`,
    contentType: 'text/html; charset=UTF-8',
  }),
  empty: () => ({ raw: '' }),
  truncated: ({ status }) => ({ raw: `{"error":{"code":${status},"message":"Provider ret` }),
  text: ({ status }) => ({ raw: `upstream error ${status}`, contentType: 'text/plain' }),
  'string-code': () => ({ message: 'The server had an error', code: 'server_error' }),
  'null-metadata': () => ({ message: 'Something went wrong', metadata: null }),
  'string-error': () => ({ raw: '{"error":"Something went wrong"}' }),
  'echo-key': ({ authorization }) => ({ message: `Invalid credentials: ${authorization}`, metadata: { raw: `Authorization: ${authorization}` } }),
};

/**
 * Makes the error of a status. Throws a 400 for an unknown kind.
 * @param {number} status
 * @param {string|undefined} kind a kind of this status, or one of those that every status has
 * @param {object} context `model`, `provider`, `prompt`, `authorization`, `retryAfter`, `reset`; `message` and `metadata` replace
 *   those of the kind
 */
function makeError(status, kind, context) {
  const kinds = KINDS[status] ?? { other: plain(`Error ${status}`) };
  const build = kind === undefined ? Object.values(kinds)[0] : (kinds[kind] ?? RAW_KINDS[kind]);
  if (!build) {
    const known = [...Object.keys(kinds), ...Object.keys(RAW_KINDS)].join(', ');
    throw new ApiError(400, `Unknown emulator kind "${kind}" for status ${status}. Known: ${known}`);
  }
  const { message = `Error ${status}`, ...more } = build({ ...context, status });
  if (context.metadata !== undefined) more.metadata = context.metadata;
  return new ApiError(status, context.message ?? message, more);
}

function shorten(text, limit) {
  if (text.length <= limit) return text;
  const half = Math.floor((limit - 3) / 2);
  return `${text.slice(0, half)}...${text.slice(-half)}`;
}

module.exports.ApiError = ApiError;
module.exports.KINDS = KINDS;
module.exports.RAW_KINDS = RAW_KINDS;
module.exports.makeError = makeError;
