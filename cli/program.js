'use strict';

const { Command } = require('commander');

const { version } = require('../package.json');
const { addChat } = require('./commands/chat.js');
const { addCredits } = require('./commands/credits.js');
const { addDoctor } = require('./commands/doctor.js');
const { addEmulator } = require('./commands/emulator.js');
const { addModels } = require('./commands/models.js');

const EXAMPLES = `
Examples:
  $ openrouter-native chat "Why is the sky blue?"
  $ git diff | openrouter-native chat "Write a commit message for this"
  $ openrouter-native models --search "claude vision" --sort price
  $ openrouter-native doctor
  $ openrouter-native chat --emulator "Hello"      no key is needed

Environment: OPENROUTER_API_KEY, OPENROUTER_BASE_URL, HTTPS_PROXY and its kin,
NO_COLOR, FORCE_COLOR.
Exit status: 0 all is well, 1 it failed, 2 called wrongly, 130 stopped by Ctrl-C.`;

/**
 * The command with its subcommands. It never ends the process: what ends it is thrown. Each subcommand loads the addon when
 * it needs it, not before: the help, the emulator and the doctor work where there is none.
 * @param {{ terminal: object, env: NodeJS.ProcessEnv, stdin: NodeJS.ReadStream, exitCode?: number }} about
 */
function makeProgram(about) {
  const program = new Command('openrouter-native')
    .description('Chats, models and credits of OpenRouter, in a terminal or a script.')
    .version(version)
    // Set before there are subcommands: each takes these over when it is made.
    .exitOverride()
    .showHelpAfterError('(--help explains)')
    .addHelpText('after', EXAMPLES);
  for (const add of [addChat, addModels, addCredits, addDoctor, addEmulator]) add(program, about);
  return program;
}

module.exports = { makeProgram };
