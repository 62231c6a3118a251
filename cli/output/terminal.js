'use strict';

const { painter } = require('./colours.js');
const { oneLine, plain } = require('./plain.js');

/** The output of a command: the answer goes to stdout, messages about it to stderr. */
class Terminal {
  #out;
  #err;
  #paintError;
  /** Whether the text written last did not end with a line end. */
  #isOpen = false;

  /** @param {{ stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, env: NodeJS.ProcessEnv }} streams */
  constructor({ stdout, stderr, env }) {
    this.#out = stdout;
    this.#err = stderr;
    this.paint = painter(stdout, env);
    this.#paintError = painter(stderr, env);
  }

  /** Whether stdout is a terminal, rather than a file or a pipe. */
  get isWatched() {
    return Boolean(this.#out.isTTY);
  }

  /** The width of the terminal in columns. Infinite if stdout is not a terminal, so that nothing is cut. */
  get columns() {
    return this.#out.columns > 0 ? this.#out.columns : Infinity;
  }

  /** Writes a line of the answer. */
  say(line) {
    this.#out.write(`${line}\n`);
  }

  /** Writes a piece of the answer, for a terminal without control characters. Files and pipes get the exact text. */
  write(text) {
    if (text === '') return;
    this.#out.write(this.isWatched ? plain(text) : text);
    this.#isOpen = !text.endsWith('\n');
  }

  /** Ends the current line, if the last piece did not. */
  endLine() {
    if (this.#isOpen) this.#out.write('\n');
    this.#isOpen = false;
  }

  /** Writes the answer as JSON: on one line for a file or a pipe, indented for a terminal. */
  json(value) {
    const text = JSON.stringify(value, null, this.isWatched ? 2 : 0);
    // `JSON.stringify` does not escape these control characters, and a terminal would obey them.
    this.say(text.replace(/[\u007f-\u009f]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`));
  }

  /** Writes an optional message, if both stdout and stderr are terminals. */
  note(line) {
    if (!this.isWatched || !this.#err.isTTY) return;
    this.endLine();
    this.#err.write(`${this.#paintError('dim', oneLine(line))}\n`);
  }

  /** Writes a warning to stderr. */
  warn(line) {
    this.#complain('yellow', 'warning:', line);
  }

  /** Writes an error to stderr, in one line. */
  fail(line) {
    this.#complain('red', 'error:', line);
  }

  #complain(colour, word, line) {
    this.endLine();
    this.#err.write(`${this.#paintError(colour, word)} ${oneLine(line)}\n`);
  }
}

module.exports = { Terminal };
