'use strict';

const native = require('./bridge/native.js');
const { errorFrom, traceOf, wrongOption } = require('./errors.js');

const NONE = [];

/**
 * The names of the options of one place, such as the constructor of the client. The addon finds the name that was most likely
 * meant by an unknown one, see `src/config/names.rs`.
 */
class OptionNames {
  #place;
  #own;
  #known;

  /**
   * @param {string} place what has the options, as the message of an error calls it
   * @param {Iterable<string>} own its options
   * @param {Iterable<string>} [tolerated] names that it ignores and that no message suggests
   */
  constructor(place, own, tolerated = []) {
    this.#place = place;
    this.#own = [...own];
    this.#known = new Set([...this.#own, ...tolerated]);
  }

  /**
   * Throws if `given` has an unknown option, unless its value is null or undefined, which means absent. The stack starts at
   * `caller`.
   */
  check(given, caller) {
    for (const name of this.unknownIn(given)) throw this.errorOf(name, caller);
  }

  /** Throws if `given` has an unknown option whose name resembles that of an option, or is that of another SDK for one. */
  checkSimilar(given, caller) {
    for (const name of this.unknownIn(given)) if (this.likely(name)) throw this.errorOf(name, caller);
  }

  /** Returns the unknown options in `given`. */
  unknownIn(given) {
    let unknown;
    for (const name of Object.keys(given)) {
      if (!this.#known.has(name) && given[name] !== undefined && given[name] !== null) (unknown ??= []).push(name);
    }
    return unknown ?? NONE;
  }

  /** Returns the option that is most likely meant by an unknown name; an empty text for none. */
  likely(name) {
    return native.likelyOption(name, this.#own) ?? '';
  }

  /** Returns the error for an unknown option. */
  errorOf(name, caller = this.check) {
    return errorFrom(JSON.parse(native.unknownOption(name, this.#place, this.#own)), traceOf(caller));
  }
}

/** Returns the error for a field that an option does not have. `known` are those that it has. */
function unknownField(option, name, known) {
  return errorFrom(JSON.parse(native.unknownField(option, name, known)), traceOf(unknownField));
}

/** Returns options that were given, which must be an object; null and undefined mean none. */
function optionsOf(given, name = 'options') {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) throw wrongOption(name, 'an object');
  return given;
}

module.exports = { OptionNames, optionsOf, unknownField };
