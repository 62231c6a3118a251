'use strict';

const { attempt } = require('./call-safely.js');
const { OpenRouterError } = require('../errors.js');

const NOBODY = [];

/** Lists of listeners by the names of their events. A list is never changed: it may be the one that is being told. */
class Listeners {
  #lists = new Map();

  add(name, listener) {
    if (typeof listener !== 'function') {
      throw new OpenRouterError(`The listener of '${name}' must be a function.`, { code: 'invalid_option' });
    }
    this.#lists.set(name, [...this.#of(name), listener]);
  }

  /** One that hears once is known by the `listener` that it calls, too. */
  remove(name, listener) {
    this.#lists.set(name, this.#of(name).filter((one) => one !== listener && one.listener !== listener));
  }

  removeAll(name) {
    this.#lists.delete(name);
  }

  has(name) {
    return this.#of(name).length > 0;
  }

  /** A listener that throws is its owner's trouble, not the stream's. */
  tell(name, value) {
    for (const listener of this.#of(name)) attempt(listener, value);
  }

  #of(name) {
    return this.#lists.get(name) ?? NOBODY;
  }
}

module.exports = { Listeners };
