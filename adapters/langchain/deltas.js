'use strict';

const { ToolPieces } = require('./tool-pieces.js');

/** A stream's deltas, as LangChain's converters understand them. */
class Deltas {
  #pieces = new ToolPieces();
  /** What was thought since the last chunk: the addon tells it before the chunk, once, however the provider names it (T5). */
  #thought = '';

  /** @param {import('../../index.js').ChatCompletionStream} stream one that nobody reads yet */
  constructor(stream) {
    stream.on('reasoning', (text) => {
      this.#thought += text;
    });
  }

  /** The delta of a chunk of `stream`; null when there is none. */
  of({ choices }) {
    const given = choices?.[0]?.delta;
    if (!given) return null;
    const { content, function_call, audio } = given;
    const delta = { role: 'assistant', content: content ?? '' };
    if (this.#thought !== '') {
      delta.reasoning_content = this.#thought;
      this.#thought = '';
    }
    if (given.tool_calls) {
      const pieces = this.#pieces.live(given.tool_calls);
      if (pieces.length > 0) delta.tool_calls = pieces;
    }
    if (function_call) delta.function_call = function_call;
    if (audio) delta.audio = audio;
    return delta;
  }

  /** What is left to say of the tool calls when the whole `message` is known; null when nothing is. */
  rest({ tool_calls: calls }) {
    const pieces = this.#pieces.rest(calls);
    return pieces.length === 0 ? null : { role: 'assistant', content: '', tool_calls: pieces };
  }
}

/** Whether a delta has nothing that anybody would want to see. */
function isEmpty({ content, reasoning_content, tool_calls, function_call, audio }) {
  return content.length === 0 && !reasoning_content && !tool_calls && !function_call && !audio;
}

module.exports = { Deltas, isEmpty };
