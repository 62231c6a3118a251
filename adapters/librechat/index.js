'use strict';

const { configureAgents } = require('./agents.js');
const { createOpenRouterClient } = require('./client.js');
const { createOpenRouterService } = require('./service.js');

// One literal line a name: Node finds these for `import { … }` by reading the text.
module.exports.createOpenRouterClient = createOpenRouterClient;
module.exports.createOpenRouterService = createOpenRouterService;
module.exports.configureAgents = configureAgents;
