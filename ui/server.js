'use strict';

// What Node.js loads in place of the elements: a server that renders a page, or a test without a browser, can import the module,
// and finds every name. Elements themselves exist only in browsers.
function inBrowsersOnly(name) {
  return class {
    constructor() {
      throw new Error(`${name} exists in browsers only. On a server write its tag into the page.`);
    }
  };
}

module.exports.Answer = inBrowsersOnly('Answer');
module.exports.ApiError = class ApiError extends Error {};
module.exports.apiOf = () => {
  throw new Error('apiOf is for browsers only. On a server use an OpenRouterClient.');
};
module.exports.configure = () => {};
module.exports.setTexts = () => {};
module.exports.texts = Object.freeze({});
module.exports.OpenRouterChat = inBrowsersOnly('OpenRouterChat');
module.exports.OpenRouterCredits = inBrowsersOnly('OpenRouterCredits');
module.exports.OpenRouterElement = inBrowsersOnly('OpenRouterElement');
module.exports.OpenRouterFallbacks = inBrowsersOnly('OpenRouterFallbacks');
module.exports.OpenRouterMessage = inBrowsersOnly('OpenRouterMessage');
module.exports.OpenRouterModels = inBrowsersOnly('OpenRouterModels');
module.exports.OpenRouterProviders = inBrowsersOnly('OpenRouterProviders');
module.exports.OpenRouterToggles = inBrowsersOnly('OpenRouterToggles');
