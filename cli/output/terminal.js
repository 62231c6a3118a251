'use strict';

const { painter } = require('./colours.js');
const { oneLine, plain } = require('./plain.js');

/** Where a command writes to: the answer goes to stdout, everything about it to stderr. */
class Terminal {
  #out;
  #err;
  #paintError;
  /** Whether the last piece of text left its line open. */
  #isOpen = false;

  /** @param {{ stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, env: NodeJS.ProcessEnv }} streams */
  constructor({ stdout, stderr, env }) {
    this.#out = stdout;
    this.#err = stderr;
    this.paint = painter(stdout, env);
    this.#paintError = painter(stderr, env);
  }

  /** Whether somebody looks at the answer; else it goes to a file or another program. */
  get isWatched() {
    return Boolean(this.#out.isTTY);
  }

  /** Columns that a line may take. Where nobody looks nothing has to fit. */
  get columns() {
    return this.#out.columns > 0 ? this.#out.columns : Infinity;
  }

  /** A line of the answer. */
  say(line) {
    this.#out.write(`${line}\n`);
  }

  /** A piece of the answer, as soon as it is there. What goes elsewhere than to a terminal goes as it is. */
  write(text) {
    if (text === '') return;
    this.#out.write(this.isWatched ? plain(text) : text);
    this.#isOpen = !text.endsWith('\n');
  }

  /** Ends the line that a piece left open. */
  endLine() {
    if (this.#isOpen) this.#out.write('\n');
    this.#isOpen = false;
  }

  /** The answer as JSON: in one line for a program, indented for a reader. */
  json(value) {
    const text = JSON.stringify(value, null, this.isWatched ? 2 : 0);
    // JSON leaves these as they are, and a terminal obeys them.
    this.say(text.replace(/[\u007f-\u009f]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`));
  }

  /** Something nice to know: told only to who looks at both. */
  note(line) {
    if (!this.isWatched || !this.#err.isTTY) return;
    this.endLine();
    this.#err.write(`${this.#paintError('dim', oneLine(line))}\n`);
  }

  /** Something that must not be missed. */
  warn(line) {
    this.#complain('yellow', 'warning:', line);
  }

  /** Why it failed, and what to do, in one line. */
  fail(line) {
    this.#complain('red', 'error:', line);
  }

  #complain(colour, word, line) {
    this.endLine();
    this.#err.write(`${this.#paintError(colour, word)} ${oneLine(line)}\n`);
  }
}

module.exports = { Terminal };
