'use strict';

const fs = require('node:fs');

const { formatOf, textOf } = require('./chat/formats.js');
const { LIMIT, MIB, STDIN, readAll } = require('./chat/input.js');
const { UsageError } = require('./usage.js');

/**
 * Reads the prompt: the words of the command line, the text of stdin, or both.
 * @param {string[]} words @param {NodeJS.ReadStream} stdin
 * @param {{ file?: string[], image?: string[] }} [options] if they name stdin as a file, it is no part of the prompt
 */
async function readPrompt(words, stdin, { file = [], image = [] } = {}) {
  const said = words.filter((word) => word !== STDIN).join(' ');
  if ([...file, ...image].includes(STDIN) || !readsStdin(words, stdin)) return said;
  const bytes = await readAll(stdin, LIMIT);
  if (bytes === null) throw new UsageError(`The prompt on stdin has more than ${LIMIT / MIB} MiB.`);
  const piped = formatOf(bytes) === undefined ? textOf(bytes) : undefined;
  if (piped === undefined) throw new UsageError('Stdin is no text. Pass it as a file: --file -');
  return [said, piped.trimEnd()].filter((part) => part.trim() !== '').join('\n\n');
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
