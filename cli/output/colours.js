'use strict';

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/**
 * Returns a function that colours text for a stream. It returns the text unchanged if the stream should have no colours.
 * @param {NodeJS.WriteStream} stream @param {NodeJS.ProcessEnv} env
 * @returns {(colour: keyof CODES, text: string) => string}
 */
function painter(stream, env) {
  if (!takesColours(stream, env)) return (_colour, text) => text;
  return (colour, text) => `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}

/** NO_COLOR turns colours off, whatever else is set. FORCE_COLOR turns them on, also where the stream is not a terminal. */
function takesColours(stream, env) {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return Boolean(stream.isTTY) && env.TERM !== 'dumb';
}

module.exports = { painter };
