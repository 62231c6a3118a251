'use strict';

/** The logged lines, for the tests. */
const lines = [];
const at = (level) => (...values) => { lines.push([level, ...values]); };

module.exports = { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
