'use strict';

const fs = require('node:fs');

const { WrongSetting, protects, settingsIn } = require('./settings.js');

/** The options that hold unless the environment says otherwise, as in LibreChat's `configureAgents`. */
const DEFAULTS = { failOnTruncation: true, maxWait: 20_000, chainFor: 'chat', modelsPerRequest: 3 };

/**
 * Sends requests by `createFetch`, with the settings of the environment. Those at the start of the process are checked at once;
 * in force are those at the first request to OpenRouter, because programs read a file `.env` after their start.
 */
class Engine {
  #addon = null;
  #missing = null;
  #settings = null;
  #fetch = null;

  constructor() {
    try {
      this.#addon = require('../lib/bridge/native.js');
    } catch (error) {
      this.#missing = error;
    }
    const settings = this.#read();
    if (this.#missing) say(`${this.#missing.message}\n${protects(settings) ? 'Requests to OpenRouter are refused, because a protection is set in the environment.' : "Requests to OpenRouter go through Node's own fetch."}`);
  }

  /** Whether there is no addon for this platform. */
  get isMissing() {
    return this.#missing !== null;
  }

  /** Checks the settings once more when the program has been loaded, because it may have read a file `.env`. */
  checkSoon() {
    if (this.isMissing) return;
    require('../lib/util/timers.js').setImmediate(() => this.#read());
  }

  /** A `fetch` with the settings. It is asynchronous, so that what is wrong with the arguments rejects, as in Node's. */
  send = async (input, init) => {
    this.#fetch ??= this.#start();
    return this.#fetch(input, init);
  };

  /**
   * Sends a request with LibreChat's guard, which only the stock function can honour. The privacy settings hold for it, too.
   * @param {(init: object) => Promise<object>} stock
   */
  async sendGuarded(input, init, address, stock) {
    if (this.isMissing) return this.sendWithout(() => stock(init));
    const { zdr, dataCollection } = this.#inForce;
    if (!zdr && dataCollection !== 'deny') return stock(init);
    const { explainPrivacy } = require('../index.js');
    const { method = input?.method ?? 'GET', headers = input?.headers, body = input?.body } = init;
    // Bodies of other kinds, also those of other makes of `fetch`, count as ones that cannot be read.
    const isReadable = body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array;
    const read = isReadable ? body : new Blob();
    const { action, reason, body: merged } = explainPrivacy({ method, url: address, headers, body: read, zdr, dataCollection });
    if (action === 'refuse') {
      const { refusal } = require('../lib/fetch/response.js');
      return refusal(address.href, { status: 400, message: reason, code: 'privacy_not_possible' });
    }
    return stock(action === 'merge' ? withBody(init, headers, merged) : init);
  }

  /** Sends a request where there is no addon: by the stock function, unless a protection is set that it would not keep. */
  async sendWithout(stock) {
    if (protects(this.#read())) throw new TypeError('fetch failed', { cause: this.#missing });
    return stock();
  }

  /** The settings at the first request. They stay the same, so that a later change cannot take a protection away. */
  get #inForce() {
    this.#settings ??= this.#read();
    return this.#settings;
  }

  #start() {
    const { hooks, readableErrors, ...options } = this.#inForce;
    const callbacks = hooks === undefined ? {} : callbacksIn(hooks);
    if (readableErrors) options.errorMessage = require('../adapters/librechat/shown-errors.js').shownError;
    try {
      return require('../index.js').createFetch({ ...DEFAULTS, ...options, ...callbacks });
    } catch (error) {
      if (error.code !== 'invalid_option') throw error;
      return stop(error.message);
    }
  }

  /** Returns the settings of the environment. Stops the process if one is wrong. */
  #read() {
    try {
      return settingsIn(process.env, this.#addon?.likelyOption ?? (() => null));
    } catch (error) {
      if (!(error instanceof WrongSetting)) throw error;
      return stop(error.message);
    }
  }
}

/** Returns the callbacks of the module that OPENROUTER_HOOKS names. Stops the process if it has none, or anything else. */
function callbacksIn(file) {
  let callbacks;
  try {
    callbacks = { ...require(file) };
  } catch (error) {
    return stop(`The module of OPENROUTER_HOOKS cannot be loaded: ${error.message}`);
  }
  const { FETCH_HOOKS } = require('../lib/options.js');
  const known = Object.values(FETCH_HOOKS);
  const entries = Object.entries(callbacks);
  const wrong = entries.find(([name, value]) => !known.includes(name) || typeof value !== 'function');
  if (wrong === undefined && entries.length > 0) return callbacks;
  return stop(`The module of OPENROUTER_HOOKS exports ${wrong === undefined ? 'nothing' : wrong[0]}. It must export functions: ${known.join(', ')}.`);
}

/** Returns an init with another body. */
function withBody(init, given, body) {
  const headers = new Headers(given);
  headers.delete('content-length');
  // It inherits the rest, because an init may have its members on its prototype.
  return Object.assign(Object.create(init), { headers, body: JSON.stringify(body) });
}

function say(text) {
  try {
    fs.writeSync(2, `openrouter-native/register: ${text}\n`);
  } catch {
    // Without stderr there is no place to tell it.
  }
}

/** Stops the process with a sentence. */
function stop(sentence) {
  say(sentence);
  process.exit(1);
}

module.exports = { Engine };
