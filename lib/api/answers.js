'use strict';

const { OpenRouterError } = require('../errors.js');
const { EventStream } = require('./event-stream.js');
const { post } = require('./post.js');

// The endpoints of language models beside chats.

/** A stream of the Responses API. */
class ResponseStream extends EventStream {
  static form = 'chunks';

  async final() {
    return withOutputText(await super.final());
  }

  finalResponse() {
    return this.final();
  }
}

/** A stream of Anthropic's Messages. */
class MessageStream extends EventStream {
  static form = 'chunks';

  finalMessage() {
    return this.final();
  }
}

/** A stream of a legacy completion. */
class TextCompletionStream extends EventStream {
  static form = 'chunks';

  finalCompletion() {
    return this.final();
  }
}

/** A stream of pictures that are being made. */
class ImageStream extends EventStream {
  static form = 'chunks';

  finalImages() {
    return this.final();
  }
}

function responses(client, params, options, caller) {
  const call = post(client, '/responses', params, options, { Stream: ResponseStream, caller });
  return call.changed((answer) => (answer instanceof EventStream ? answer : withOutputText(answer)));
}

function messages(client, params, options, caller) {
  return post(client, '/messages', params, options, { Stream: MessageStream, caller });
}

function completions(client, params, options, caller) {
  return post(client, '/completions', params, options, { Stream: TextCompletionStream, caller });
}

function rerank(client, params, options, caller) {
  return post(client, '/rerank', withoutStream(params, 'rerank'), options, { caller });
}

/** Answers questions about a text with yes or no, a choice, or a score. The endpoint lies beside `/v1`. */
function decisions(client, params, options, caller) {
  return post(client, '/api/alpha/decisions', withoutStream(params, 'decisions'), options, { caller });
}

function images(client, params, options, caller) {
  return post(client, '/images', params, options, { Stream: ImageStream, caller });
}

/** Refuses `stream` where an endpoint has none: the answer would not be what the caller expects. */
function withoutStream(params, name) {
  if (params?.stream === true) {
    throw new OpenRouterError(`${name} has no stream. Leave stream out.`, { code: 'invalid_request' });
  }
  return params;
}

/** Adds `output_text`, all text of an answer of the Responses API, as a property that JSON and comparisons do not see. */
function withOutputText(response) {
  if (typeof response !== 'object' || response === null) return response;
  Object.defineProperty(response, 'output_text', { get: outputText, configurable: true });
  return response;
}

function outputText() {
  const parts = (Array.isArray(this.output) ? this.output : []).flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return parts.map(({ type, text }) => (type === 'output_text' && typeof text === 'string' ? text : '')).join('');
}

module.exports = { completions, decisions, images, messages, rerank, responses };
