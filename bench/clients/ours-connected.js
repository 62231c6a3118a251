'use strict';

const { KEY } = require('../request.js');
const loadOurs = require('./ours.js');

/** This package, with a connection that is opened before the first chat. */
async function load() {
  const { OpenRouterClient } = require('../..');
  const open = await loadOurs();
  return (baseURL) => ({ ...open(baseURL), connect: () => new OpenRouterClient(KEY, { baseURL, maxRetries: 0 }).connect() });
}

module.exports = load;
