'use strict';

const { Command } = require('commander');

const { version } = require('../package.json');
const { addChat } = require('./commands/chat.js');
const { addCompletion } = require('./commands/completion.js');
const { addCredits } = require('./commands/credits.js');
const { addDoctor } = require('./commands/doctor.js');
const { addEmulator } = require('./commands/emulator.js');
const { addGeneration } = require('./commands/generation.js');
const { addKeys } = require('./commands/keys.js');
const { addLogin, addLogout } = require('./commands/login.js');
const { addModels } = require('./commands/models.js');
const { addPlayground } = require('./commands/playground.js');

const EXAMPLES = `
Examples:
  $ openrouter-native login --save
  $ openrouter-native chat "Why is the sky blue?"
  $ git diff | openrouter-native chat "Write a commit message for this"
  $ openrouter-native models --search "claude vision" --sort price
  $ openrouter-native doctor
  $ openrouter-native chat --emulator "Hello"      no key is needed

Environment: OPENROUTER_API_KEY, OPENROUTER_BASE_URL, HTTPS_PROXY and the other
proxy variables, NO_COLOR, FORCE_COLOR.
Exit status: 0 success, 1 failure, 2 wrong usage, 130 stopped by Ctrl-C.`;

/**
 * Makes the command with its subcommands. It throws a `CommanderError` where commander would end the process. Each
 * subcommand loads the addon only when it needs it, so that the help, the emulator and the doctor work without a binary.
 * @param {{ terminal: object, env: NodeJS.ProcessEnv, stdin: NodeJS.ReadStream, exitCode?: number }} context
 */
function makeProgram(context) {
  const program = new Command('openrouter-native')
    .description('Chats, models and credits of OpenRouter, in a terminal or a script.')
    .version(version)
    // Set before the subcommands are added, because each copies these settings when it is made.
    .exitOverride()
    // In one line, like every error.
    .configureOutput({ outputError: (text) => context.terminal.fail(`${text.replace(/^error: /, '').trimEnd()} (--help has the usage)`) })
    .addHelpText('after', EXAMPLES);
  const commands = [addChat, addModels, addCredits, addGeneration, addKeys, addLogin, addLogout, addDoctor, addPlayground, addEmulator, addCompletion];
  for (const add of commands) add(program, context);
  return program;
}

module.exports = { makeProgram };
