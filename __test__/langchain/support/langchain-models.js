'use strict';

const { ChatOpenAI } = require('@langchain/openai');

const { ChatOpenRouter } = require('../../../adapters/langchain');

let models = 0;

/** What a model of either class is made with; `emulator` holds directives. */
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

/** A `ChatOpenRouter` with a key of its own. */
function newModel(server, fields) {
  return new ChatOpenRouter(fieldsFor(server, fields));
}

/** LangChain's own class over the stock fetch, to compare with. */
function plainModel(server, fields) {
  return new ChatOpenAI(fieldsFor(server, fields));
}

/** The chunks of a stream put together, as LangChain does it. */
async function joined(stream) {
  let whole;
  for await (const chunk of await stream) whole = whole?.concat(chunk) ?? chunk;
  return whole;
}

/** The chat bodies that a server was sent, oldest first. */
function bodiesOf({ requests }) {
  return requests.map(({ body, rawBody, json }) => json ?? body ?? JSON.parse(rawBody));
}

module.exports.bodiesOf = bodiesOf;
module.exports.joined = joined;
module.exports.newModel = newModel;
module.exports.plainModel = plainModel;
