'use strict';

const native = require('./bridge/native.js');
const { wrongOption } = require('./errors.js');
const { OptionNames } = require('./option-names.js');
const { toJSON } = require('./util/json.js');

const NAMES = new OptionNames('explainPrivacy', ['method', 'url', 'body', 'headers', 'baseURL', 'zdr', 'dataCollection']);
const BASE_URL = 'https://openrouter.ai/api/v1';

/**
 * Says what would happen to a request under its privacy settings, without sending it. `index.d.ts` documents the fields.
 * @param {object} request
 */
function explainPrivacy(request) {
  if (typeof request !== 'object' || request === null) throw wrongOption('request', 'an object such as { url, body, zdr }');
  NAMES.check(request, explainPrivacy);
  const { method = 'POST', url = '/chat/completions', body, headers, zdr = false, dataCollection = 'allow' } = request;
  const baseURL = request.baseURL ?? process.env.OPENROUTER_BASE_URL ?? BASE_URL;
  if (typeof (zdr ?? false) !== 'boolean') throw wrongOption('zdr', 'true or false');
  if (![null, 'allow', 'deny'].includes(dataCollection)) throw wrongOption('dataCollection', "'deny' or 'allow'");
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

module.exports = { explainPrivacy };
