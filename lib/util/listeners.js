'use strict';

const { OpenRouterError } = require('../errors.js');
const { callSafely } = require('./call-safely.js');

const NONE = [];

/** The listeners of a stream, by event name. A change replaces the list, because the old list may be in iteration. */
class Listeners {
  #lists = new Map();

  add(name, listener) {
    if (typeof listener !== 'function') {
      throw new OpenRouterError(`The listener of '${name}' must be a function.`, { code: 'invalid_option' });
    }
    this.#lists.set(name, [...this.#of(name), listener]);
  }

  /** Removes a listener, or the wrapper that `once()` made of it. */
  remove(name, listener) {
    this.#lists.set(name, this.#of(name).filter((one) => one !== listener && one.listener !== listener));
  }

  removeAll(name) {
    this.#lists.delete(name);
  }

  has(name) {
    return this.#of(name).length > 0;
  }

  emit(name, value) {
    for (const listener of this.#of(name)) callSafely(listener, value);
  }

  #of(name) {
    return this.#lists.get(name) ?? NONE;
  }
}

module.exports = { Listeners };
