'use strict';

const { addressOf } = require('./addresses.js');

/** Marks the functions of this module, also for other copies of this package and in the realms of Jest. */
const TAKEN = Symbol.for('openrouter-native.register.fetch');

const asItIs = (send, input, init) => send(input, init);

/**
 * Returns a function that hands requests to OpenRouter to the engine, and all others, with all arguments and with `this`, to
 * `stock`. It has the name and the length of `stock`.
 * @param {Function} stock
 * @param {import('./engine.js').Engine} engine
 * @param {(send: Function, input: unknown, init: object | undefined) => Promise<object>} [adapt] turns the arguments of another
 *   make of `fetch` into standard ones, calls `send` with them, and turns the response back
 */
function taking(stock, engine, adapt = asItIs) {
  function fetch(input, init) {
    const address = addressOf(input);
    if (address === null) return Reflect.apply(stock, this, arguments);
    const asStock = (changed) => Reflect.apply(stock, this, [input, changed]);
    if (isGuarded(init)) return engine.sendGuarded(input, init, address, asStock);
    if (engine.isMissing) return engine.sendWithout(() => asStock(init));
    return adapt(engine.send, input, init);
  }
  for (const name of ['name', 'length']) Object.defineProperty(fetch, name, { value: stock[name], configurable: true });
  Object.defineProperty(fetch, TAKEN, { value: true });
  return fetch;
}

/**
 * Whether a request has LibreChat's guard for addresses that users give: a dispatcher that checks each address to which it
 * connects, and no redirects. Only undici can honour a dispatcher.
 */
function isGuarded(init) {
  return Boolean(init?.dispatcher) && init.redirect === 'error';
}

function isTaken(fetch) {
  return fetch[TAKEN] === true;
}

module.exports = { isTaken, taking };
