'use strict';

const { LIBRECHAT_NAMES, OptionNames } = require('../../lib/options.js');

/** The parts of LibreChat that `createOpenRouterClient` takes. */
const PARTS = new OptionNames('createOpenRouterClient', [
  'BaseClient', 'EModelEndpoint', 'completionShape', 'countTokens', 'encodeAndFormat', 'formatMessage', 'getResponseSender', 'logger',
  'modelMarker', 'sanitizeError', 'spendTokens', 'titleInstruction', 'truncateText',
]);

/** The privacy settings, for which a misspelt name is an error. */
const FLOORS = ['zdr', 'dataCollection'];
/** The unknown names of which a warning was logged. Their number is limited, because an application may make up names. */
const warned = new Set();
const MAX_WARNED = 1000;

/**
 * Checks the names of the options of LibreChat's client. LibreChat's versions and forks pass options of their own, so an unknown
 * one leads to a warning, once in the life of the process. One that resembles a privacy setting throws, because the user would
 * believe in a protection that no request has.
 */
function checkOptions(options, logger, caller) {
  for (const name of LIBRECHAT_NAMES.unknownIn(options)) {
    if (warned.has(name)) continue;
    const error = LIBRECHAT_NAMES.errorOf(name, caller);
    if (FLOORS.includes(LIBRECHAT_NAMES.likely(name))) throw error;
    if (warned.size < MAX_WARNED) warned.add(name);
    logger?.warn?.(`[OpenRouterClient] ${error.message} It has no effect.`);
  }
}

module.exports = { PARTS, checkOptions };
