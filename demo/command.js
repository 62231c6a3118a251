'use strict';

const { parseArgs } = require('node:util');

const USAGE = `Usage: npm run demo -- [--model ID] [PROMPT…]

  --model ID   the model to ask; openrouter/auto by default, which lets OpenRouter choose
  PROMPT       what to ask it

Environment: OPENROUTER_API_KEY (without it the emulator answers),
OPENROUTER_BASE_URL, FORCE_COLOR, NO_COLOR`;

const DEFAULTS = { model: 'openrouter/auto', prompt: 'Why is the sky blue? Answer in three sentences.' };

/**
 * Parses the command line. All words that are not options form one prompt.
 * @param {string[]} args
 * @returns {{ model: string, prompt: string, help: boolean }}
 */
function readCommand(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      model: { type: 'string', default: DEFAULTS.model },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return { ...values, prompt: positionals.join(' ').trim() || DEFAULTS.prompt };
}

module.exports = { USAGE, readCommand };
