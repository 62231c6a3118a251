'use strict';

const { OpenRouterError } = require('../../index.js');
const { OptionNames, optionsOf, unknownField, wrongOption } = require('../../lib/options.js');
const { callSafely } = require('../../lib/util/call-safely.js');
const { PREWARM } = require('../../lib/util/send.js');
const { Generations } = require('./generations.js');
const { Rules } = require('./rules.js');

const DEFAULT_LIMIT = 10 * 1024 * 1024;
const METHODS = ['chatCompletion', 'getCredits', 'getModels'];
/** The options that all servers have. */
const COMMON = ['allow', 'auth', 'client', 'coalesce', 'getClient', 'limit', 'limits', 'logger', 'mayReadGeneration'];

const isCount = (value) => Number.isSafeInteger(value) && value > 0;
const isTexts = (value) => Array.isArray(value) && value.every((text) => typeof text === 'string' && text.trim() !== '');
const isPrice = (value) => Number.isFinite(value) && value >= 0;
const KINDS_OF_PRICE = ['audio', 'completion', 'image', 'prompt', 'request'];
const PRICES = Object.fromEntries(KINDS_OF_PRICE.map((kind) => [kind, [isPrice, 'a price in USD, from 0 up']]));
/** The rules for a browser's chats: how the value of each is checked, and what it must be. */
const ALLOW = { models: [isTexts, 'a list of model ids or patterns'], parameters: [isTexts, 'a list of names of parameters'] };
const LIMITS = {
  max_price: [(value, place) => rulesOf(value, 'limits.max_price', PRICES, place) !== null, 'prices'],
  max_tokens: [isCount, 'a whole number above 0'],
  n: [isCount, 'a whole number above 0'],
  plugins: [isTexts, 'a list of ids of plugins'],
  tools: [isTexts, "a list of types of tools, such as 'function'"],
};

/** The names of the options of a server: the common ones, and those that only it has. */
function namesOf(place, own) {
  return new OptionNames(place, [...COMMON, ...own]);
}

/**
 * Checks and returns the common options, so that a mistake is reported at the start and not by the first request. A server
 * checks `auth` itself.
 * @param {object | null | undefined} options
 * @param {{ place: string, names: OptionNames, caller: Function }} server `place` is the function that takes the options
 */
function commonSettings(options, { place, names, caller }) {
  const { allow, client, coalesce, getClient, logger, limit: givenLimit, limits, mayReadGeneration } = optionsOf(options);
  // A mistyped name of a rule would let everything through.
  names.check(options ?? {}, caller);
  const limit = givenLimit ?? DEFAULT_LIMIT;
  if (!Number.isSafeInteger(limit) || limit <= 0) throw wrong(place, 'limit', 'a number of bytes above 0');
  if (!isAbsent(mayReadGeneration) && typeof mayReadGeneration !== 'function') {
    throw wrong(place, 'mayReadGeneration', 'a function (request, { id, user }) that returns true if the user may see the generation');
  }
  return {
    clientFor: clientsOf(place, client, getClient),
    coalesce: coalesceOf(place, coalesce),
    generations: new Generations(),
    limit,
    log: logOf(place, logger),
    mayReadGeneration,
    rules: new Rules(rulesOf(allow, 'allow', ALLOW, place), rulesOf(limits, 'limits', LIMITS, place)),
  };
}

/** Returns how deltas are merged. The range is that of the addon, which would refuse each chat. */
function coalesceOf(place, given) {
  const isRight = typeof given === 'boolean' || (Number.isInteger(given) && given >= 1 && given <= 1000);
  if (!isRight && !isAbsent(given)) throw wrong(place, 'coalesce', 'true, false or a number of milliseconds from 1 to 1000');
  return given ?? true;
}

/** Returns a copy of rules without those that are absent. Each must be in `known`, because a mistyped rule would not hold. */
function rulesOf(given, path, known, place) {
  if (isAbsent(given)) return {};
  if (typeof given !== 'object' || Array.isArray(given)) throw wrong(place, path, `an object with ${Object.keys(known).join(', ')}`);
  const rules = Object.entries(given).filter(([, value]) => !isAbsent(value));
  for (const [name, value] of rules) {
    if (!Object.hasOwn(known, name)) throw unknownField(path, name, Object.keys(known));
    const [isRight, expected] = known[name];
    if (!isRight(value, place)) throw wrong(place, `${path}.${name}`, expected);
  }
  return structuredClone(Object.fromEntries(rules));
}

/** Returns an async function from a request, its user and its parameters to its client. */
function clientsOf(place, client, getClient) {
  if (isAbsent(client) === isAbsent(getClient)) throw wrong(place, 'client', 'either client or getClient(request)');
  if (!isAbsent(getClient)) {
    if (typeof getClient !== 'function') throw wrong(place, 'getClient', 'a function of the request that gives an OpenRouterClient');
    return async (request, more) => {
      const one = await getClient(request, more);
      if (!isClient(one)) throw new OpenRouterError('getClient gave no OpenRouterClient. It must return one, or a promise of one.', { code: 'invalid_option' });
      return one;
    };
  }
  if (!isClient(client)) throw wrong(place, 'client', 'an OpenRouterClient');
  // The first request then finds a connection. A client of another make need not have this.
  client[PREWARM]?.();
  return async () => client;
}

function isClient(value) {
  return METHODS.every((name) => typeof value?.[name] === 'function');
}

/** Returns a function that calls the logger; without a logger it does nothing. */
function logOf(place, logger) {
  if (isAbsent(logger) || logger === false) return () => {};
  if (typeof logger !== 'object' && typeof logger !== 'function') throw wrong(place, 'logger', 'an object with debug, info, warn and error');
  return (level, message, details) => callSafely(() => logger[level]?.(`[OpenRouter] ${message}`, details));
}

function isAbsent(value) {
  return value === undefined || value === null;
}

/** Returns the error for a wrong option of `place`. */
function wrong(place, name, expected) {
  return wrongOption(`${name} of ${place}`, expected);
}

module.exports = { commonSettings, namesOf, wrong };
