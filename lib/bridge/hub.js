'use strict';

const { setImmediate } = require('../util/timers.js');
const native = require('./native.js');

// JavaScript's side of the wake protocol, which `src/delivery/mod.rs` describes in a table. A receiver waits or not
// (`isWaiting`), and the addon will wake JavaScript for its call or not (`#isAwaited`). The two may differ within a turn of the
// event loop; at its end one call to the addon tells it of all receivers that began or stopped to wait.

/** The flags of batches: the second entry of each, see `src/delivery/mailbox.rs`. */
const MORE = 0;
const END = 1;
const FAILURE = 2;
const BYTES = 3;

/** The receivers that wait, and those that stopped waiting in this turn, by the ids of their calls. */
const receivers = new Map();
/** The receivers that stopped waiting in this turn. Most of them wait again before it ends. */
let stopped = [];
/** The receivers that began to wait in this turn, of which the addon has not been told yet. */
let started = [];
/** Whether `endTurn` is scheduled. */
let isScheduled = false;
/** Whether batches are being delivered, which calls functions of the user. */
let isDelivering = false;
/** Whether a wake-up has delivered in this turn. */
let hasWoken = false;
/** Whether the hub keeps the process alive. */
let isHeld = false;
/** The handlers of notes (log lines and diagnostics, which belong to no call) by the name of the note. */
const noteHandlers = new Map();
/** Tells tools such as Jest's `--detectOpenHandles` whether the hub keeps the process alive. */
const resource = { hasRef: () => isHeld };
let hub;

/**
 * Waits for the batches of one call, `[id, flag, …items]`, and keeps the process alive while it waits. Subclasses have a
 * method `take`, which is called with each batch.
 */
class Receiver {
  #id;
  #isWaiting = false;
  /** Whether the first batch of the call has not arrived yet. */
  #isNew;
  /**
   * Whether the addon will wake JavaScript for the next batch. It does so for the first batch of a call, and again after
   * each later batch that a wake-up delivered.
   */
  #isAwaited;

  /** @param {number} id the id of the call @param {boolean} isNew whether the call was just started */
  constructor(id, isNew) {
    this.#id = id;
    this.#isNew = isNew;
    this.#isAwaited = isNew;
  }

  get isWaiting() {
    return this.#isWaiting;
  }

  wait() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    receivers.set(this.#id, this);
    if (!isHeld) connect().hold((isHeld = true));
    if (this.#isAwaited) return;
    // At the end of the turn, one call to the addon registers all receivers that began to wait.
    started.push(this);
    scheduleEndOfTurn();
  }

  stopWaiting() {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    stopped.push(this);
    scheduleEndOfTurn();
  }

  /** Notes that the call was pulled. If there was no batch, the addon will wake JavaScript for the next one. */
  pulled(isAwaited) {
    this.#isAwaited = isAwaited;
  }

  /** Passes a batch of a wake-up to its receiver. */
  static deliver(batch) {
    const receiver = receivers.get(batch[0]);
    // Ignore batches for receivers that stopped waiting in this turn.
    if (!receiver?.#isWaiting) return;
    receiver.stopWaiting();
    receiver.#isAwaited = !receiver.#isNew && (batch[1] === MORE || batch[1] === BYTES);
    receiver.#isNew = false;
    receiver.take(batch);
  }

  /** Forgets the receivers that stopped waiting in this turn and did not start again, and tells the addon of them. */
  static restStopped() {
    if (stopped.length === 0) return;
    const ids = [];
    for (const receiver of stopped) {
      // A receiver may be in the list twice, and another one may have its id by now.
      if (receiver.#isWaiting || receivers.get(receiver.#id) !== receiver) continue;
      receivers.delete(receiver.#id);
      if (receiver.#isAwaited) ids.push(receiver.#id);
      receiver.#isAwaited = false;
    }
    stopped = [];
    if (ids.length > 0) hub.rest(ids);
  }

  /** Returns the ids of the receivers that began to wait in this turn and still wait. */
  static takeStarted() {
    const ids = [];
    for (const receiver of started) {
      if (!receiver.#isWaiting || receiver.#isAwaited) continue;
      receiver.#isAwaited = true;
      ids.push(receiver.#id);
    }
    started = [];
    return ids;
  }
}

/** Returns the hub of this thread, which the first call creates. */
function connect() {
  hub ??= native.connect(wake, resource);
  return hub;
}

/**
 * The addon calls this to wake JavaScript. While the user's code runs, the next wake-up may come, and Node would repeat this call
 * up to a thousand times before it turns to timers and sockets. So only the first wake-up in a turn delivers at once.
 */
function wake() {
  if (hasWoken) {
    setImmediate(deliver);
    return;
  }
  hasWoken = true;
  scheduleEndOfTurn();
  deliver();
}

/** Delivers all batches that are available. */
function deliver() {
  // A function of the user has called this, in the middle of a delivery. Newer batches must not overtake those that are still
  // to be delivered; the addon sends a wake-up for them.
  if (isDelivering) return;
  Receiver.restStopped();
  deliverAll(JSON.parse(hub.drain()));
}

/** Delivers the notes only, at the exit of the process: nothing else can be received any more. */
function deliverLastNotes() {
  for (const batch of JSON.parse(hub.drain())) if (batch[0] === 0) deliverNotes(batch);
}

function deliverAll(batches) {
  const failures = [];
  isDelivering = true;
  for (const batch of batches) {
    try {
      if (batch[0] === 0) deliverNotes(batch);
      else Receiver.deliver(batch);
    } catch (error) {
      failures.push(error);
    }
  }
  isDelivering = false;
  // An exception here is a bug of this package. It is thrown after the batches of the other calls were delivered.
  if (failures.length > 0) throw failures[0];
}

function deliverNotes(batch) {
  for (let at = 2; at < batch.length; at += 1) noteHandlers.get(batch[at][0])?.(batch[at]);
}

function scheduleEndOfTurn() {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

function endTurn() {
  isScheduled = false;
  hasWoken = false;
  Receiver.restStopped();
  if (receivers.size === 0 && isHeld) hub.hold((isHeld = false));
  const ids = Receiver.takeStarted();
  const text = ids.length === 0 ? null : hub.pull(ids);
  if (text !== null) deliverAll(JSON.parse(text));
}

/** Registers `handler` for the notes called `name`. */
function onNote(name, handler) {
  noteHandlers.set(name, handler);
}

module.exports = { BYTES, END, FAILURE, Receiver, connect, deliver, deliverLastNotes, onNote };
