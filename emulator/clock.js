'use strict';

// Node's own timers and clock: the fake ones of a test would stop the emulator.
const { after, now, setImmediate } = require('../lib/util/timers');

/** Resolves in the next turn of the event loop. */
function nextTurn() {
  return new Promise((resolve) => { setImmediate(resolve); });
}

module.exports = { after, nextTurn, now };
