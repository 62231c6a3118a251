'use strict';

/** What the native call of a stream tells of any answer, at any time. */
const FACTS = ['id', 'generationId', 'requestedModel', 'model', 'provider', 'usage', 'cost', 'totalCost', 'fallback', 'metrics'];

/**
 * Gives the streams of a class the properties that tell what has arrived so far.
 * @param {Function} type
 * @param {(stream: object) => object} callOf returns the native call of a stream
 * @param {string[]} [more] further facts of these streams
 */
function tellFacts(type, callOf, more = []) {
  const define = (name, get) => Object.defineProperty(type.prototype, name, { get, configurable: true });
  for (const name of [...FACTS, ...more]) {
    define(name, function fact() {
      return JSON.parse(callOf(this).properties())[name] ?? null;
    });
  }
  define('partial', function partial() {
    return JSON.parse(callOf(this).partial());
  });
}

module.exports = { tellFacts };
