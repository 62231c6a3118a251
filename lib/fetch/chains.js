'use strict';

const { wrongOption } = require('../errors.js');
const { kindOf } = require('../util/request-kind.js');

const KINDS = ['chat', 'all'];
/** The paths of requests that may be chats. */
const CHATS = /\/(chat\/completions|responses)\/?$/i;

/**
 * Checks the options that treat requests in the background in another way than chats: `chainFor` and `backgroundModel`. Returns a
 * function that changes the body of a request; null if there is nothing to change.
 * @param {{ chainFor?: 'chat' | 'all' | null, backgroundModel?: string | null }} options
 */
function backgroundRules({ chainFor, backgroundModel: model }) {
  if ((chainFor ?? null) !== null && !KINDS.includes(chainFor)) throw wrongOption('chainFor', "'chat' or 'all'");
  if ((model ?? null) !== null && (typeof model !== 'string' || model.trim() === '')) throw wrongOption('backgroundModel', 'the id of a model');
  const dropsChain = chainFor === 'chat';
  if (!dropsChain && !model) return null;
  return (request) => {
    if (request.method !== 'POST' || !CHATS.test(request.url.split(/[?#]/, 1)[0])) return request;
    // Most chats have no chain, and need not be parsed.
    const text = textOf(request.body);
    if (!model && !text.includes('"models"')) return request;
    const parameters = parametersIn(text);
    if (parameters === null || !isBackground(parameters)) return request;
    const changed = { ...parameters };
    if (dropsChain) delete changed.models;
    if (model) changed.model = model;
    const headers = new Headers(request.headers);
    headers.delete('content-length');
    return { ...request, headers, body: JSON.stringify(changed), requestedModel: parameters.model };
  };
}

function textOf(body) {
  if (body === null || typeof body === 'string') return body ?? '';
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}

/**
 * Whether no user waits for the text of an answer: titles, labels and memory are not streamed, and LibreChat streams every chat. A
 * summary is streamed, too.
 */
function isBackground(parameters) {
  return parameters.stream !== true || ['title', 'memory', 'summary'].includes(kindOf(parameters));
}

function parametersIn(body) {
  try {
    const parameters = JSON.parse(body);
    return typeof parameters === 'object' && !Array.isArray(parameters) ? parameters : null;
  } catch {
    return null;
  }
}

module.exports = { CHATS, backgroundRules, isBackground, parametersIn, textOf };
