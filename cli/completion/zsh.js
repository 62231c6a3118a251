'use strict';

const { cases, quoted } = require('./shell.js');
const { MODELS_FILE, NAME, rulesOf } = require('./tree.js');

/** An entry for `_describe`: the name and what it is, with a colon between them. */
const entry = ({ name, about }) => quoted(`${name.replaceAll(':', '\\:')}:${about}`);

/** Returns the lines of a `case` that sets `list` to the entries of each command. */
function lists(commands, entriesOf) {
  return commands.map((command) => `        ${quoted(command.at)}) list=(${entriesOf(command).map(entry).join(' ')}) ;;`).join('\n');
}

/** Returns a completion script for zsh: a file for `fpath`, which can also be sourced. */
function zsh(commands) {
  const { enters, takes } = rulesOf(commands);
  return `#compdef ${NAME}
# Completes ${NAME} in zsh.
_${NAME}() {
  local at='' takes='' word
  local -a list
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $takes ]]; then takes=''; continue; fi
    case "$at|$word" in
${cases(enters, 'at')}
${cases(takes, 'takes')}
    esac
  done
  if [[ -z $takes && $PREFIX == --*=* ]]; then
    case "$at|\${PREFIX%%=*}" in
${cases(takes, 'takes')}
    esac
    [[ -n $takes ]] || return 1
    compset -P '*='
  fi
  case "$takes" in
    file) _files ;;
    folder) _files -/ ;;
    model) compadd -- \${(f)"$(cat "${MODELS_FILE}" 2> /dev/null)"} ;;
    models) compset -P '*,'; compadd -S '' -- \${(f)"$(cat "${MODELS_FILE}" 2> /dev/null)"} ;;
    choice*) compadd -- \${=takes#choice} ;;
    '')
      if [[ $PREFIX == -* ]]; then
        case "$at" in
${lists(commands, ({ options }) => options.flatMap(({ names, about }) => names.map((name) => ({ name, about }))))}
        esac
        _describe -o option list
      else
        case "$at" in
${lists(commands, ({ words }) => words)}
        esac
        _describe command list
      fi ;;
    *) return 1 ;;
  esac
}
if [[ $funcstack[1] == _${NAME} ]]; then _${NAME} "$@"; else compdef _${NAME} ${NAME}; fi
`;
}

module.exports = { zsh };
