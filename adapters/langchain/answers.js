'use strict';

const { OpenRouterError } = require('../../index.js');
const { contentOf, objectsIn, thoughtsOf, toolCallsOf } = require('../shared/message.js');
const { extrasOf } = require('./history.js');
const { metadataOf, usageOf } = require('./metadata.js');

/** Converts answers into LangChain's messages and generations. */
class Answers {
  #langchain;

  /** @param {object} langchain see `chat-model.js` */
  constructor(langchain) {
    this.#langchain = langchain;
  }

  /** Converts a choice of a completion that was not streamed. */
  whole({ message: sent, finish_reason, logprobs }, completion, { metadata, usage }) {
    const given = messageOf(sent);
    const thought = given.reasoning ?? given.reasoning_content;
    const rawResponse = { ...completion, choices: [{ message: given }] };
    const message = this.#langchain.convertCompletionsMessageToBaseMessage({ message: given, rawResponse });
    setInvalidAside(message);
    Object.assign(message.additional_kwargs, extrasOf(given), thought && { reasoning_content: thought });
    message.response_metadata = metadata;
    message.usage_metadata = usage;
    const generationInfo = { ...(finish_reason && { finish_reason }), ...(logprobs && { logprobs }) };
    return { text: message.text, message, generationInfo };
  }

  /** Converts a delta of a stream, see `deltas.js`. */
  chunk(delta, { id, choices }, generationInfo) {
    const message = this.#langchain.convertCompletionsDeltaToBaseMessageChunk({ delta, rawResponse: { id, choices } });
    message.response_metadata = { model_provider: 'openrouter' };
    // The last chunk has the whole calls, in the form in which they must be sent back.
    delete message.additional_kwargs.tool_calls;
    return this.#generation(message, generationInfo);
  }

  /**
   * Returns the last chunks of a stream: metadata, usage, and the fields of the message that LangChain must not join from
   * pieces.
   */
  last(completion, deltas, { generationId }) {
    const { id } = completion;
    const [{ message, finish_reason }] = choicesOf(completion);
    const rest = deltas.rest(message);
    const images = imageBlocks(message);
    const last = new this.#langchain.AIMessageChunk({
      id,
      content: images.length > 0 ? images : '',
      additional_kwargs: extrasOf(message),
      response_metadata: metadataOf(completion, generationId),
      usage_metadata: usageOf(completion.usage),
    });
    return [...(rest === null ? [] : [this.chunk(rest, completion)]), this.#generation(last, { finish_reason })];
  }

  #generation(message, generationInfo) {
    const text = typeof message.content === 'string' ? message.content : '';
    return new this.#langchain.ChatGenerationChunk({ message, text, generationInfo });
  }
}

/** Returns the choices of a completion. An answer without any is an error, because it is not an empty answer. */
function choicesOf(completion) {
  const choices = objectsIn(completion.choices);
  if (choices.length > 0) return choices;
  const facts = { code: 'malformed_response', generationId: completion.id, provider: completion.provider, partial: completion };
  throw new OpenRouterError('The answer of the API has no choices. Please try again; error.partial has the answer.', facts);
}

/** Returns a message of a completion that was not streamed as that of a stream would be. A message that is none is empty. */
function messageOf(sent) {
  const { content, tool_calls: given, images, ...fields } = sent !== null && typeof sent === 'object' ? sent : {};
  const message = { ...fields, role: 'assistant', content: contentOf(content) };
  const [calls, pictures, thoughts] = [toolCallsOf(given), objectsIn(images), thoughtsOf(content)];
  if (calls.length > 0) message.tool_calls = calls;
  if (pictures.length > 0) message.images = pictures;
  if (thoughts !== '') message.reasoning ??= thoughts;
  return message;
}

/** Moves the tool calls whose arguments are no object to the invalid ones, as LangChain does with those of a stream. */
function setInvalidAside(message) {
  const isValid = ({ args }) => args !== null && typeof args === 'object' && !Array.isArray(args);
  for (const { id, name, args } of message.tool_calls.filter((call) => !isValid(call))) {
    message.invalid_tool_calls.push({ type: 'invalid_tool_call', id, name, args: JSON.stringify(args), error: 'Malformed args.' });
  }
  message.tool_calls = message.tool_calls.filter(isValid);
}

/** Returns the images of a message as LangChain's content blocks. */
function imageBlocks({ images }) {
  return objectsIn(images).filter(({ image_url: image }) => image?.url).map(({ image_url: { url } }) => ({ type: 'image', url }));
}

module.exports = { Answers, choicesOf, imageBlocks };
