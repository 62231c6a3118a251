'use strict';

const { OpenRouterError } = require('./errors.js');

/** What other SDKs call the methods of a client, with what to use here. */
const OTHER_NAMES = {
  callModel: 'client.chatCompletion(params)',
  chat: 'client.chatCompletion(params), or createFetch() as the fetch of the OpenAI SDK',
  createChatCompletion: 'client.chatCompletion(params)',
  credits: 'client.getCredits()',
  generations: 'client.getGeneration(id)',
  models: 'client.getModels()',
};

/**
 * Makes the names of other SDKs throw an error that says what to use, instead of "Cannot read properties of undefined". They
 * are not enumerable, and a subclass or an assignment may define them.
 */
function refuseOtherNames(prototype) {
  for (const [name, instead] of Object.entries(OTHER_NAMES)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get() {
        throw new OpenRouterError(`client.${name} does not exist. Use ${instead}.`, { code: 'invalid_request' });
      },
      set(value) {
        Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
      },
    });
  }
}

module.exports = { OTHER_NAMES, refuseOtherNames };
