'use strict';

const { inspect } = require('node:util');

const { OpenRouterError } = require('./errors.js');

/** What reads a stream, by the mode in which it is read. */
const READERS = {
  bytes: 'its body',
  chunks: 'a loop over its chunks',
  deltas: 'onProgress or a listener',
  named: 'a loop over its events',
  text: 'text()',
};

/**
 * Returns the error for a second reader of a stream that is, or was, read in this mode.
 * @param {{ all: string, events: string }} instead what to use, and what reads a stream that has no loop
 */
function secondReader(mode, instead) {
  const reader = mode === 'events' ? instead.events : READERS[mode];
  return new OpenRouterError(`This stream has its reader already: ${reader}. ${instead.all}`, { code: 'invalid_request' });
}

/** Returns the state of a stream. The error of its end is undefined if the reader left before the end. */
function stateOf({ isAborted, isRead, end }) {
  if (isAborted) return 'aborted';
  if (end === null) return isRead ? 'streaming' : 'waiting';
  if (end.error === undefined) return 'stopped';
  return end.error === null ? 'finished' : 'failed';
}

/** The figures of `usage` that are shown. */
const TOKENS = ['prompt_tokens', 'completion_tokens', 'input_tokens', 'output_tokens', 'total_tokens'];

/**
 * Returns what `inspect` shows of a stream: its state and facts, and nothing of its content.
 * @param {string} name of its class
 * @param {string} state
 * @param {object} properties of the native call
 * @param {Error | null | undefined} error with which it ended
 */
function shownStream(name, state, properties, error, depth, options) {
  if (depth < 0) return `[${name}]`;
  const { model, requestedModel, provider, generationId, finishReason, usage, cost } = properties;
  const tokens = usage ? Object.fromEntries(TOKENS.filter((field) => field in usage).map((field) => [field, usage[field]])) : null;
  const facts = { state, model: model ?? requestedModel, provider, finishReason, usage: tokens, cost, generationId, error: error?.code };
  const known = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined);
  return `${name} ${inspect(Object.fromEntries(known), options)}`;
}

module.exports = { secondReader, shownStream, stateOf };
