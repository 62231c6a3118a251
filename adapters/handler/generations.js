'use strict';

/** The number of answers of all users that are kept. An entry takes about 100 bytes. */
const MAX_ENTRIES = 10_000;

/**
 * Which user got which generations. The API shows a generation to each holder of the key, and all users may share one key;
 * so by default a user may read the facts only of answers that this server gave to the same user. An answer that several users
 * share is kept for each.
 */
class Generations {
  #entries = new Set();

  /** Notes that a user got an answer. Without a user, or without the id of a generation, there is nothing to note. */
  add(user, id) {
    if (user === undefined || typeof id !== 'string') return;
    const entry = entryOf(user, id);
    // A set keeps the order in which entries were added. The oldest one goes first.
    this.#entries.delete(entry);
    this.#entries.add(entry);
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.values().next().value);
  }

  has(user, id) {
    return user !== undefined && this.#entries.has(entryOf(user, id));
  }
}

function entryOf(user, id) {
  return JSON.stringify([user, id]);
}

/**
 * Returns the name of a user as a text; undefined if there is none.
 * @param {unknown} user a text, a number, or an object with an `id`
 */
function userOf(user) {
  const id = typeof user === 'object' && user !== null ? user.id : user;
  if (typeof id === 'string') return id === '' ? undefined : id;
  return typeof id === 'number' || typeof id === 'bigint' ? String(id) : undefined;
}

module.exports = { Generations, userOf };
