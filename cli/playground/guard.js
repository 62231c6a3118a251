'use strict';

const { timingSafeEqual } = require('node:crypto');

/** The names by which a browser on this machine may call the server. A page whose name was made to point here has another. */
const NAMES = ['127.0.0.1', 'localhost'];

/**
 * The headers of every answer. Scripts, styles and requests come from this server alone, so that nothing in an answer of a model
 * can load or send anything; no other page may frame this one or read its answers.
 */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "base-uri 'none'",
    "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types lit-html dompurify 'allow-duplicates'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Says why a request is refused, or null. The server spends the user's credits, so only pages of its own may use it.
 * @param {import('node:http').IncomingMessage} request
 * @param {number} port the port of the server
 */
function refusalOf({ headers }, port) {
  const hosts = NAMES.map((name) => `${name}:${port}`);
  if (!hosts.includes(headers.host)) return 'This address is not one of the playground.';
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`) return 'Pages of other sites may not use the playground.';
  // A browser sends this header itself; `none` is an address that the user opened.
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'Pages of other sites may not use the playground.';
  return null;
}

/** Whether a path begins with the token. The time of the comparison does not tell how much of it is right. */
function hasToken(path, token) {
  const given = Buffer.from(path.slice(1, 1 + token.length));
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

module.exports = { HEADERS, hasToken, refusalOf };
