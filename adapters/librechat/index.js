'use strict';

const { configureAgents } = require('./agents.js');
const { createOpenRouterClient } = require('./client.js');
const { createOpenRouterService } = require('./service.js');
const { createUsageRecorder } = require('./usage-recorder.js');

// One literal assignment per name: for `import { … }` Node finds the exports of a CommonJS module by reading its source.
module.exports.createOpenRouterClient = createOpenRouterClient;
module.exports.createOpenRouterService = createOpenRouterService;
module.exports.configureAgents = configureAgents;
module.exports.createUsageRecorder = createUsageRecorder;
