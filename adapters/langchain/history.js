'use strict';

const { isDeepStrictEqual } = require('node:util');

/** The fields of an answer's message for which LangChain has a place of its own. */
const PLACED = new Set(['role', 'content', 'reasoning', 'reasoning_content', 'function_call', 'audio']);

/** The fields of `additional_kwargs` that are sent by LangChain's converter, or must not be sent. */
const NOT_SENT = new Set(['tool_calls', 'function_call', 'audio', 'reasoning_content', 'parsed']);

/**
 * Returns the other fields of an answer's message, unchanged, for `additional_kwargs`. The next turn must send them back.
 */
function extrasOf(message) {
  return Object.fromEntries(Object.entries(message).filter(([name, value]) => !PLACED.has(name) && value !== null));
}

/**
 * Converts LangChain's messages into OpenRouter's. LangChain's converter is used, and then the fields of answers that it
 * drops are added.
 * @param {object} langchain see `chat-model.js`
 * @param {object[]} messages
 * @param {string} model
 */
function historyOf({ AIMessage, convertMessagesToCompletionsMessageParams }, messages, model) {
  return messages.flatMap((message) => {
    const [first, ...others] = convertMessagesToCompletionsMessageParams({ messages: [message], model });
    return [AIMessage.isInstance(message) ? restored(first, message) : first, ...others];
  });
}

/** Returns a converted answer with the fields that the converter drops. */
function restored(params, { additional_kwargs, response_metadata }) {
  // Answers that came as content-block events have no `additional_kwargs` of their own.
  const kwargs = { ...response_metadata?.additional_kwargs, ...additional_kwargs };
  // In `additional_kwargs`, the classes of other providers store values that are no fields of a message.
  const isOurs = response_metadata?.model_provider === 'openrouter';
  const names = isOurs ? Object.keys(kwargs).filter((name) => !NOT_SENT.has(name) && !name.startsWith('__')) : ['reasoning_details'];
  const { reasoning_content: thought, tool_calls: calls } = kwargs;
  const sent = { ...params };
  if (isOurs) sent.content = textOf(params.content);
  if (typeof thought === 'string' && thought !== '') sent.reasoning = thought;
  for (const name of names) if (kwargs[name] !== undefined) sent[name] = kwargs[name];
  if (sent.tool_calls && Array.isArray(calls)) sent.tool_calls = sent.tool_calls.map((call) => originalOf(call, calls));
  return sent;
}

/**
 * Returns the text of content that LangChain has split into blocks. Images are dropped, because they are sent back as
 * `images`.
 */
function textOf(content) {
  const isPlain = Array.isArray(content) && content.every((block) => typeof block === 'object' && !block.cache_control);
  return isPlain ? content.map(({ text = '' }) => text).join('') : content;
}

/** Returns the tool call as the model wrote it, unless its name or arguments were changed since. */
function originalOf(call, originals) {
  const original = originals.find(({ id }) => id === call.id);
  const isSame =
    original?.function?.name === call.function.name &&
    isDeepStrictEqual(parsed(original.function.arguments), parsed(call.function.arguments));
  return isSame ? original : call;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

module.exports = { extrasOf, historyOf };
