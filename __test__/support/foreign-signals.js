'use strict';

const vm = require('node:vm');

const { AbortController: Polyfill } = require('abort-controller');

/** A signal without a reason, as old polyfills have it. `text` is evaluated in other realms, too. */
const HANDMADE = `(class {
  aborted = false;
  #listeners = new Set();
  addEventListener(name, listener) { if (name === 'abort') this.#listeners.add(listener); }
  removeEventListener(name, listener) { this.#listeners.delete(listener); }
  fire() { this.aborted = true; for (const listener of this.#listeners) listener({ type: 'abort' }); }
  get count() { return this.#listeners.size; }
})`;
const Handmade = vm.runInThisContext(HANDMADE);
const OfOtherRealm = vm.runInNewContext(HANDMADE);

/** A signal that knows only the property `onabort`. */
class HandlerOnly {
  aborted = false;
  onabort = null;
  fire() {
    this.aborted = true;
    this.onabort?.({ type: 'abort' });
  }
}

/** A signal whose listeners cannot be removed. */
class WithoutRemove extends Handmade {
  constructor() {
    super();
    this.removeEventListener = undefined;
  }
}

/** A signal whose `removeEventListener` throws. */
class FailingRemove extends Handmade {
  removeEventListener() {
    throw new Error('removeEventListener failed');
  }
}

/** A signal with a reason, whose methods work on itself only, as those of browsers and jsdom do. */
class Strict extends Handmade {
  addEventListener(...all) {
    if (!(this instanceof Strict)) throw new TypeError('Illegal invocation');
    super.addEventListener(...all);
  }
  fire() {
    this.reason = new Error('of the page');
    super.fire();
  }
}

function made(Signal) {
  return () => {
    const signal = new Signal();
    return { signal, abort: () => signal.fire(), listenerCount: () => signal.count };
  };
}

/**
 * The makers of signals that are not Node's, by what they are. Each returns the signal and a function that aborts it.
 * @type {Array<[string, () => { signal: object, abort: () => void }]>}
 */
const FOREIGN_SIGNALS = [
  ['the polyfill abort-controller, on event-target-shim', () => {
    const controller = new Polyfill();
    return { signal: controller.signal, abort: () => controller.abort() };
  }],
  ['an old polyfill without reason and throwIfAborted', made(Handmade)],
  ["another realm's", made(OfOtherRealm)],
  ['one with a reason, whose methods need their own this', made(Strict)],
  ['one without removeEventListener', made(WithoutRemove)],
  ['one whose removeEventListener throws', made(FailingRemove)],
  ['one with onabort only', made(HandlerOnly)],
];

/** Values that are no signals. */
const NO_SIGNALS = [
  ['a plain object', {}],
  ['an AbortController', new AbortController()],
  ['true', true],
  ['false', false],
  ['0', 0],
  ['a text', 'abort'],
  ['an EventTarget', new EventTarget()],
  ['a signal that only inherits from AbortSignal', Object.create(AbortSignal.prototype)],
  ['an object with aborted only', { aborted: false }],
];

module.exports = { FOREIGN_SIGNALS, NO_SIGNALS };
