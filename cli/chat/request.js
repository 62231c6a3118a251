'use strict';

const { AUTO } = require('./options.js');

/** The options that are parameters of the API as they are, with the names that the API has for them. */
const PARAMETERS = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  topA: 'top_a',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  repetitionPenalty: 'repetition_penalty',
  maxTokens: 'max_tokens',
  seed: 'seed',
  stop: 'stop',
  verbosity: 'verbosity',
  serviceTier: 'service_tier',
};

/** Returns the options of the client for the options of `addChatOptions`: those that hold for each chat that it sends. */
function clientOptionsOf({ auto, zdr, dataCollection, maxCost, reserve }) {
  return { autoRouter: auto, zdr, dataCollection, maxCost, reserve };
}

/** Returns the parameters of a chat for the options of `addChatOptions`, without the messages. */
function parametersOf(options) {
  const { model, models = [], reasoning, session, param } = options;
  const [first = AUTO, ...rest] = model === undefined ? models : [model, ...models];
  const provider = providerOf(options);
  const given = Object.entries(PARAMETERS).filter(([name]) => options[name] !== undefined);
  return {
    model: first,
    ...(rest.length > 0 && { models: rest }),
    ...(provider && { provider }),
    ...Object.fromEntries(given.map(([name, parameter]) => [parameter, options[name]])),
    // A model that thinks only when it is asked to has something to show.
    ...(reasoning && { reasoning: reasoning.setting ?? { enabled: true } }),
    ...(session && { session }),
    ...(param && { extraBody: param }),
  };
}

function providerOf({ provider: slugs = [], sort, maxPrice }) {
  if (slugs.length === 0 && sort === undefined && maxPrice === undefined) return undefined;
  // The API would ignore `sort` beside an order.
  const isOrdered = slugs.length > 1 && sort === undefined;
  return {
    ...(slugs.length > 0 && { only: slugs }),
    ...(isOrdered && { order: slugs }),
    ...(sort && { sort }),
    ...(maxPrice && { max_price: maxPrice }),
  };
}

/** Returns the message of a user: a text, or a text with parts. */
function messagesOf(content, { system }) {
  const messages = [{ role: 'user', content }];
  if (system !== undefined) messages.unshift({ role: 'system', content: system });
  return messages;
}

module.exports = { clientOptionsOf, messagesOf, parametersOf };
