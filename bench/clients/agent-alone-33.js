'use strict';

module.exports = require('./agent-alone.js');
