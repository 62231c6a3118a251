'use strict';

const { painter } = require('../cli/output/colours.js');
const { plain } = require('../cli/output/plain.js');
const { widthOf } = require('../cli/output/width.js');

const INDENT = '  ';
const LABEL_WIDTH = 12;
/** The maximum width of running text, because longer lines are hard to read. */
const TEXT_WIDTH = 100;

/** The output of the demo: headings, lines, facts, and text that arrives in pieces. */
class Screen {
  #stream;
  #headings = 0;
  /** The width of the pieces on the current line, in columns; 0 if there are none. */
  #column = 0;

  /** @param {NodeJS.WriteStream} stream @param {NodeJS.ProcessEnv} [env] */
  constructor(stream, env = process.env) {
    this.#stream = stream;
    /** Colours a text, see `painter`. */
    this.paint = painter(stream, env);
  }

  /** The width of the terminal without the indent. Infinite if the stream is not a terminal, so that nothing is cut. */
  get columns() {
    return this.#stream.columns > 0 ? this.#stream.columns - INDENT.length : Infinity;
  }

  get #textWidth() {
    return this.columns === Infinity ? Infinity : Math.min(this.columns, TEXT_WIDTH);
  }

  /** Writes a numbered title, after an empty line. */
  heading(title) {
    this.#headings += 1;
    const text = `${this.#headings}. ${title}`;
    this.#line('');
    this.#line(this.paint('bold', this.paint('cyan', text)));
  }

  say(line = '') {
    this.#line(line.replace(/^(?=.)/gm, INDENT));
  }

  /** Writes a line with a name and its value. */
  fact(name, value) {
    this.say(`${this.paint('dim', name.padEnd(LABEL_WIDTH))} ${value}`);
  }

  /** Writes a piece of text at once. In a terminal, lines break between words. */
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

  /** Ends the current line, if there are pieces on it. */
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
