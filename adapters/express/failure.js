'use strict';

const { STATUS_CODES } = require('node:http');

const { OpenRouterError } = require('../../index.js');

/** Statuses of failures that have none of their own. */
const STATUSES = {
  invalid_request: 400,
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

const CODES = { 405: 'method_not_allowed', 413: 'payload_too_large', 415: 'unsupported_media_type' };

/** Of the API's metadata, what a browser may see: the rest holds the prompt, the provider's raw words, or account data. */
const TOLD = ['error_type', 'provider_name', 'limit_source', 'remedy_hint'];

/** What looks like a secret in the words of an error that is not ours. */
const SECRETS = /\bsk-[\w-]+|\b(bearer|basic)\s+\S+|:\/\/\S+@/gi;
const WORDS = 200;

/** A request that is refused here. */
function refusal(status, message) {
  return new OpenRouterError(message, { status, code: CODES[status] ?? 'invalid_request' });
}

/**
 * Ends an context that failed: with an answer in OpenRouter's shape, or with nothing where nobody is there to read it.
 * @param {unknown} error
 * @param {{ res: object, about: object, signal?: AbortSignal }} context
 */
function fail(error, { res, about, signal }) {
  const { method, path, log } = about;
  if (signal?.aborted || res.destroyed) {
    log('debug', `${method} ${path}: the browser has left`, { method, path });
    return;
  }
  const { status, code, message } = factsOf(error);
  const details = detailsOf(error, { method, path, status, code });
  log(status < 500 ? 'warn' : 'error', `${method} ${path}: ${status} ${code}: ${wordsOf(error)}`, details);
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { retryAfter } = error instanceof OpenRouterError ? error : {};
  if (retryAfter !== undefined) res.set('Retry-After', String(Math.ceil(retryAfter / 1000)));
  res.status(status).set('Cache-Control', 'no-store').json({ error: { code: status, message, metadata: metadataOf(error, code) } });
}

/** The event that tells a browser of a failure in mid-stream, in OpenRouter's shape. */
function eventOf(error, stream) {
  const { status, code, message } = factsOf(error);
  const chunk = {
    id: stream.id ?? stream.generationId ?? undefined,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model: stream.model ?? stream.requestedModel,
    provider: stream.provider ?? undefined,
    error: { code: status, message, metadata: metadataOf(error, code) },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error', native_finish_reason: 'error' }],
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** What is said of a failure. Words of errors that are not this package's stay here, unless they are meant to be told. */
function factsOf(error) {
  if (error instanceof OpenRouterError) {
    const { code, message } = error;
    // How the server is set up is for its log.
    if (code === 'invalid_option') return { status: 500, code, message: 'The server is not set up for this.' };
    return { status: statusOf(error), code, message };
  }
  const given = error?.status ?? error?.statusCode;
  const status = Number.isInteger(given) && given >= 400 && given < 500 ? given : 500;
  const isMeant = status < 500 && error.expose === true && typeof error.message === 'string';
  return { status, code: status < 500 ? 'refused' : 'internal_error', message: isMeant ? error.message : (STATUS_CODES[status] ?? 'Refused') };
}

/** The API's status, where it is one of a failure. */
function statusOf({ status, code }) {
  // A browser takes a 408 for one of its own connection, and sends the request again by itself.
  if (status === 408) return 504;
  return status >= 400 && status < 600 ? status : (STATUSES[code] ?? 500);
}

function metadataOf(error, code) {
  const { metadata, provider, generationId } = error instanceof OpenRouterError ? error : {};
  const told = { code };
  for (const name of TOLD) if (typeof metadata?.[name] === 'string') told[name] = metadata[name];
  if (provider !== undefined) told.provider_name ??= provider;
  if (generationId !== undefined) told.generation_id = generationId;
  return told;
}

/** The words of a failure for the log. */
function wordsOf(error) {
  if (error instanceof OpenRouterError) return error.message;
  const [line] = String(error?.message ?? error).split('\n');
  return `${error?.name ?? typeof error}: ${line.replace(SECRETS, '[REDACTED]').slice(0, WORDS)}`;
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
