'use strict';

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/**
 * What paints text for a stream, or gives it back as it is where colours are not wanted.
 * @param {NodeJS.WriteStream} stream @param {NodeJS.ProcessEnv} env
 * @returns {(colour: keyof CODES, text: string) => string}
 */
function painter(stream, env) {
  if (!takesColours(stream, env)) return (_colour, text) => text;
  return (colour, text) => `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}

/** NO_COLOR is a no whoever else says yes; FORCE_COLOR is a yes for what is not a terminal. */
function takesColours(stream, env) {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return Boolean(stream.isTTY) && env.TERM !== 'dumb';
}

module.exports = { painter };
