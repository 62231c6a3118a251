'use strict';

/** The addon. Loading it starts nothing: no thread, timer or socket until the first request. */
module.exports = require('../native/index.js');
