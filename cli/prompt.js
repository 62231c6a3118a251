'use strict';

const fs = require('node:fs');
const { text } = require('node:stream/consumers');

const STDIN = '-';

/**
 * The prompt: the words, what stdin has, or both.
 * @param {string[]} words @param {NodeJS.ReadStream} stdin
 */
async function readPrompt(words, stdin) {
  const said = words.filter((word) => word !== STDIN).join(' ');
  if (!readsStdin(words, stdin)) return said;
  const piped = (await text(stdin)).trimEnd();
  return [said, piped].filter((part) => part.trim() !== '').join('\n\n');
}

/**
 * Whether there is something to wait for. A program that starts this one with words may leave its end of stdin open for
 * ever: Node's `spawn` makes that a socket, where a shell's pipeline is a pipe.
 */
function readsStdin(words, stdin) {
  if (words.includes(STDIN)) return true;
  if (stdin.isTTY) return false;
  if (words.length === 0) return true;
  const kind = fs.fstatSync(stdin.fd);
  return kind.isFIFO() || kind.isFile();
}

module.exports = { readPrompt };
