'use strict';

const { EventEmitter } = require('node:events');
const readline = require('node:readline');

const INTERRUPT = '\u0003';
/** What a terminal sends around pasted text, and how it is told to do so and to stop. */
const PASTE = { start: '\u001b[200~', end: '\u001b[201~', on: '\u001b[?2004h', off: '\u001b[?2004l' };
/** The end of a chunk that may be the first half of one of the two marks. */
const HALF_MARK = /\u001b\[2(0[01]?)?$/;
const CONTINUATION = '… ';

/**
 * Reads what a user types into a terminal, line by line, with Node's editor of lines. What is typed while no line is read waits
 * for the next line; only Ctrl-C is seen at once.
 */
class Keyboard {
  #stdin;
  #stdout;
  #lines;
  #screen;
  /** What the editor reads: it is given the keys one line at a time. */
  #keys = new EventEmitter();
  #held = '';
  #isPasting = false;
  #parts = [];
  #prompt = '';
  #resolve = null;
  #isClosed = false;
  /** The controllers of what Ctrl-C ends. */
  #works = new Set();
  /** Whether Ctrl-C was typed since the last line: it may come before what it ends has begun. */
  #isInterrupted = false;
  #onResize = () => this.#resolve && this.#screen.emit('resize');
  #onData = (text) => this.#take(text);
  #onEnd = () => this.#lines.close();

  /**
   * @param {object} streams
   * @param {NodeJS.ReadStream} streams.stdin @param {NodeJS.WriteStream} streams.stdout
   * @param {import('./history.js').History} history
   * @param {(line: string) => Promise<[string[], string]>} complete returns what may take the place of the end of a line, and that end
   */
  constructor({ stdin, stdout }, history, complete) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    const keys = this.#keys;
    Object.assign(keys, { resume: () => keys, pause: () => keys, setRawMode: (isOn) => stdin.setRawMode(isOn) });
    // The editor draws its line again when the terminal changes its size. It must not do so into an answer.
    this.#screen = Object.defineProperties(new EventEmitter(), {
      write: { value: (...given) => stdout.write(...given) },
      columns: { get: () => stdout.columns },
    });
    this.#lines = readline.createInterface({
      input: keys,
      output: this.#screen,
      terminal: true,
      history: history.lines,
      historySize: history.size,
      removeHistoryDuplicates: true,
      completer: (line, done) => { complete(line).then((found) => done(null, found), () => done(null, [[], line])); },
    });
    this.#lines.on('line', (line) => this.#onLine(line));
    this.#lines.on('history', ([newest]) => history.add(newest));
    this.#lines.on('SIGINT', () => this.#onInterrupt());
    this.#lines.on('close', () => {
      this.#isClosed = true;
      this.#resolve?.(null);
    });
    stdout.on('resize', this.#onResize);
    stdin.setEncoding('utf8').on('data', this.#onData).on('end', this.#onEnd);
    stdout.write(PASTE.on);
    process.once('exit', () => this.close());
  }

  /**
   * Reads a line. A backslash at its end, or a paste, makes it go on: line ends stay in the text.
   * @param {string} prompt
   * @returns {Promise<string | null>} null if the user leaves, by Ctrl-D or by Ctrl-C on an empty line
   */
  async line(prompt) {
    if (this.#isClosed) return null;
    this.#isInterrupted = false;
    const line = await new Promise((resolve) => {
      this.#resolve = resolve;
      this.#show(prompt);
      this.#pass();
    });
    this.#resolve = null;
    return line;
  }

  /**
   * Does something that Ctrl-C ends.
   * @template T @param {(signal: AbortSignal) => Promise<T>} work @returns {Promise<T>}
   */
  async during(work) {
    const controller = new AbortController();
    if (this.#isInterrupted) controller.abort();
    this.#works.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#works.delete(controller);
    }
  }

  /** Gives the terminal back as it was. */
  close() {
    if (this.#stdin === null) return;
    this.#stdout.write(PASTE.off);
    this.#stdout.off('resize', this.#onResize);
    this.#stdin.off('data', this.#onData).off('end', this.#onEnd).pause();
    this.#stdin = null;
    this.#lines.close();
  }

  #take(text) {
    this.#held += text;
    this.#pass();
    const at = this.#resolve === null ? this.#held.lastIndexOf(INTERRUPT) : -1;
    if (at < 0) return;
    // What was typed before was meant for what is now stopped.
    this.#held = this.#held.slice(at + 1);
    this.#isInterrupted = true;
    for (const work of this.#works) work.abort();
  }

  /** Passes the held keys to the editor, up to the end of a line that is waited for. */
  #pass() {
    while (this.#resolve !== null && !this.#isClosed && this.#held !== '' && !HALF_MARK.test(this.#held)) {
      const mark = this.#isPasting ? PASTE.end : PASTE.start;
      const atMark = this.#held.indexOf(mark);
      const enter = /\r\n?|\n/.exec(this.#held);
      if (atMark >= 0 && (enter === null || atMark < enter.index)) {
        this.#give(this.#held.slice(0, atMark));
        this.#held = this.#held.slice(atMark + mark.length);
        this.#isPasting = !this.#isPasting;
        continue;
      }
      const end = enter === null ? this.#held.length : enter.index;
      const text = this.#held.slice(0, end);
      this.#held = this.#held.slice(end + (enter?.[0].length ?? 0));
      this.#give(text);
      if (enter !== null) this.#give('\r');
    }
  }

  #give(text) {
    // A tab that was pasted is a tab: the editor completes a tab only if it comes alone.
    if (text !== '') this.#keys.emit('data', this.#isPasting && text === '\t' ? '    ' : text);
  }

  #onLine(line) {
    const goesOn = this.#isPasting || line.endsWith('\\');
    this.#parts.push(goesOn && !this.#isPasting ? line.slice(0, -1) : line);
    if (goesOn) {
      this.#show(CONTINUATION);
      return;
    }
    this.#resolve?.(this.#parts.join('\n'));
    // No more keys are passed until the next line is waited for.
    this.#resolve = null;
    this.#parts = [];
  }

  #onInterrupt() {
    if (this.#lines.line === '' && this.#parts.length === 0) {
      this.#lines.close();
      return;
    }
    this.#parts = [];
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    this.#show(this.#prompt);
  }

  #show(prompt) {
    if (prompt !== CONTINUATION) this.#prompt = prompt;
    this.#lines.setPrompt(prompt);
    this.#lines.prompt();
  }
}

module.exports = { Keyboard };
