'use strict';

// The names of the client's options, from the one list in `src/config/options.rs`. An adapter passes on those that it does not
// set itself.
const { CLIENT_OPTIONS, FETCH_OPTIONS } = require('../../lib/options.js');

/** The options of a client, without those that an adapter sets itself. */
function clientOptionsExcept(...own) {
  return CLIENT_OPTIONS.filter((name) => !own.includes(name));
}

module.exports = { FETCH_OPTIONS, clientOptionsExcept };
