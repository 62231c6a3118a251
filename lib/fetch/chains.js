'use strict';

const { wrongOption } = require('../errors.js');
const { kindOf } = require('../util/request-kind.js');
const { isChat, parametersIn, textOf, withParameters } = require('./parameters.js');

const KINDS = ['chat', 'all'];

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
    if (!isChat(request)) return request;
    // Most chats have no chain, and need not be parsed.
    const text = textOf(request.body);
    if (!model && !text.includes('"models"')) return request;
    const parameters = parametersIn(text);
    if (parameters === null || !isBackground(parameters)) return request;
    const changed = { ...parameters };
    if (dropsChain) delete changed.models;
    if (model) changed.model = model;
    return { ...withParameters(request, changed), requestedModel: parameters.model };
  };
}

/**
 * Whether no user waits for the text of an answer: titles, labels and memory are not streamed, and LibreChat streams every chat. A
 * summary is streamed, too.
 */
function isBackground(parameters) {
  return parameters.stream !== true || ['title', 'memory', 'summary'].includes(kindOf(parameters));
}

module.exports = { backgroundRules, isBackground };
