'use strict';

const { contentOf, objectsIn } = require('../shared/message.js');
const { ToolPieces } = require('./tool-pieces.js');

/** Converts the deltas of a stream into the form that LangChain's converters understand. */
class Deltas {
  #pieces = new ToolPieces();
  /**
   * The reasoning since the last chunk. The addon reports it once, before its chunk, for all names that providers have for
   * the field.
   */
  #thought = '';

  /** @param {import('../../index.js').ChatCompletionStream} stream a stream that is not read yet */
  constructor(stream) {
    stream.on('reasoning', (text) => {
      this.#thought += text;
    });
  }

  /** Returns the delta of a chunk of the stream; null if it has none. */
  of({ choices }) {
    const given = choices?.[0]?.delta;
    if (given === null || typeof given !== 'object') return null;
    const { content, function_call, audio } = given;
    const delta = { role: 'assistant', content: contentOf(content) };
    if (this.#thought !== '') {
      delta.reasoning_content = this.#thought;
      this.#thought = '';
    }
    if (given.tool_calls) {
      const pieces = this.#pieces.live(objectsIn(given.tool_calls));
      if (pieces.length > 0) delta.tool_calls = pieces;
    }
    if (function_call) delta.function_call = function_call;
    if (audio) delta.audio = audio;
    return delta;
  }

  /** Returns a delta with the parts of the message's tool calls that no earlier delta had; null if there are none. */
  rest({ tool_calls: calls }) {
    const pieces = this.#pieces.rest(calls);
    return pieces.length === 0 ? null : { role: 'assistant', content: '', tool_calls: pieces };
  }
}

/** Whether a delta has no content. */
function isEmpty({ content, reasoning_content, tool_calls, function_call, audio }) {
  return content.length === 0 && !reasoning_content && !tool_calls && !function_call && !audio;
}

module.exports = { Deltas, isEmpty };
