'use strict';

/** In the place of a key, which is then not sent. */
const NOBODY = 'none';

/**
 * A client for what the API tells everybody: it works without a key, and sends none.
 * @param {{ options: object }} service
 * @param {object} [more] options of the client
 */
function keyless({ options }, more) {
  const { OpenRouterClient } = require('..');
  return new OpenRouterClient(NOBODY, { ...options, ...more, headers: { Authorization: null } });
}

module.exports = { keyless };
