'use strict';

/** A queue of promises that wait for values. */
class Waiters {
  /** The oldest one by itself: there is rarely a second one. */
  #first = null;
  #others = null;

  get isEmpty() {
    return this.#first === null;
  }

  /** A promise behind those that wait already. */
  add() {
    return new Promise((resolve) => {
      if (this.#first === null) this.#first = resolve;
      else (this.#others ??= []).push(resolve);
    });
  }

  /** Takes out the function that resolves the oldest promise. */
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
