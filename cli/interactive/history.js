'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { historyFile } = require('../places.js');

const SIZE = 1000;

/** The lines that were typed, of this chat and of earlier ones. They are kept in a file that only its user can read. */
class History {
  /** The newest first, as Node's editor takes them. */
  lines = [];
  size = SIZE;
  #file;
  #onTrouble;

  /** @param {string | null} file where the lines are kept; null keeps them nowhere @param {(message: string) => void} onTrouble */
  constructor(file, onTrouble) {
    this.#file = file;
    this.#onTrouble = onTrouble;
  }

  /** Opens the history of the user. Where it cannot be kept, the chat goes on without. */
  static of(env, { isKept }, onTrouble) {
    const history = new History(isKept ? historyFile(env) : null, onTrouble);
    history.#read();
    return history;
  }

  #read() {
    if (this.#file === null) return;
    this.#guarded(() => {
      fs.mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      // Made here if it is missing, so that its mode is right before anything is in it.
      fs.closeSync(fs.openSync(this.#file, 'a', 0o600));
      fs.chmodSync(this.#file, 0o600);
      const all = fs.readFileSync(this.#file, 'utf8').split('\n').filter(Boolean);
      this.lines = [...new Set(all.reverse())].slice(0, SIZE);
      if (all.length > 2 * SIZE) fs.writeFileSync(this.#file, `${[...this.lines].reverse().join('\n')}\n`);
    });
  }

  /** Keeps a line that was typed now. */
  add(line) {
    if (this.#file === null || !line?.trim()) return;
    this.#guarded(() => fs.appendFileSync(this.#file, `${line.replace(/[\r\n]/g, ' ')}\n`, { mode: 0o600 }));
  }

  #guarded(work) {
    try {
      work();
    } catch (error) {
      const file = this.#file;
      this.#file = null;
      this.#onTrouble(`What you type is not kept: ${file}: ${error.message}`);
    }
  }
}

module.exports = { History };
