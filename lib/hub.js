'use strict';

const native = require('./native.js');

const later = setImmediate;

/** Calls that JavaScript waits for, by id, with who takes their batches. */
const waiting = new Map();
/** Those that came to wait in this turn of the event loop without having asked what is there. */
let asking = [];
/** Whether the end of this turn is looked after. */
let isTurning = false;
/** Whether the process is kept alive. */
let isHeld = false;
/** Takers of what belongs to no call, by the name of the note. */
const notes = new Map();
let hub;

/** The hub of this thread, made by the first call. */
function connect() {
  hub ??= native.connect(deliver);
  return hub;
}

/** The addon woke us: hand over all that is there. */
function deliver() {
  handOverAll(JSON.parse(hub.drain()));
}

function handOverAll(batches) {
  const failures = [];
  for (const batch of batches) {
    try {
      handOver(batch);
    } catch (error) {
      failures.push(error);
    }
  }
  // A fault of ours: told, but not at the cost of the calls whose batches came after it.
  if (failures.length > 0) throw failures[0];
}

function handOver(batch) {
  const id = batch[0];
  if (id !== 0) {
    waiting.get(id)?.(batch);
    return;
  }
  for (let at = 2; at < batch.length; at += 1) notes.get(batch[at][0])?.(batch[at]);
}

/**
 * Waits for a call's batches: `[id, flag, …items]`, see `src/delivery/mailbox.rs`. The process stays alive meanwhile.
 * @param {number} id
 * @param {(batch: unknown[]) => void} take
 */
function wait(id, take) {
  connect();
  if (!isHeld) hub.hold((isHeld = true));
  waiting.set(id, take);
}

/** The same for a call that was not asked what it has: all that come in a turn are asked at once, at its end. */
function ask(id, take) {
  wait(id, take);
  asking.push(id);
  atEndOfTurn();
}

/** Waits no longer. */
function leave(id) {
  // Who leaves mostly comes back in the same turn.
  if (waiting.delete(id) && waiting.size === 0) atEndOfTurn();
}

function atEndOfTurn() {
  if (isTurning) return;
  isTurning = true;
  later(endTurn);
}

function endTurn() {
  isTurning = false;
  const ids = asking.filter((id) => waiting.has(id));
  asking = [];
  if (waiting.size === 0 && isHeld) hub.hold((isHeld = false));
  const text = ids.length === 0 ? null : hub.pull(ids);
  if (text !== null) handOverAll(JSON.parse(text));
}

/** Takes the notes called `name`. */
function onNote(name, take) {
  notes.set(name, take);
}

module.exports = { ask, connect, deliver, wait, leave, onNote };
