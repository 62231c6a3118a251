'use strict';

const { OpenRouterError } = require('../..');

/** The error code for each status, and the message if LibreChat has its own. */
const KNOWN = {
  401: ['invalid_api_key', 'Invalid OpenRouter API key. Please check your OPENROUTER_API_KEY.'],
  402: ['insufficient_credits', 'Insufficient credits. Please add credits to your OpenRouter account.'],
  403: ['forbidden'],
  404: ['not_found'],
  408: ['timeout'],
  413: ['payload_too_large'],
  429: ['rate_limited', 'Rate limit exceeded. Please try again later.'],
  502: ['provider_error'],
  503: ['service_unavailable', 'OpenRouter service temporarily unavailable. Please try again later.'],
  504: ['timeout'],
  524: ['timeout'],
  529: ['overloaded'],
};

/**
 * Returns the error of a response that this client did not request. Its own requests already fail with such errors.
 * @param {{ status: number, statusText?: string, json(): Promise<unknown> }} response
 * @param {string | null} [apiKey] the key to redact in the body
 */
async function failureOf(response, apiKey) {
  const { status, statusText = '' } = response;
  const body = await Promise.resolve().then(() => response.json()).catch(() => null);
  const data = body === null ? { message: `HTTP ${status}: ${statusText}` } : scrubbed(body, apiKey);
  const [code, text] = KNOWN[status] ?? [status >= 500 ? 'server_error' : 'invalid_request'];
  const message = text ?? data.error?.message ?? data.message ?? 'OpenRouter API error';
  return new OpenRouterError(String(message), { code, status, statusText, data });
}

/** Returns the body without `apiKey` and without anything that looks like an OpenRouter key. */
function scrubbed(body, apiKey) {
  const hide = (text) => (apiKey ? text.replaceAll(apiKey, '[REDACTED]') : text).replace(/sk-or-[\w-]+/g, '[REDACTED]');
  return JSON.parse(JSON.stringify(body), (_, value) => (typeof value === 'string' ? hide(value) : value));
}

module.exports = { failureOf };
