'use strict';

const { BYTES, END, FAILURE, Receiver } = require('./hub.js');

const NOTHING = Symbol('nothing');

/** Batches that are taken one after another in one turn of the event loop before others get theirs. */
const TURNS = 16;
/** A batch of so many items, or bytes, tells that more may be there already. */
const MANY = 8;
const MUCH = 16 * 1024;
/** In the place of a batch that was read: what stays is copied by each collection. */
const READ = [];

/**
 * What a native call delivers, one value at a time. The last item of a batch is the facts where it is a failure, and the
 * number of bytes where it is bytes.
 */
class Feed extends Receiver {
  #call;
  #owner;
  #handlers;
  #batch = READ;
  #at = 0;
  #stop = 0;
  /** Null until it flows. */
  #isChunks = null;
  #template = null;
  /** Whether more may be there already: at the start, and while much comes. */
  #isFast = true;
  /** Batches taken by hand in this turn. */
  #turns = 0;
  /** Set when the addon has told the end, `{ facts }`; it counts once everything before it was read. */
  end = null;

  /**
   * @template Owner
   * @param {object} call
   * @param {Owner} owner
   * @param {{ onBatch(owner: Owner): void, onEvent(owner: Owner, name: string, value: unknown): void }} handlers told when
   *   more was taken in for who waits, and of events on the way; the same for all of a kind, since each stream has one
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

  /** Says what is wanted. Until then the first words of a stream are held, and little more is read. */
  flow(mode, contentEvents, reasoningEvents) {
    this.#isChunks = mode === 'chunks';
    this.#call.flow(mode, contentEvents, reasoningEvents);
  }

  /** The next value of what has been taken in, or `NOTHING`. */
  shift() {
    while (this.#at < this.#stop) {
      const item = this.#batch[this.#at];
      this.#at += 1;
      if (this.#at === this.#stop) this.#batch = READ;
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

  /** Takes in what is there; false when there is nothing, or when it is not worth asking for this stream alone. */
  pull() {
    if (!this.#isFast || this.#turns === TURNS) return false;
    this.#turns += 1;
    return this.pullNow();
  }

  /** Takes in what is there, whatever it is. */
  pullNow() {
    const text = this.#call.pull();
    this.asked(text === null);
    if (text === null) return false;
    this.#absorb(JSON.parse(text));
    return true;
  }

  /** The hub's: a batch for who waits. */
  take(batch) {
    this.#turns = 0;
    this.#absorb(batch);
    this.#handlers.onBatch(this.#owner);
  }

  /** Forgets what was taken in and not read. */
  discard() {
    this.#stop = this.#at;
    this.#batch = READ;
  }

  #absorb(batch) {
    this.#batch = batch;
    this.#at = 2;
    this.#stop = batch.length;
    const last = batch.length - 1;
    this.#isFast = last >= MANY || (batch[1] === BYTES && batch[last] >= MUCH);
    switch (batch[1]) {
      case END:
        this.end = { facts: null };
        break;
      case FAILURE:
        this.#stop = last;
        this.end = { facts: batch[last] };
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

/**
 * A chunk with another content in it. Content that comes alone is put into a copy of the last whole chunk; the addon
 * makes sure that nothing else differs and that nothing nested is shared.
 */
function withContent(chunk, content) {
  const choice = chunk.choices[0];
  return { ...chunk, choices: [{ ...choice, delta: { ...choice.delta, content } }] };
}

/** A copy of a chunk that is to be a template: its first reader may change the one it is given. */
function copyOf(chunk) {
  return withContent(chunk, chunk.choices[0].delta.content);
}

module.exports = { Feed, NOTHING };
