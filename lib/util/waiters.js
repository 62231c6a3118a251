'use strict';

/** A queue of promises that wait for values, the oldest first. */
class Waiters {
  /** The `resolve` function of the oldest promise. It is stored separately, because there is rarely a second promise. */
  #first = null;
  #others = null;

  get isEmpty() {
    return this.#first === null;
  }

  /** Returns a new promise at the end of the queue. */
  add() {
    return new Promise((resolve) => {
      if (this.#first === null) this.#first = resolve;
      else (this.#others ??= []).push(resolve);
    });
  }

  /** Removes the oldest promise and returns the function that resolves it. */
  shift() {
    const first = this.#first;
    this.#first = this.#others?.shift() ?? null;
    return first;
  }

  resolveAll(value) {
    while (this.#first !== null) this.shift()(value);
  }
}

module.exports = { Waiters };
