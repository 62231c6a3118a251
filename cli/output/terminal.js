'use strict';

const { createInterface } = require('node:readline');

const { painter } = require('./colours.js');
const { oneLine, plain } = require('./plain.js');
const { cut } = require('./width.js');

/** Moves the cursor to the start of its line and erases the line. */
const ERASE = '\r\u001b[2K';
/** The width of a terminal that does not tell its width. */
const USUAL_COLUMNS = 80;

/**
 * The output of a command: the answer goes to stdout, messages about it to stderr. The status is a line of stderr that
 * the next text erases.
 */
class Terminal {
  #out;
  #err;
  #paintError;
  #canErase;
  #hasStatus = false;
  /** Whether the text written last to stdout, or to stderr, did not end with a line end. */
  #isOpen = { out: false, err: false };

  /** @param {{ stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, env: NodeJS.ProcessEnv }} streams */
  constructor({ stdout, stderr, env }) {
    this.#out = stdout;
    this.#err = stderr;
    this.paint = painter(stdout, env);
    this.#paintError = painter(stderr, env);
    // Log lines go to stderr, too, and would be written into the status.
    const isLogging = Boolean(env.DEBUG) || env.LOG_LEVEL === 'debug';
    this.#canErase = Boolean(stderr.isTTY) && env.TERM !== 'dumb' && !isLogging;
  }

  /** Whether stdout is a terminal, rather than a file or a pipe. */
  get isWatched() {
    return Boolean(this.#out.isTTY);
  }

  /** The width of the terminal in columns. Infinite if stdout is not a terminal, so that nothing is cut. */
  get columns() {
    return this.#out.columns > 0 ? this.#out.columns : Infinity;
  }

  /** Whether `status` shows anything: stderr is a terminal that can erase a line, and nothing else writes to it. */
  get showsStatus() {
    return this.#canErase;
  }

  /**
   * The columns that a status may take. The last column stays free: a terminal may go on to the next line after it is
   * filled.
   */
  get statusWidth() {
    return (this.#err.columns > 0 ? this.#err.columns : USUAL_COLUMNS) - 1;
  }

  /** Shows a line in place of the status before. Shows nothing in the middle of a line of the answer. */
  status(line) {
    if (!this.#canErase || this.#isOpen.err || (this.#isOpen.out && this.isWatched)) return;
    const shown = cut(oneLine(line), Math.max(0, this.statusWidth));
    this.#err.write(`${ERASE}${this.#paintError('dim', shown)}`);
    this.#hasStatus = true;
  }

  /** Erases the status, if there is one. */
  eraseStatus() {
    if (this.#hasStatus) this.#err.write(ERASE);
    this.#hasStatus = false;
  }

  /** Writes a line of the answer. */
  say(line) {
    this.#beginAnswer();
    this.#out.write(`${line}\n`);
  }

  /** Writes a piece of the answer, for a terminal without control characters. Files and pipes get the exact text. */
  write(text) {
    if (text === '') return;
    this.#beginAnswer();
    this.#out.write(this.isWatched ? plain(text) : text);
    this.#isOpen.out = !text.endsWith('\n');
  }

  /** Writes a piece of a text about the answer to stderr, dim. */
  aside(text) {
    const shown = plain(text);
    if (shown === '') return;
    this.eraseStatus();
    // An answer in a file or a pipe keeps its exact text.
    if (this.#isOpen.out && this.isWatched) this.endLine();
    this.#err.write(this.#paintError('dim', shown));
    this.#isOpen.err = !shown.endsWith('\n');
  }

  /** Ends the current line, if the last piece did not. */
  endLine() {
    this.eraseStatus();
    if (this.#isOpen.out) this.#out.write('\n');
    if (this.#isOpen.err) this.#err.write('\n');
    this.#isOpen = { out: false, err: false };
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

  /** Writes a message that the user needs to stderr, on as many lines as it has. */
  tell(text) {
    this.endLine();
    this.#err.write(`${plain(text)}\n`);
  }

  /** Asks a question on stderr. Resolves to whether the user typed yes; the end of the input is no. */
  async confirm(question, stdin) {
    const lines = createInterface({ input: stdin, output: this.#err, terminal: false });
    try {
      this.endLine();
      this.#err.write(`${oneLine(question)} [y/N] `);
      for await (const line of lines) return /^y(es)?$/i.test(line.trim());
      return false;
    } finally {
      lines.close();
    }
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

  #beginAnswer() {
    this.eraseStatus();
    if (this.#isOpen.err) this.#err.write('\n');
    this.#isOpen.err = false;
  }
}

module.exports = { Terminal };
