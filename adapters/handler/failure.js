'use strict';

const { STATUS_CODES } = require('node:http');

const { OpenRouterError } = require('../../index.js');
const { now } = require('../../lib/util/timers.js');

/** The status of the response for failures that have no HTTP status. */
const STATUSES = {
  invalid_request: 400,
  privacy_not_possible: 400,
  invalid_api_key: 401,
  missing_api_key: 401,
  payload_too_large: 413,
  rate_limited: 429,
  timeout: 504,
  connection_failed: 502,
  connection_reset: 502,
  tls_error: 502,
  proxy_error: 502,
  stream_truncated: 502,
  malformed_response: 502,
  empty_response: 502,
  response_too_large: 502,
};

/** The error code for each status of the router that has its own. */
const CODES = { 401: 'unauthorized', 404: 'not_found', 405: 'method_not_allowed', 413: 'payload_too_large', 415: 'unsupported_media_type' };

/**
 * The fields of the API's metadata that a browser may see. The others contain the prompt, the provider's raw text or account
 * data.
 */
const PUBLIC_METADATA = ['error_type', 'provider_name', 'limit_source', 'remedy_hint'];

/** Matches texts that look like secrets in the message of an error that is not an `OpenRouterError`. */
const SECRETS = /\bsk-[\w-]+|\b(bearer|basic)\s+\S+|:\/\/\S+@/gi;
/** The maximum number of characters of such a message in the log. */
const MAX_LOGGED = 200;

/** Returns the error for a request that the router refuses. */
function refusal(status, message) {
  return new OpenRouterError(message, { status, code: CODES[status] ?? 'invalid_request' });
}

/**
 * Ends a request that failed, with a response in the shape of OpenRouter's errors. Sends nothing if the browser has
 * disconnected.
 * @param {unknown} error
 * @param {{ outlet: object, about: object, signal?: AbortSignal }} context
 */
function fail(error, { outlet, about, signal }) {
  const { method, path, log } = about;
  if (signal?.aborted || outlet.isClosed) {
    log('debug', `${method} ${path}: the browser has left`, { method, path });
    return;
  }
  const { status, code, message } = factsOf(error);
  const details = detailsOf(error, { method, path, status, code });
  log(status < 500 ? 'warn' : 'error', `${method} ${path}: ${status} ${code}: ${wordsOf(error)}`, details);
  if (outlet.isStarted) {
    outlet.destroy();
    return;
  }
  const { retryAfter } = error instanceof OpenRouterError ? error : {};
  if (retryAfter !== undefined) outlet.set('Retry-After', String(Math.ceil(retryAfter / 1000)));
  outlet.set('Cache-Control', 'no-store');
  outlet.json(status, { error: { code: status, message, metadata: metadataOf(error, code) } });
}

/** Returns the event that reports a failure in the middle of a stream, in the shape of OpenRouter's error events. */
function eventOf(error, stream) {
  const { status, code, message } = factsOf(error);
  const chunk = {
    id: stream.id ?? stream.generationId ?? undefined,
    object: 'chat.completion.chunk',
    created: Math.floor(now() / 1000),
    model: stream.model ?? stream.requestedModel,
    provider: stream.provider ?? undefined,
    error: { code: status, message, metadata: metadataOf(error, code) },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error', native_finish_reason: 'error' }],
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/**
 * Returns the status, code and message for the browser. The message of an error that is not an `OpenRouterError` is sent
 * only if its status is below 500 and its `expose` is true.
 */
function factsOf(error) {
  if (error instanceof OpenRouterError) {
    const { code, message } = error;
    // The message about a wrong option is only for the log of the server.
    if (code === 'invalid_option') return { status: 500, code, message: 'The server is not set up for this.' };
    return { status: statusOf(error), code, message };
  }
  const given = error?.status ?? error?.statusCode;
  const status = Number.isInteger(given) && given >= 400 && given < 500 ? given : 500;
  const isMeant = status < 500 && error.expose === true && typeof error.message === 'string';
  return { status, code: status < 500 ? 'refused' : 'internal_error', message: isMeant ? error.message : (STATUS_CODES[status] ?? 'Refused') };
}

/** Returns the status of the response: that of the API if it is an error status, else the one for the code. */
function statusOf({ status, code }) {
  // A browser believes that a 408 concerns its own connection and sends the request again.
  if (status === 408) return 504;
  return status >= 400 && status < 600 ? status : (STATUSES[code] ?? 500);
}

function metadataOf(error, code) {
  const { metadata, provider, generationId } = error instanceof OpenRouterError ? error : {};
  const shown = { code };
  for (const name of PUBLIC_METADATA) if (typeof metadata?.[name] === 'string') shown[name] = metadata[name];
  if (provider !== undefined) shown.provider_name ??= provider;
  if (generationId !== undefined) shown.generation_id = generationId;
  return shown;
}

/**
 * Returns the text of a failure for the log, without secrets. The message of an `OpenRouterError` has none, because the addon
 * removes the key from everything that comes from the network before it becomes an error.
 */
function wordsOf(error) {
  if (error instanceof OpenRouterError) return error.message;
  const [line] = String(error?.message ?? error).split('\n');
  return `${error?.name ?? typeof error}: ${line.replace(SECRETS, '[REDACTED]').slice(0, MAX_LOGGED)}`;
}

function detailsOf(error, details) {
  for (const name of ['errorType', 'provider', 'generationId', 'requestId', 'retryAfter', 'phase', 'errno']) {
    if (error instanceof OpenRouterError && error[name] !== undefined) details[name] = error[name];
  }
  return details;
}

module.exports.eventOf = eventOf;
module.exports.fail = fail;
module.exports.factsOf = factsOf;
module.exports.refusal = refusal;
