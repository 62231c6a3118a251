'use strict';

const { errorFrom } = require('../errors.js');

/** The `TypeError` that SDKs know, with a cause whose `code` is one that they know too. */
function failed(details, trace) {
  return new TypeError('fetch failed', { cause: causeOf(details, trace) });
}

/** Codes of Node and undici, whose names SDKs look for. */
const CODES = {
  connection_failed: 'ECONNREFUSED',
  connection_reset: 'ECONNRESET',
  tls_error: 'EPROTO',
  proxy_error: 'EPROXY',
  malformed_response: 'HPE_INVALID_CONSTANT',
  response_too_large: 'UND_ERR_RESPONSE_EXCEEDED_MAX_SIZE',
  invalid_request: 'ERR_INVALID_ARG_VALUE',
  invalid_option: 'ERR_INVALID_ARG_VALUE',
};
const TIMEOUTS = {
  connect: ['UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error'],
  headers: ['UND_ERR_HEADERS_TIMEOUT', 'Headers Timeout Error'],
  idle: ['UND_ERR_BODY_TIMEOUT', 'Body Timeout Error'],
  total: ['ETIMEDOUT', 'Timeout Error'],
};

function causeOf(details, trace) {
  const error = errorFrom(details, trace);
  const [code, text] = TIMEOUTS[details.phase] ?? [details.errno ?? CODES[details.code] ?? 'UND_ERR_SOCKET', null];
  error.code = code;
  if (text !== null) error.message = `${text}: ${error.message}`;
  return error;
}

module.exports = { failed, causeOf };
