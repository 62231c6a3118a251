'use strict';

const { OpenRouterError } = require('../../index.js');
const { OptionNames, optionsOf, unknownField, wrongOption } = require('../../lib/options.js');
const { callSafely } = require('../../lib/util/call-safely.js');
const { PREWARM } = require('../../lib/util/send.js');
const { Rules } = require('./rules.js');

const DEFAULT_LIMIT = 10 * 1024 * 1024;
const METHODS = ['chatCompletion', 'getCredits', 'getModels'];
const NAMES = new OptionNames('openrouterRouter', ['allow', 'auth', 'client', 'coalesce', 'express', 'getClient', 'limit', 'limits', 'logger']);

const isCount = (value) => Number.isSafeInteger(value) && value > 0;
const isTexts = (value) => Array.isArray(value) && value.every((text) => typeof text === 'string' && text.trim() !== '');
const isPrice = (value) => Number.isFinite(value) && value >= 0;
const KINDS_OF_PRICE = ['audio', 'completion', 'image', 'prompt', 'request'];
const PRICES = Object.fromEntries(KINDS_OF_PRICE.map((kind) => [kind, [isPrice, 'a price in USD, from 0 up']]));
/** The rules for a browser's chats: how the value of each is checked, and what it must be. */
const ALLOW = { models: [isTexts, 'a list of model ids or patterns'], parameters: [isTexts, 'a list of names of parameters'] };
const LIMITS = {
  max_price: [(value) => rulesOf(value, 'limits.max_price', PRICES) !== null, 'prices'],
  max_tokens: [isCount, 'a whole number above 0'],
  n: [isCount, 'a whole number above 0'],
  plugins: [isTexts, 'a list of ids of plugins'],
  tools: [isTexts, "a list of types of tools, such as 'function'"],
};

/** Checks and returns the options of a router, so that a mistake is reported at the start and not by the first request. */
function settingsOf(options, caller) {
  const { allow, client, coalesce, getClient, auth, logger, express, limit: givenLimit, limits } = optionsOf(options);
  // A mistyped name of a rule would let everything through.
  NAMES.check(options ?? {}, caller);
  const limit = givenLimit ?? DEFAULT_LIMIT;
  if (!Number.isSafeInteger(limit) || limit <= 0) throw wrong('limit', 'a number of bytes above 0');
  return {
    auth: guardsOf(auth),
    coalesce: coalesceOf(coalesce),
    clientFor: clientsOf(client, getClient),
    limit,
    log: logOf(logger),
    rules: new Rules(rulesOf(allow, 'allow', ALLOW), rulesOf(limits, 'limits', LIMITS)),
    Router: routerOf(express),
  };
}

/** Returns how deltas are merged. The range is that of the addon, which would refuse each chat. */
function coalesceOf(given) {
  const isRight = typeof given === 'boolean' || (Number.isInteger(given) && given >= 1 && given <= 1000);
  if (!isRight && given !== undefined && given !== null) throw wrong('coalesce', 'true, false or a number of milliseconds from 1 to 1000');
  return given ?? true;
}

/** Returns a copy of rules without those that are absent. Each must be in `known`, because a mistyped rule would not hold. */
function rulesOf(given, path, known) {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) throw wrong(path, `an object with ${Object.keys(known).join(', ')}`);
  const rules = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  for (const [name, value] of rules) {
    if (!Object.hasOwn(known, name)) throw unknownField(path, name, Object.keys(known));
    const [isRight, expected] = known[name];
    if (!isRight(value)) throw wrong(`${path}.${name}`, expected);
  }
  return structuredClone(Object.fromEntries(rules));
}

/** Returns the guards. At least one is required, because every request that passes them spends the credits of the key. */
function guardsOf(auth) {
  const guards = [auth].flat(Infinity);
  // Express takes a function with four parameters for an error handler and does not call it for requests.
  if (guards.length === 0 || !guards.every((guard) => typeof guard === 'function' && guard.length <= 3)) {
    throw wrong('auth', 'a middleware (req, res, next), or several, that lets only those through who may spend your credits');
  }
  return guards;
}

/** Returns an async function from a request to its client. */
function clientsOf(client, getClient) {
  const hasClient = client !== undefined && client !== null;
  const hasGetter = getClient !== undefined && getClient !== null;
  if (hasClient === hasGetter) throw wrong('client', 'either client or getClient(req)');
  if (hasGetter) {
    if (typeof getClient !== 'function') throw wrong('getClient', 'a function of the request that gives an OpenRouterClient');
    return async (req) => {
      const one = await getClient(req);
      if (!isClient(one)) throw new OpenRouterError('getClient(req) gave no OpenRouterClient. It must return one, or a promise of one.', { code: 'invalid_option' });
      return one;
    };
  }
  if (!isClient(client)) throw wrong('client', 'an OpenRouterClient');
  // The first request then finds a connection. A client of another make need not have this.
  client[PREWARM]?.();
  return async () => client;
}

function isClient(value) {
  return METHODS.every((name) => typeof value?.[name] === 'function');
}

/** Returns the `Router` of the application's Express, version 4 or 5. */
function routerOf(express) {
  const chosen = express ?? installed();
  const Router = chosen?.Router ?? chosen?.default?.Router;
  if (typeof Router !== 'function') throw wrong('express', "what require('express') gives");
  return Router;
}

function installed() {
  try {
    return require('express');
  } catch (cause) {
    const message = 'openrouterRouter needs Express: npm install express, or pass yours as the option express.';
    throw new OpenRouterError(message, { code: 'invalid_option', cause });
  }
}

/** Returns a function that calls the logger; without a logger it does nothing. */
function logOf(logger) {
  if (logger === undefined || logger === null || logger === false) return () => {};
  if (typeof logger !== 'object' && typeof logger !== 'function') throw wrong('logger', 'an object with debug, info, warn and error');
  return (level, message, details) => callSafely(() => logger[level]?.(`[OpenRouter] ${message}`, details));
}

/** Returns the error for a wrong option of the router. */
function wrong(name, expected) {
  return wrongOption(`${name} of openrouterRouter`, expected);
}

module.exports.settingsOf = settingsOf;
