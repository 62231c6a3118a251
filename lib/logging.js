'use strict';

const { channel } = require('node:diagnostics_channel');

const { connect, deliverLastNotes, onNote } = require('./bridge/hub.js');
const { wrongOption } = require('./errors.js');
const { CallContext } = require('./util/call-context.js');

const channels = new Map(
  ['request', 'retry', 'response', 'stream:end', 'error', 'settling', 'settled'].map((name) => [name, channel(`openrouter:${name}`)]),
);

/**
 * The loggers by the ids that the addon uses for them. They are held weakly, so that a logger lives no longer than its owner
 * needs.
 */
const loggers = new Map();
const loggerIds = new WeakMap();
const collected = new FinalizationRegistry((id) => loggers.delete(id));
let lastLoggerId = 0;

/** The async contexts of calls by their ids. Loggers and subscribers run in them, so that they see the span of the caller. */
const contexts = new Map();
/** The context of work that belongs to no call, such as a background refresh, and its id. */
const background = new CallContext();
const BACKGROUND = 1;
let lastContextId = BACKGROUND;

const stderr = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [level, (message) => process.stderr.write(`${message}\n`)]),
);

onNote('log', ([, id, level, message, context]) => {
  contextOf(context).run(() => loggers.get(id)?.deref()?.[level]?.(message, {}));
});
onNote('channel', ([, name, context, data]) => {
  contextOf(context).runInAsyncScope(() => channels.get(name).publish(data));
});
onNote('over', ([, id]) => contexts.delete(id));

/**
 * Returns the id of `logger`, or of the logger that the environment turns on; 0 for none.
 * @param {object | null | undefined} logger
 */
function loggerId(logger) {
  if (logger === false) return 0;
  const chosen = logger ?? (isDebugging(process.env) ? stderr : null);
  if (chosen === null) return 0;
  if (typeof chosen !== 'object' && typeof chosen !== 'function') {
    throw wrongOption('logger', 'an object with debug, info, warn and error');
  }
  let id = loggerIds.get(chosen);
  if (id === undefined) {
    connect();
    // Deliver the last lines at exit, because they may arrive when nothing keeps the process alive any more.
    if (lastLoggerId === 0) process.once('exit', deliverLastNotes);
    id = lastLoggerId += 1;
    loggerIds.set(chosen, id);
    loggers.set(id, new WeakRef(chosen));
    collected.register(chosen, id);
  }
  return id;
}

/** Whether `DEBUG` names this package (`openrouter:*`, `librechat:*`, `*`) or `LOG_LEVEL` is `debug`. */
function isDebugging({ DEBUG, LOG_LEVEL }) {
  if (LOG_LEVEL === 'debug') return true;
  const names = DEBUG ? DEBUG.split(/[\s,]+/) : [];
  return names.some((name) => name === '*' || name.startsWith('openrouter:') || name.startsWith('librechat:'));
}

/** Whether a diagnostics channel has subscribers, or any of them without a name. */
function hasSubscribers(name) {
  if (name !== undefined) return channels.get(name).hasSubscribers;
  for (const one of channels.values()) if (one.hasSubscribers) return true;
  return false;
}

/** Publishes on a diagnostics channel what JavaScript knows, in the async context of the caller. */
function publish(name, data) {
  channels.get(name).publish(data);
}

function contextOf(id) {
  return contexts.get(id) ?? background;
}

/**
 * Returns the id of the async context of a call that starts now; 0 if nothing observes the call.
 * @param {boolean} isObserved whether there is a logger, or a subscriber of the diagnostics channels
 */
function contextId(isObserved) {
  if (!isObserved) return 0;
  lastContextId += 1;
  contexts.set(lastContextId, new CallContext());
  return lastContextId;
}

/** Returns the id of the context for work that belongs to no call, if the diagnostics channels have subscribers; else 0. */
function backgroundContextId() {
  return hasSubscribers() ? BACKGROUND : 0;
}

module.exports = { backgroundContextId, contextId, hasSubscribers, loggerId, publish };
