'use strict';

const path = require('node:path');

const db = require('./shared/database.js');
const { lines } = require('./shared/logger.js');
const { disposeClient } = require('./shared/server/cleanup.js');

const MODEL = 'openai/gpt-5-mini';
let users = 0;

/**
 * A LibreChat of an age, talking to `api` (anything with a `baseURL`).
 * @param {'old' | 'new'} age
 */
function startApp(age, api) {
  const { initializeClient } = require(path.join(__dirname, age, 'server', 'initialize.js'));
  const { OpenRouterClient } = require(path.join(__dirname, age, 'app', 'clients'));
  return {
    OpenRouterClient,
    disposeClient,
    db,
    /** The lines the application's logger got. */
    logs: lines,
    /** A client for a request of `user`, as a controller gets it. */
    clientFor(user, modelOptions = {}, endpointOption = {}) {
      const req = { key: user.key, user: { id: user.id }, body: {} };
      return initializeClient({ req, res: {}, baseURL: api.baseURL, endpointOption: { ...endpointOption, modelOptions: { model: MODEL, ...modelOptions } } }).client;
    },
    /** A user with a key of their own: what the process remembers is remembered by key. */
    newUser(kind = 'limit') {
      users += 1;
      return { id: `user-${users}`, key: `sk-or-v1-${kind}-librechat-${age}-${process.pid}-${users}` };
    },
    reset() {
      db.clear();
      lines.length = 0;
    },
  };
}

module.exports.MODEL = MODEL;
module.exports.startApp = startApp;
