'use strict';

const { OpenRouterError } = require('../errors.js');

/** The events of a stream. */
const EVENTS = ['model', 'content', 'reasoning', 'fallback', 'usage', 'end', 'error'];
const NONE = [];

/** The listeners of a stream, by event name. A change replaces the list, because the old list may be in iteration. */
class Listeners {
  #lists = new Map();

  add(name, listener) {
    if (!EVENTS.includes(name)) {
      const wrong = typeof name === 'string' ? `'${name}'` : 'whose name is no string';
      throw new OpenRouterError(`A stream has no event ${wrong}. Its events are ${EVENTS.join(', ')}.`, { code: 'invalid_option' });
    }
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

  /** @param {import('./call-context.js').CallContext} context in which the listeners run */
  emit(name, value, context) {
    for (const listener of this.#of(name)) context.run(listener, value);
  }

  #of(name) {
    return this.#lists.get(name) ?? NONE;
  }
}

module.exports = { Listeners };
