'use strict';

/**
 * The method of a client that sends a request to any endpoint. The modules of `lib/api` call it; its name is a symbol, so that it
 * is no part of the interface.
 */
const SEND = Symbol('openrouter-native.send');

/**
 * The method of a client and of a `fetch` by which the adapters begin to open a connection, without waiting for it and without ever
 * failing.
 */
const PREWARM = Symbol('openrouter-native.prewarm');

module.exports = { PREWARM, SEND };
