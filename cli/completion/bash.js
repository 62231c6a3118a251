'use strict';

const { cases, quoted } = require('./shell.js');
const { MODELS_FILE, NAME, rulesOf } = require('./tree.js');


/** Returns the lines of a `case` that sets `list` to names of each command. */
function lists(commands, namesOf) {
  return commands.map((command) => `        ${quoted(command.at)}) list=${quoted(namesOf(command).join(' '))} ;;`).join('\n');
}

/** Returns a completion script for bash 3.2 and later, which is that of macOS. */
function bash(commands) {
  const { enters, takes } = rulesOf(commands);
  return `# Completes ${NAME} in bash.
_openrouter_native() {
  local line="\${COMP_LINE:0:COMP_POINT}" at='' takes='' list='' head='' cur='' word
  local -a before
  # COMP_WORDS is not used: bash breaks a word such as --model=a/b:free into five.
  read -ra before <<< "$line"
  if [[ $line != *[[:space:]] && \${#before[@]} -gt 0 ]]; then
    cur="\${before[\${#before[@]}-1]}"
    unset "before[\${#before[@]}-1]"
  fi
  for word in "\${before[@]:1}"; do
    if [[ -n $takes ]]; then takes=''; continue; fi
    case "$at|$word" in
${cases(enters, 'at')}
${cases(takes, 'takes')}
    esac
  done
  if [[ -z $takes && $cur == --*=* ]]; then
    case "$at|\${cur%%=*}" in
${cases(takes, 'takes')}
    esac
    cur="\${cur#*=}"
    [[ -n $takes ]] || return
  fi
  COMPREPLY=()
  case "$takes" in
    file | folder)
      compopt -o filenames 2> /dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$([[ $takes == file ]] && echo -f || echo -d)" -- "$cur")
      return ;;
    model | models)
      [[ $takes == models ]] && head="\${cur%"\${cur##*,}"}"
      list="$(cat "${MODELS_FILE}" 2> /dev/null)" ;;
    choice*) list="\${takes#choice}" ;;
    '')
      if [[ $cur == -* ]]; then
        case "$at" in
${lists(commands, ({ options }) => options.flatMap(({ names }) => names))}
        esac
      else
        case "$at" in
${lists(commands, ({ words }) => words.map(({ name }) => name))}
        esac
      fi ;;
  esac
  # bash replaces only what follows the last colon, if colons break words.
  local broken=''
  [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && broken="\${cur%"\${cur##*:}"}"
  while IFS= read -r word; do
    [[ -n $word ]] && COMPREPLY+=("\${word#"$broken"}")
  done < <(compgen -P "$head" -W "$list" -- "\${cur#"$head"}")
}
complete -F _openrouter_native ${NAME}
`;
}

module.exports = { bash };
