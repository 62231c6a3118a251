'use strict';

/** The prompt of every client. */
const messages = [{ role: 'user', content: 'Why is the sky blue?' }];

module.exports.KEY = 'sk-or-v1-bench';
module.exports.MODEL = 'openai/gpt-5-mini';
module.exports.messages = messages;
/** The model of the embeddings. */
module.exports.EMBEDDING = 'openai/text-embedding-3-small';
/** The other APIs that stream: the parameters of a request, and the text of an event. */
module.exports.APIS = {
  responses: {
    params: { model: module.exports.MODEL, input: 'Why is the sky blue?', stream: true },
    textOf: (event) => (event.type === 'response.output_text.delta' ? event.delta : ''),
  },
  messages: {
    params: { model: module.exports.MODEL, messages, max_tokens: 1000, stream: true },
    textOf: (event) => (event.type === 'content_block_delta' ? event.delta.text : ''),
  },
  completions: {
    params: { model: module.exports.MODEL, prompt: 'The sky is', stream: true },
    textOf: (chunk) => chunk.choices[0].text,
  },
};
module.exports.request = { model: module.exports.MODEL, messages, stream: true };
