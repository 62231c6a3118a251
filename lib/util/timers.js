'use strict';

// Node's own timers and clock. They are taken when the package is loaded, because fake timers replace them, in `globalThis` and
// in `node:timers`, and would stop every stream. `bridge/hub.js` loads this file at once; files that are loaded later use it.

const { setImmediate } = require('node:timers');

const { now } = Date;

module.exports = { now, setImmediate };
