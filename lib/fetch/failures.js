'use strict';

const { errorFrom } = require('../errors.js');

/**
 * Returns the `TypeError` by which SDKs recognise a network failure. The `code` of its cause is one of Node's or undici's.
 */
function networkFailure(details, trace) {
  return new TypeError('fetch failed', { cause: causeOf(details, trace) });
}

/** The codes of Node and undici by those of this package. SDKs compare them. */
const CODES = {
  connection_failed: 'ECONNREFUSED',
  connection_reset: 'ECONNRESET',
  stream_truncated: 'ERR_STREAM_PREMATURE_CLOSE',
  tls_error: 'EPROTO',
  proxy_error: 'EPROXY',
  malformed_response: 'HPE_INVALID_CONSTANT',
  response_too_large: 'UND_ERR_RESPONSE_EXCEEDED_MAX_SIZE',
  invalid_request: 'ERR_INVALID_ARG_VALUE',
  invalid_option: 'ERR_INVALID_ARG_VALUE',
  budget_exceeded: 'ERR_BUDGET_EXCEEDED',
};
/** The codes and message prefixes of timeouts, by the limit that was exceeded. */
const TIMEOUTS = {
  connect: ['UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error'],
  headers: ['UND_ERR_HEADERS_TIMEOUT', 'Headers Timeout Error'],
  idle: ['UND_ERR_BODY_TIMEOUT', 'Body Timeout Error'],
  total: ['ETIMEDOUT', 'Timeout Error'],
};

/** Returns the error that becomes the `cause` of a `TypeError`. */
function causeOf(details, trace) {
  return withNodeCode(errorFrom(details, trace), details);
}

/** Gives an error the code of Node or undici. */
function withNodeCode(error, details) {
  const [code, text] = TIMEOUTS[details.phase] ?? [details.errno ?? CODES[details.code] ?? 'UND_ERR_SOCKET', null];
  error.code = code;
  if (text !== null) error.message = `${text}: ${error.message}`;
  return error;
}

module.exports = { causeOf, networkFailure, withNodeCode };
