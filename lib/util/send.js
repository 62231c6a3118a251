'use strict';

/**
 * The method of a client that sends a request to any endpoint. The modules of `lib/api` call it; its name is a symbol, so that it
 * is no part of the interface.
 */
const SEND = Symbol('openrouter-native.send');

module.exports = { SEND };
