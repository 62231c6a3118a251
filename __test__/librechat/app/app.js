'use strict';

const path = require('node:path');

const db = require('./shared/database.js');
const { lines } = require('./shared/logger.js');
const { disposeClient } = require('./shared/server/cleanup.js');

const MODEL = 'openai/gpt-5-mini';
let users = 0;

/**
 * Starts the LibreChat application of one version, which sends its requests to `api` (any object with a `baseURL`).
 * @param {'old' | 'new'} version
 */
function startApp(version, api) {
  const { initializeClient } = require(path.join(__dirname, version, 'server', 'initialize.js'));
  const { OpenRouterClient } = require(path.join(__dirname, version, 'app', 'clients'));
  return {
    OpenRouterClient,
    disposeClient,
    db,
    /** The lines that the application has logged. */
    logs: lines,
    /** Creates the client for a request of `user`, as a controller does. */
    clientFor(user, modelOptions = {}, endpointOption = {}) {
      const req = { key: user.key, user: { id: user.id }, body: {} };
      return initializeClient({ req, res: {}, baseURL: api.baseURL, endpointOption: { ...endpointOption, modelOptions: { model: MODEL, ...modelOptions } } }).client;
    },
    /** A user with a new key, because the process keeps its caches per key. */
    newUser(kind = 'limit') {
      users += 1;
      return { id: `user-${users}`, key: `sk-or-v1-${kind}-librechat-${version}-${process.pid}-${users}` };
    },
    reset() {
      db.clear();
      lines.length = 0;
    },
  };
}

module.exports.MODEL = MODEL;
module.exports.startApp = startApp;
