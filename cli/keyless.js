'use strict';

/** Passed as the key, because the client requires one. It is never sent: the client below has no `Authorization` header. */
const PLACEHOLDER = 'none';

/**
 * Makes a client for public endpoints, such as the model list. It needs no key and sends none.
 * @param {{ options: object }} service
 * @param {object} [more] options of the client
 */
function keyless({ options }, more) {
  const { OpenRouterClient } = require('..');
  return new OpenRouterClient(PLACEHOLDER, { ...options, ...more, headers: { Authorization: null } });
}

module.exports = { keyless };
