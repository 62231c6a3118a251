'use strict';

const { BYTES, END: END_FLAG, FAILURE, Receiver } = require('./hub.js');
const { templateOf } = require('./template.js');

/** Returned by `read` when no value is available yet. */
const NOTHING = Symbol('nothing');
/** Returned by `read` after the last value. */
const END = Symbol('end');

/**
 * How many batches one feed pulls without going back to the event loop, so that the other feeds get their turn. The count
 * begins again with each batch of a wake-up.
 */
const MAX_PULLS = 16;
/** After a batch of at least so many items, or so many bytes, the next batch has probably arrived already. */
const MANY_ITEMS = 8;
const MANY_BYTES = 16 * 1024;
/** Replaces a batch that was read, so that V8 does not copy its items in each garbage collection. */
const EMPTY = [];

/** Reads the values that a native call delivers, one at a time. Events among the values are passed to `onEvent`. */
class Feed extends Receiver {
  #call;
  #owner;
  #handlers;
  #batch = EMPTY;
  /** The index of the next item of the batch, and the index behind the last one. The error of a failed call is no item. */
  #at = 0;
  #stop = 0;
  /** Whether the values are chunks; null until `flow` was called. */
  #isChunks = null;
  /** The event to copy for an item that has only the text of the next event, and the function that does it. */
  #template = null;
  #fill = null;
  /** Whether the next batch is probably available already: at the start, and after a large batch. */
  #isFast = true;
  /** How often the call was pulled in this turn of the event loop. */
  #pulls = 0;
  /**
   * The end, once the addon has delivered it: `{ details }`, where `details` is null or the error's. The batch may still
   * have values.
   */
  end = null;

  /**
   * @template Owner
   * @param {object} call the native call
   * @param {Owner} owner
   * @param {{ onMore(owner: Owner): void, onEvent(owner: Owner, name: string, value: unknown): void }} handlers `onMore` is
   * called when a value is available after `read` returned `NOTHING`; all owners of one class share the same two functions
   * @param {boolean} [isNew] whether the call was just started
   */
  constructor(call, owner, handlers, isNew = false) {
    super(call.id(), isNew);
    this.#call = call;
    this.#owner = owner;
    this.#handlers = handlers;
  }

  get isFlowing() {
    return this.#isChunks !== null;
  }

  /**
   * Tells the addon in which form to deliver the values. Until then the addon holds the first events and reads only a little
   * ahead.
   */
  flow(mode, contentEvents, reasoningEvents) {
    this.#isChunks = mode === 'chunks';
    this.#call.flow(mode, contentEvents, reasoningEvents);
  }

  /**
   * Returns the next value, `END` after the last one, or `NOTHING`; after `NOTHING`, `onMore` is called when a value is
   * available.
   */
  read() {
    for (;;) {
      const value = this.#shift();
      if (value !== NOTHING) return value;
      if (this.end !== null) return END;
      // A listener of an event may have called `read` in the meantime, which has begun to wait.
      if (this.isWaiting) return NOTHING;
      if (!this.#pull()) {
        this.wait();
        return NOTHING;
      }
    }
  }

  /** Drops the values that were received and not read. */
  discard() {
    this.#stop = this.#at;
    this.#batch = EMPTY;
  }

  /** Ends the feed now. Later batches of the call are ignored. */
  close() {
    this.stopWaiting();
    this.discard();
    this.end ??= { details: null };
  }

  /** Receives a batch from the hub. */
  take(batch) {
    this.#pulls = 0;
    this.#absorb(batch);
    this.#handlers.onMore(this.#owner);
  }

  /** Returns the next value of the batch, or `NOTHING`. Events before the value are passed to `onEvent`. */
  #shift() {
    while (this.#at < this.#stop) {
      const item = this.#batch[this.#at];
      this.#at += 1;
      if (this.#at === this.#stop) this.#batch = EMPTY;
      if (typeof item === 'string') return this.#isChunks ? this.#fill(this.#template, item) : item;
      if (!Array.isArray(item)) return item;
      if (item[0] === 't') {
        const { copied, fill } = templateOf(item[1], item[2]);
        this.#template = copied;
        this.#fill = fill;
        return item[1];
      }
      this.#handlers.onEvent(this.#owner, item[0], item[1]);
    }
    return NOTHING;
  }

  /** Pulls the next batch. Returns false if there is none, or if a separate request for this call is not worth its cost. */
  #pull() {
    if (!this.#isFast || this.#pulls === MAX_PULLS) return false;
    this.#pulls += 1;
    const text = this.#call.pull();
    this.pulled(text === null);
    if (text === null) return false;
    this.#absorb(JSON.parse(text));
    return true;
  }

  /** Makes `batch` the current batch. */
  #absorb(batch) {
    this.#batch = batch;
    this.#at = 2;
    this.#stop = batch.length;
    const last = batch.length - 1;
    this.#isFast = last >= MANY_ITEMS || (batch[1] === BYTES && batch[last] >= MANY_BYTES);
    switch (batch[1]) {
      case END_FLAG:
        this.end = { details: null };
        break;
      case FAILURE:
        this.#stop = last;
        this.end = { details: batch[last] };
        break;
      case BYTES: {
        const bytes = new Uint8Array(batch[last]);
        this.#call.takeBytes(bytes);
        batch[last] = bytes;
        break;
      }
      default:
    }
  }
}

module.exports = { END, Feed, NOTHING };
