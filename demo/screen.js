'use strict';

const { painter } = require('../cli/output/colours.js');
const { plain } = require('../cli/output/plain.js');
const { widthOf } = require('../cli/output/width.js');

const INDENT = '  ';
const LABEL_WIDTH = 12;
/** Longer lines are hard to read, however wide the terminal is. */
const TEXT_WIDTH = 100;

/** Where the demo writes to: headings, lines, facts and text that comes in pieces. */
class Screen {
  #stream;
  #headings = 0;
  /** Columns that the pieces of the current line take; 0 is no such line. */
  #column = 0;

  /** @param {NodeJS.WriteStream} stream @param {NodeJS.ProcessEnv} [env] */
  constructor(stream, env = process.env) {
    this.#stream = stream;
    /** `text` in a colour, or as it is where colours are not wanted. */
    this.paint = painter(stream, env);
  }

  /** Columns that a line may take. Where there is no terminal nothing has to fit. */
  get columns() {
    return this.#stream.columns > 0 ? this.#stream.columns - INDENT.length : Infinity;
  }

  get #textWidth() {
    return this.columns === Infinity ? Infinity : Math.min(this.columns, TEXT_WIDTH);
  }

  /** A title with its number, after an empty line. */
  heading(title) {
    this.#headings += 1;
    const text = `${this.#headings}. ${title}`;
    this.#line('');
    this.#line(this.paint('bold', this.paint('cyan', text)));
  }

  say(line = '') {
    this.#line(line.replace(/^(?=.)/gm, INDENT));
  }

  /** One line that says what `name` is. */
  fact(name, value) {
    this.say(`${this.paint('dim', name.padEnd(LABEL_WIDTH))} ${value}`);
  }

  /** A piece of text, as soon as it is there. In a terminal its lines break between words. */
  write(text) {
    for (const [piece] of plain(text).matchAll(/\n|[^\S\n]+|\S+/g)) {
      if (piece === '\n') {
        this.#stream.write('\n');
        this.#column = 0;
      } else {
        this.#writeWord(piece);
      }
    }
  }

  /** Ends the line that pieces were written to, if there is one. */
  endLine() {
    if (this.#column === 0) return;
    this.#column = 0;
    this.#stream.write('\n');
  }

  #writeWord(word) {
    const width = widthOf(word);
    const isSpace = word.trim() === '';
    if (this.#column + width > this.#textWidth) {
      this.endLine();
      if (isSpace) return;
    }
    if (this.#column === 0 && !isSpace) this.#stream.write(INDENT);
    this.#stream.write(word);
    this.#column += width;
  }

  #line(text) {
    this.endLine();
    this.#stream.write(`${text}\n`);
  }
}

module.exports = { Screen };
