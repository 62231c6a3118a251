'use strict';

const { ChatOpenAI } = require('@langchain/openai');

const { ChatOpenRouter } = require('../../../adapters/langchain');

let models = 0;

/** The fields for a model of either class; `emulator` has directives for the emulator. */
function fieldsFor({ baseURL }, { emulator, modelKwargs, ...fields } = {}) {
  models += 1;
  return {
    model: 'openai/gpt-5-mini',
    apiKey: `sk-or-v1-limit-langchain-${process.pid}-${models}`,
    maxRetries: 0,
    configuration: { baseURL },
    modelKwargs: { ...modelKwargs, ...(emulator && { emulator }) },
    ...fields,
  };
}

/** A `ChatOpenRouter` with a new key. */
function newModel(server, fields) {
  return new ChatOpenRouter(fieldsFor(server, fields));
}

/** LangChain's own class over the built-in fetch, as the reference. */
function plainModel(server, fields) {
  return new ChatOpenAI(fieldsFor(server, fields));
}

/** Concatenates the chunks of a stream as LangChain does. */
async function joined(stream) {
  let whole;
  for await (const chunk of await stream) whole = whole?.concat(chunk) ?? chunk;
  return whole;
}

/** The request bodies that a server received, oldest first. */
function bodiesOf({ requests }) {
  return requests.map(({ body, rawBody, json }) => json ?? body ?? JSON.parse(rawBody));
}

module.exports.bodiesOf = bodiesOf;
module.exports.joined = joined;
module.exports.newModel = newModel;
module.exports.plainModel = plainModel;
