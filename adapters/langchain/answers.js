'use strict';

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
  whole({ message: given, finish_reason, logprobs }, completion, { metadata, usage }) {
    const thought = given.reasoning ?? given.reasoning_content;
    const rawResponse = { ...completion, choices: [{ message: given }] };
    const message = this.#langchain.convertCompletionsMessageToBaseMessage({ message: given, rawResponse });
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
    const { id, choices } = completion;
    const [{ message, finish_reason }] = choices;
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

/** Returns the images of a message as LangChain's content blocks. */
function imageBlocks({ images }) {
  return (images ?? []).filter(({ image_url: image }) => image?.url).map(({ image_url: { url } }) => ({ type: 'image', url }));
}

module.exports = { Answers, imageBlocks };
