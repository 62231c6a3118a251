'use strict';

const { after, now } = require('../../lib/util/timers.js');
const { oneLine } = require('./plain.js');
const { cutStart, widthOf } = require('./width.js');

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const SECOND_MS = 1000;
/** How much of a text that grows is kept: more than the widest terminal shows. */
const TAIL_CHARS = 2000;
/** A part of a text that is narrower than this says nothing. */
const LEAST_TAIL = 12;

/**
 * Shows on a terminal, in one line that is rewritten, what a command is waiting for: what it is doing, for how long, and
 * the end of a text that grows meanwhile. The next text of the terminal erases the line.
 */
class Signs {
  #terminal;
  #frame = 0;
  #label = '';
  #tail = '';
  #since = 0;
  /** The wait that is counted down, and the label after it: `{ until, then }`. */
  #wait = null;
  #forget = null;

  /** @param {import('./terminal.js').Terminal} terminal @param {boolean} [areWanted] if false, nothing is ever shown */
  constructor(terminal, areWanted = true) {
    this.#terminal = areWanted && terminal.showsStatus ? terminal : null;
  }

  /**
   * Shows what is being done from now on.
   * @param {string} label
   * @param {{ ms: number, then: string }} [wait] a wait of known length: the `%` of the label counts it down, and the label
   *   `then` follows
   */
  show(label, wait) {
    if (this.#terminal === null) return;
    this.#label = label;
    this.#tail = '';
    this.#since = now();
    this.#wait = wait === undefined ? null : { until: this.#since + wait.ms, then: wait.then };
    this.#draw();
  }

  /** Adds to the text whose end is shown. */
  grow(text) {
    if (this.#terminal !== null) this.#tail = (this.#tail + text).slice(-TAIL_CHARS);
  }

  /** Shows nothing from now on. */
  stop() {
    this.#forget?.();
    this.#forget = null;
    this.#terminal?.eraseStatus();
  }

  #draw() {
    this.#forget?.();
    this.#frame = (this.#frame + 1) % FRAMES.length;
    this.#terminal.status(this.#line());
    this.#forget = after(FRAME_MS, () => this.#draw());
  }

  #line() {
    const line = `${FRAMES[this.#frame]} ${this.#labelNow()}`;
    const room = this.#terminal.statusWidth - widthOf(line) - ': '.length;
    const tail = oneLine(this.#tail);
    return tail === '' || room < LEAST_TAIL ? line : `${line}: ${cutStart(tail, room)}`;
  }

  #labelNow() {
    const time = now();
    if (this.#wait !== null) {
      const { until, then } = this.#wait;
      if (time < until) return this.#label.replace('%', `${Math.ceil((until - time) / SECOND_MS)} s`);
      [this.#label, this.#since, this.#wait] = [then, until, null];
    }
    const passed = Math.floor((time - this.#since) / SECOND_MS);
    return passed > 0 ? `${this.#label} ${passed} s` : this.#label;
  }
}

module.exports = { Signs };
