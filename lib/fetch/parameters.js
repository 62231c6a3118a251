'use strict';

/** The paths of requests that may be chats. */
const CHATS = /\/(chat\/completions|responses)\/?$/i;

/** Whether a request may be a chat: one that is sent to chats or to `/responses`. */
function isChat({ method, url, body }) {
  return method === 'POST' && body !== null && CHATS.test(url.split(/[?#]/, 1)[0]);
}

/**
 * Returns the text of the body of a request.
 * @param {string | Uint8Array | null} body
 */
function textOf(body) {
  if (body === null || typeof body === 'string') return body ?? '';
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}

/** Returns the parameters in the body of a request; null if it is no JSON object. */
function parametersIn(body) {
  try {
    const parameters = JSON.parse(textOf(body));
    return typeof parameters === 'object' && !Array.isArray(parameters) ? parameters : null;
  } catch {
    return null;
  }
}

/** Returns a request with other parameters. */
function withParameters(request, parameters) {
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return { ...request, headers, body: JSON.stringify(parameters) };
}

/** Whether a model is one of OpenRouter's routers, which choose the model that answers. */
function isRouter(model) {
  return typeof model === 'string' && model.startsWith('openrouter/');
}

module.exports = { isChat, isRouter, parametersIn, textOf, withParameters };
