'use strict';

/** OpenRouter's hosts, with those of its regions. */
const HOSTS = /^(?:[^.]+\.)?openrouter\.ai\.?$/;

/** The base URL that `parsedBase` has parsed last, as text and parsed. */
let last = { text: undefined, url: null };

/**
 * Returns the address that the first argument of a `fetch` names, if it belongs to OpenRouter's API, or to that of
 * `OPENROUTER_BASE_URL`; else null.
 * @param {unknown} input a string, a URL, a `Request` of any make, or what becomes a string
 * @returns {URL | null}
 */
function addressOf(input) {
  let url;
  try {
    url = new URL(typeof input === 'object' && typeof input.url === 'string' ? input.url : input);
  } catch {
    return null; // The stock function says what is wrong with it.
  }
  if (HOSTS.test(url.hostname) && isBelow(url.pathname, '/api')) return url;
  const base = parsedBase(process.env.OPENROUTER_BASE_URL);
  return base !== null && url.host === base.host && isBelow(url.pathname, base.pathname) ? url : null;
}

/** Whether a path is another one, or below it. */
function isBelow(path, above) {
  const start = above.replace(/\/+$/, '');
  return path.startsWith(start) && (path.length === start.length || path[start.length] === '/');
}

function parsedBase(given) {
  if (last.text !== given) last = { text: given, url: URL.canParse(given?.trim()) ? new URL(given.trim()) : null };
  return last.url;
}

module.exports = { addressOf };
