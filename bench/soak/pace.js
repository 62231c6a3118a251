'use strict';

/** The pace of the honest streams: how many events each has, and the milliseconds between two of them. */
module.exports = { EVENTS: 40, GAP_MS: 50 };
