'use strict';

const native = require('./bridge/native.js');
const { OpenRouterError } = require('./errors.js');
const { toJSON } = require('./util/json.js');

const BASE_URL = 'https://openrouter.ai/api/v1';

/**
 * Says what would happen to a request under its privacy settings, without sending it. `index.d.ts` documents the fields.
 * @param {object} request
 */
function explainPrivacy(request) {
  if (typeof request !== 'object' || request === null) throw wrong('request', 'an object such as { url, body, zdr }');
  const { method = 'POST', url = '/chat/completions', body, headers, zdr = false, dataCollection = 'allow' } = request;
  const baseURL = request.baseURL ?? process.env.OPENROUTER_BASE_URL ?? BASE_URL;
  if (typeof (zdr ?? false) !== 'boolean') throw wrong('zdr', 'true or false');
  if (![null, 'allow', 'deny'].includes(dataCollection)) throw wrong('dataCollection', "'deny' or 'allow'");
  const coding = new Headers(headers ?? {}).get('content-encoding') ?? 'identity';
  const address = String(url).startsWith('/') ? baseURL.replace(/\/+$/, '') + url : String(url);
  const deny = dataCollection === 'deny';
  return JSON.parse(native.explainPrivacy(method, address, baseURL, Boolean(zdr), deny, textOf(body), coding !== 'identity'));
}

/** Returns a body as text. Bytes that are no text stay unreadable, as they are for the rules. */
function textOf(body) {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  if (body instanceof FormData || body instanceof Blob || body instanceof ReadableStream) return '(not JSON)';
  return toJSON(body, 'The body', 'invalid_option');
}

function wrong(name, expected) {
  return new OpenRouterError(`Invalid option ${name}: expected ${expected}.`, { code: 'invalid_option' });
}

module.exports = { explainPrivacy };
