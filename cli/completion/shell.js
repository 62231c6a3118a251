'use strict';

/** Returns a text as a word in quotes, as bash and zsh read it. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Returns the lines of a `case` that sets `variable` to the answer for each word. */
function cases(pairs, variable) {
  return pairs.map(([word, answer]) => `      ${quoted(word)}) ${variable}=${quoted(answer)} ;;`).join('\n');
}

module.exports = { cases, quoted };
