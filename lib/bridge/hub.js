'use strict';

const native = require('./native.js');

const later = setImmediate;

/** What a batch says of the call by its flag, see `src/delivery/mailbox.rs`. */
const MORE = 0;
const END = 1;
const FAILURE = 2;
const BYTES = 3;

/** Those that JavaScript waits for, and those that were told something in this turn, by the ids of their calls. */
const receivers = new Map();
/** Those of them that do not wait now. Most will again before this turn of the event loop ends. */
let left = [];
/** Those that came to wait in this turn, and that the addon has to be asked for. */
let asking = [];
/** Whether the end of this turn is looked after. */
let isTurning = false;
/** Whether the process is kept alive. */
let isHeld = false;
/** Takers of what belongs to no call, by the name of the note. */
const notes = new Map();
let hub;

/**
 * One who waits for a call's batches: `[id, flag, …items]`, see `src/delivery/mailbox.rs`. The process stays alive
 * meanwhile. A batch goes to its `take`.
 */
class Receiver {
  #id;
  #isWaiting = false;
  /** Whether it is among the receivers. */
  #isKnown = false;
  /** Whether the call's first batch is still to come. */
  #isNew;
  /** Whether the addon wakes us for the call's next batch: it does for the first, and after each other it woke us for. */
  #isAwaited;

  /** @param {number} id the call's @param {boolean} isNew whether the call has just been made */
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
    if (!this.#isKnown) {
      this.#isKnown = true;
      receivers.set(this.#id, this);
      if (!isHeld) connect().hold((isHeld = true));
    }
    if (this.#isAwaited) return;
    // All that come in a turn are asked for at once, at its end.
    asking.push(this);
    atEndOfTurn();
  }

  /** Waits no longer. */
  leave() {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    left.push(this);
    atEndOfTurn();
  }

  /** The call was asked for its batch by hand: whether there was none, and the addon will wake us for the next. */
  asked(isAwaited) {
    this.#isAwaited = isAwaited;
  }

  /** Hands over what we were woken for. */
  static handOver(batch) {
    const receiver = receivers.get(batch[0]);
    // One that does not wait was told before the addon was asked, and left nothing there that it still wants.
    if (!receiver?.#isWaiting) return;
    receiver.leave();
    receiver.#isAwaited = !receiver.#isNew && (batch[1] === MORE || batch[1] === BYTES);
    receiver.#isNew = false;
    receiver.take(batch);
  }

  /** Has the addon wake us no more for who has left and not come back. */
  static settle() {
    if (left.length === 0) return;
    const ids = [];
    for (const receiver of left) {
      // Who has left more than once is there more than once, and another may have taken its place.
      if (receiver.#isWaiting || receivers.get(receiver.#id) !== receiver) continue;
      receivers.delete(receiver.#id);
      receiver.#isKnown = false;
      if (receiver.#isAwaited) ids.push(receiver.#id);
      receiver.#isAwaited = false;
    }
    left = [];
    if (ids.length > 0) hub.rest(ids);
  }

  /** The ids of those that came to wait in this turn and still do. */
  static asking() {
    const ids = [];
    for (const receiver of asking) {
      if (!receiver.#isWaiting || receiver.#isAwaited) continue;
      receiver.#isAwaited = true;
      ids.push(receiver.#id);
    }
    asking = [];
    return ids;
  }
}

/** The hub of this thread, made by the first call. */
function connect() {
  hub ??= native.connect(deliver);
  return hub;
}

/** The addon woke us: hand over all that is there. */
function deliver() {
  Receiver.settle();
  handOverAll(JSON.parse(hub.drain()));
}

function handOverAll(batches) {
  const failures = [];
  for (const batch of batches) {
    try {
      if (batch[0] === 0) tell(batch);
      else Receiver.handOver(batch);
    } catch (error) {
      failures.push(error);
    }
  }
  // A fault of ours: told, but not at the cost of the calls whose batches came after it.
  if (failures.length > 0) throw failures[0];
}

/** What belongs to no call. */
function tell(batch) {
  for (let at = 2; at < batch.length; at += 1) notes.get(batch[at][0])?.(batch[at]);
}

function atEndOfTurn() {
  if (isTurning) return;
  isTurning = true;
  later(endTurn);
}

function endTurn() {
  isTurning = false;
  Receiver.settle();
  if (receivers.size === 0 && isHeld) hub.hold((isHeld = false));
  const ids = Receiver.asking();
  const text = ids.length === 0 ? null : hub.pull(ids);
  if (text !== null) handOverAll(JSON.parse(text));
}

/** Takes the notes called `name`. */
function onNote(name, take) {
  notes.set(name, take);
}

module.exports = { BYTES, END, FAILURE, Receiver, connect, deliver, onNote };
