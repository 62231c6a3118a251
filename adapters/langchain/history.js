'use strict';

const { isDeepStrictEqual } = require('node:util');

/** Of an answer's message, what LangChain keeps in places of its own. */
const KEPT = new Set(['role', 'content', 'reasoning', 'reasoning_content', 'function_call', 'audio']);

/** Of `additional_kwargs`, what is sent by LangChain's converter or not at all. */
const NOT_SENT = new Set(['tool_calls', 'function_call', 'audio', 'reasoning_content', 'parsed']);

/** The rest of an answer's message, verbatim, for `additional_kwargs`: what the next turn has to send back (T4). */
function extrasOf(message) {
  return Object.fromEntries(Object.entries(message).filter(([name, value]) => !KEPT.has(name) && value !== null));
}

/**
 * LangChain's messages as OpenRouter takes them: by its own converter, and then with all of an answer that it drops.
 * @param {object} langchain see `chat-model.js` @param {object[]} messages @param {string} model
 */
function historyOf({ AIMessage, convertMessagesToCompletionsMessageParams }, messages, model) {
  return messages.flatMap((message) => {
    const [first, ...others] = convertMessagesToCompletionsMessageParams({ messages: [message], model });
    return [AIMessage.isInstance(message) ? restored(first, message) : first, ...others];
  });
}

function restored(params, { additional_kwargs, response_metadata }) {
  // Answers that came as content-block events have no `additional_kwargs` of their own.
  const kwargs = { ...response_metadata?.additional_kwargs, ...additional_kwargs };
  // Other providers' classes keep things in there that are no fields of a message.
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

/** The text of content that LangChain has made blocks of; images in it go back as `images`. */
function textOf(content) {
  const isPlain = Array.isArray(content) && content.every((block) => typeof block === 'object' && !block.cache_control);
  return isPlain ? content.map(({ text = '' }) => text).join('') : content;
}

/** The call as the model wrote it, unless somebody has changed it since. */
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
