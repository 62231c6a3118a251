'use strict';

const { spendTokens } = require('../../../shared/database.js');
const { today: EModelEndpoint, getResponseSender } = require('../../../shared/data-provider.js');
const { encodeAndFormat } = require('../../../shared/images.js');
const logger = require('../../../shared/logger.js');
const prompts = require('../../../shared/prompts.js');
const { createOpenRouterClient } = require('openrouter-native/librechat');

const BaseClient = require('./BaseClient.js');

module.exports = createOpenRouterClient({ BaseClient, logger, EModelEndpoint, getResponseSender, encodeAndFormat, spendTokens, ...prompts });
