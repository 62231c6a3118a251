'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const channel = require('node:diagnostics_channel').channel;

const { attempt } = require('./util/call-safely.js');
const { connect, deliver, onNote } = require('./bridge/hub.js');
const { wrongOption } = require('./options.js');

const channels = new Map(
  ['request', 'response', 'stream:end', 'error'].map((name) => [name, channel(`openrouter:${name}`)]),
);

/** Loggers by the number the addon knows them by. They stay their owners': nothing here keeps one alive. */
const loggers = new Map();
const numbers = new WeakMap();
const gone = new FinalizationRegistry((number) => loggers.delete(number));
let last = 0;

/** The async contexts of calls that are heard of: subscribers see the caller's span and request, not the network's. */
const contexts = new Map();
/** The call of nobody: what a client does by itself. */
const UNBIDDEN = 1;
let lastCall = UNBIDDEN;

const stderr = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [level, (message) => process.stderr.write(`${message}\n`)]),
);

onNote('log', ([, number, level, message]) => {
  attempt(() => loggers.get(number)?.deref()?.[level]?.(message, {}));
});
onNote('channel', ([, name, call, data]) => {
  const publish = () => channels.get(name).publish(data);
  const inContext = contexts.get(call);
  if (inContext) inContext(publish);
  else publish();
});
onNote('over', ([, call]) => contexts.delete(call));

/**
 * The number of `logger`, or of the one that the environment asks for; 0 for none.
 * @param {object | null | undefined} logger
 */
function loggerNumber(logger) {
  if (logger === false) return 0;
  const chosen = logger ?? (isDebugging(process.env) ? stderr : null);
  if (chosen === null) return 0;
  if (typeof chosen !== 'object' && typeof chosen !== 'function') {
    throw wrongOption('logger', 'an object with debug, info, warn and error');
  }
  let number = numbers.get(chosen);
  if (number === undefined) {
    connect();
    // The last lines may come after the last thing that keeps the process alive.
    if (last === 0) process.once('exit', deliver);
    number = last += 1;
    numbers.set(chosen, number);
    loggers.set(number, new WeakRef(chosen));
    gone.register(chosen, number);
  }
  return number;
}

/** Whether `DEBUG` names us (`openrouter:*`, `librechat:*`, `*`) or `LOG_LEVEL` is `debug`. */
function isDebugging({ DEBUG, LOG_LEVEL }) {
  if (LOG_LEVEL === 'debug') return true;
  const names = DEBUG ? DEBUG.split(/[\s,]+/) : [];
  return names.some((name) => name === '*' || name.startsWith('openrouter:') || name.startsWith('librechat:'));
}

/** Whether anybody listens to the diagnostics channels. */
function hasSubscribers() {
  for (const one of channels.values()) if (one.hasSubscribers) return true;
  return false;
}

/** The number of a call that starts here and now, if anybody listens to the diagnostics channels; else 0. */
function callNumber() {
  if (!hasSubscribers()) return 0;
  lastCall += 1;
  contexts.set(lastCall, AsyncLocalStorage.snapshot());
  return lastCall;
}

/** The number of what no call asks for. */
const unbidden = () => (hasSubscribers() ? UNBIDDEN : 0);

module.exports = { loggerNumber, callNumber, unbidden };
