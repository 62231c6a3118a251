'use strict';

const { Argument } = require('commander');

const MORE = `
Completes commands, options, their choices, and files. Models are completed from the
list that \`openrouter-native models\` printed last. After an update of the package,
print the script again.

Examples:
  $ cd ~/.local/share/bash-completion/completions
  $ openrouter-native completion bash > openrouter-native
  $ openrouter-native completion zsh > "\${fpath[1]}/_openrouter-native"
  $ openrouter-native completion fish > ~/.config/fish/completions/openrouter-native.fish
  $ source <(openrouter-native completion bash)      # this shell only`;

const SHELLS = ['bash', 'zsh', 'fish'];

function addCompletion(program, { terminal }) {
  return program
    .command('completion')
    .summary('print a completion script for bash, zsh or fish')
    .description('Prints a script that completes this command in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', MORE)
    .action((shell) => {
      const { describe } = require('../completion/tree.js');
      const { [shell]: script } = require(`../completion/${shell}.js`);
      terminal.say(script(describe(program)).trimEnd());
    });
}

module.exports = { addCompletion };
