'use strict';

const { BYTES, END: END_FLAG, FAILURE, Receiver } = require('./hub.js');

/** What `read` returns when there is nothing for now, and after the last value. */
const NOTHING = Symbol('nothing');
const END = Symbol('end');

/** How many batches one feed may take in one turn of the event loop before the others get theirs. */
const MAX_PULLS = 16;
/** A batch of so many items, or of so many bytes, suggests that more is there already. */
const MANY_ITEMS = 8;
const MANY_BYTES = 16 * 1024;
/** Replaces a batch that was read, so that V8 does not copy its items in each collection. */
const EMPTY = [];

/** Reads what a native call delivers, one value at a time. Events among the values go to `onEvent`. */
class Feed extends Receiver {
  #call;
  #owner;
  #handlers;
  #batch = EMPTY;
  #at = 0;
  #stop = 0;
  /** Whether the values are chunks; null until the feed flows. */
  #isChunks = null;
  /** The chunk into which content that comes alone is put. */
  #template = null;
  /** Whether more may be there already: at the start, and while much comes. */
  #isFast = true;
  /** How often the call was pulled in this turn. */
  #pulls = 0;
  /** Set when the addon has told the end: `{ details }`, which is null or the details of the error. It counts after all values. */
  end = null;

  /**
   * @template Owner
   * @param {object} call the native call
   * @param {Owner} owner
   * @param {{ onMore(owner: Owner): void, onEvent(owner: Owner, name: string, value: unknown): void }} handlers `onMore` is called
   *   when there is more for an owner whose `read` returned `NOTHING`; the same two functions serve all owners of a kind
   * @param {boolean} [isNew] whether the call has just been made
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

  /** Says how the call is read. Until then the addon holds the first events and reads little more. */
  flow(mode, contentEvents, reasoningEvents) {
    this.#isChunks = mode === 'chunks';
    this.#call.flow(mode, contentEvents, reasoningEvents);
  }

  /** The next value, or `END`, or `NOTHING`: then `onMore` is called when there is more. */
  read() {
    for (;;) {
      const value = this.#shift();
      if (value !== NOTHING) return value;
      if (this.end !== null) return END;
      // A listener may have read on meanwhile, and waits now.
      if (this.isWaiting) return NOTHING;
      if (!this.#pull()) {
        this.wait();
        return NOTHING;
      }
    }
  }

  /** Forgets what was taken in and not read. */
  discard() {
    this.#stop = this.#at;
    this.#batch = EMPTY;
  }

  /** Ends the feed here, whatever the call may still deliver. */
  close() {
    this.stopWaiting();
    this.discard();
    this.end ??= { details: null };
  }

  /** Gets the batch that the addon woke us for. */
  take(batch) {
    this.#pulls = 0;
    this.#absorb(batch);
    this.#handlers.onMore(this.#owner);
  }

  /** The next value of the batch. */
  #shift() {
    while (this.#at < this.#stop) {
      const item = this.#batch[this.#at];
      this.#at += 1;
      if (this.#at === this.#stop) this.#batch = EMPTY;
      if (typeof item === 'string') return this.#isChunks ? withContent(this.#template, item) : item;
      if (!Array.isArray(item)) return item;
      if (item[0] === 't') {
        this.#template = copyOf(item[1]);
        return item[1];
      }
      this.#handlers.onEvent(this.#owner, item[0], item[1]);
    }
    return NOTHING;
  }

  /** Takes in the next batch. False when there is none, or when asking for this call alone is not worth it. */
  #pull() {
    if (!this.#isFast || this.#pulls === MAX_PULLS) return false;
    this.#pulls += 1;
    const text = this.#call.pull();
    this.pulled(text === null);
    if (text === null) return false;
    this.#absorb(JSON.parse(text));
    return true;
  }

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

/** A copy of a chunk with other content. The addon makes sure that nothing else differs and that nothing nested is shared. */
function withContent(chunk, content) {
  const choice = chunk.choices[0];
  return { ...chunk, choices: [{ ...choice, delta: { ...choice.delta, content } }] };
}

/** A copy of a chunk, because its reader may change the original. */
function copyOf(chunk) {
  return withContent(chunk, chunk.choices[0].delta.content);
}

module.exports = { END, Feed, NOTHING };
