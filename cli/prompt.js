'use strict';

const fs = require('node:fs');
const { text } = require('node:stream/consumers');

const STDIN = '-';

/**
 * Reads the prompt: the words of the command line, the text of stdin, or both.
 * @param {string[]} words @param {NodeJS.ReadStream} stdin
 */
async function readPrompt(words, stdin) {
  const said = words.filter((word) => word !== STDIN).join(' ');
  if (!readsStdin(words, stdin)) return said;
  const piped = (await text(stdin)).trimEnd();
  return [said, piped].filter((part) => part.trim() !== '').join('\n\n');
}

/**
 * Whether stdin is read. With words on the command line it is read only if it is a pipe or a file: a Node program that
 * starts this one with `spawn` gives it a socket as stdin, which it may leave open for ever.
 */
function readsStdin(words, stdin) {
  if (words.includes(STDIN)) return true;
  if (stdin.isTTY) return false;
  if (words.length === 0) return true;
  const kind = fs.fstatSync(stdin.fd);
  return kind.isFIFO() || kind.isFile();
}

module.exports = { readPrompt };
