'use strict';

const { NAME, rulesOf } = require('./tree.js');

const quoted = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const cases = (pairs, variable) => pairs.map(([word, answer]) => `            case ${quoted(word)}\n                set ${variable} ${quoted(answer)}`).join('\n');
/** A candidate with what it is, as fish takes them: with a tab between them. */
const entry = ({ name, about }) => quoted(`${name}\t${about}`);

/** Returns the cases that print the candidates of each command. */
function lists(commands, entriesOf) {
  const filled = commands.filter((command) => entriesOf(command).length > 0);
  return filled.map((command) => `                case ${quoted(command.at)}\n                    printf '%s\\n' ${entriesOf(command).map(entry).join(' ')}`).join('\n');
}

/** Returns a completion script for fish 3 and later. */
function fish(commands) {
  const { enters, takes } = rulesOf(commands);
  return `# Completes ${NAME} in fish.
function __openrouter_native_models
    set -l folder $HOME/.cache
    set -q XDG_CACHE_HOME; and set folder $XDG_CACHE_HOME
    cat $folder/openrouter-native/models 2> /dev/null
end
function __openrouter_native_complete
    set -l at ''
    set -l takes ''
    set -l head ''
    set -l current (commandline -ct)
    set -l before (commandline -opc)
    set -e before[1]
    for word in $before
        if test -n "$takes"
            set takes ''
            continue
        end
        switch "$at|$word"
${cases(enters, 'at')}
${cases(takes, 'takes')}
        end
    end
    if test -z "$takes"; and string match -q -- '--*=*' "$current"
        set -l parts (string split -m 1 = -- "$current")
        switch "$at|$parts[1]"
${cases(takes, 'takes')}
            case '*'
                return
        end
        set head "$parts[1]="
        set current $parts[2]
    end
    switch "$takes"
        case file
            __fish_complete_path "$current" | string replace -r '^' -- "$head"
        case folder
            __fish_complete_directories "$current" '' | string replace -r '^' -- "$head"
        case model
            __openrouter_native_models | string replace -r '^' -- "$head"
        case models
            __openrouter_native_models | string replace -r '^' -- "$head"(string match -r '.*,' -- "$current")
        case 'choice*'
            string split ' ' -- (string replace 'choice ' '' -- $takes) | string replace -r '^' -- "$head"
        case ''
            if string match -q -- '-*' "$current"
                switch "$at"
${lists(commands, ({ options }) => options.flatMap(({ names, about }) => names.map((name) => ({ name, about }))))}
                end
            else
                switch "$at"
${lists(commands, ({ words }) => words)}
                end
            end
    end
end
complete -c ${NAME} -f -a '(__openrouter_native_complete)'
`;
}

module.exports = { fish };
