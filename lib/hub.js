'use strict';

const native = require('./native.js');

/** Calls that JavaScript waits for, by id, with who takes their batches. */
const waiting = new Map();
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
  const failures = [];
  for (const batch of JSON.parse(hub.drain())) {
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
  if (waiting.size === 0) connect().hold(true);
  waiting.set(id, take);
}

/** Waits no longer. */
function leave(id) {
  if (waiting.delete(id) && waiting.size === 0) hub.hold(false);
}

/** Takes the notes called `name`. */
function onNote(name, take) {
  notes.set(name, take);
}

module.exports = { connect, deliver, wait, leave, onNote };
