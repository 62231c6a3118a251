'use strict';

/** Keeps what it is told, as the tests ask for it. */
const lines = [];
const at = (level) => (...told) => { lines.push([level, ...told]); };

module.exports = { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
