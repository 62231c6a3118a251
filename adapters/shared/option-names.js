'use strict';

// The names of the client's options, from the list in `src/config/options.rs`. An adapter passes on every option that it
// does not set itself.
const { CLIENT_OPTIONS, FETCH_OPTIONS } = require('../../lib/options.js');

/** Returns the names of the options of a client, without those that an adapter sets itself. */
function clientOptionsExcept(...own) {
  return CLIENT_OPTIONS.filter((name) => !own.includes(name));
}

module.exports = { FETCH_OPTIONS, clientOptionsExcept };
