'use strict';

const OpenRouterClient = require('./OpenRouterClient.js');

module.exports = { OpenRouterClient };
