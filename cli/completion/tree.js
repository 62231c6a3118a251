'use strict';

/** The name of the command that the scripts complete. */
const NAME = 'openrouter-native';

/** What the value of an option is, by the name of its placeholder in the help, such as `<path>`. */
const KINDS = { path: 'file', file: 'file', program: 'file', folder: 'folder', dir: 'folder' };
/** The options whose value is a model or a list of models. The help calls their values `<id>` and `<ids>`. */
const MODELS = { '--model': 'model', '--models': 'models' };

/**
 * Describes the command and its subcommands, for a script that completes them.
 * @param {import('commander').Command} program
 * @returns {{
 *   at: string,
 *   words: { name: string, about: string }[],
 *   options: { names: string[], about: string, value: null | { kind: string, choices: string[] } }[],
 * }[]} one entry per command. `at` is its path, such as `/keys/create`; `words` are its subcommands, or the values of its argument
 */
function describe(program) {
  const help = program.createHelp();
  const visit = (command, at) => {
    const subcommands = help.visibleCommands(command);
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    const named = subcommands.map((one) => ({ name: one.name(), about: help.subcommandDescription(one) }));
    const words = [...named, ...choices.map((name) => ({ name, about: '' }))];
    const options = help.visibleOptions(command).map((option) => ({
      names: [option.short, option.long].filter(Boolean),
      about: option.description,
      value: valueOf(option),
    }));
    const below = subcommands.flatMap((one) => visit(one, `${at}/${one.name()}`));
    // The argument of `help` is a command beside it.
    for (const one of below) if (one.at === `${at}/help`) one.words = named.filter(({ name }) => name !== 'help');
    return [{ at, words, options }, ...below];
  };
  return visit(program, '');
}

/** Returns what an option takes as its value, or null if it takes none. */
function valueOf({ required, optional, argChoices, long, flags }) {
  if (argChoices) return { kind: 'choice', choices: argChoices };
  if (!required && !optional) return null;
  const [placeholder] = flags.match(/(?<=[<[])[\w-]+/) ?? [];
  return { kind: MODELS[long] ?? KINDS[placeholder] ?? 'text', choices: [] };
}

/**
 * Returns the two questions that a script asks about each word before the cursor, as pairs of `command|word` and the answer: which
 * subcommand begins with it, and what the next word is if it is an option with a value.
 */
function rulesOf(commands) {
  const known = new Set(commands.map(({ at }) => at));
  const enters = commands.flatMap(({ at, words }) =>
    words.map(({ name }) => [`${at}|${name}`, `${at}/${name}`]).filter(([, path]) => known.has(path)));
  const takes = commands.flatMap(({ at, options }) =>
    options.filter(({ value }) => value !== null)
      .flatMap(({ names, value }) => names.map((name) => [`${at}|${name}`, [value.kind, ...value.choices].join(' ')])));
  return { enters, takes };
}

/** Where the ids of the models are that the command listed last, in the words of a POSIX shell and of fish. See `places.js`. */
const MODELS_FILE = '${XDG_CACHE_HOME:-$HOME/.cache}/openrouter-native/models';

module.exports = { MODELS_FILE, NAME, describe, rulesOf };
