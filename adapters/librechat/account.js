'use strict';

/** Answers that say something about the key: an older value would hide them. */
const FINAL = new Set([401, 402, 403]);

/**
 * The cache that LibreChat sees on the instance (`client.cache`, `client.cacheSettings`), before the one of the process.
 * Both properties are the client's: whatever was written to them counts.
 */
class AccountCache {
  #client;

  constructor(client) {
    this.#client = client;
  }

  empty() {
    return { credits: null, creditsTimestamp: null, models: null, modelsTimestamp: null };
  }

  /**
   * @param {'credits' | 'models'} kind
   * @param {boolean} isForced
   * @param {(isForced: boolean) => Promise<object>} ask
   */
  async get(kind, isForced, ask) {
    const { cache, cacheSettings } = this.#client;
    const [value, since] = [cache[kind], cache[`${kind}Timestamp`]];
    const isKept = Boolean(value && since);
    if (!isForced && isKept && Date.now() - since < cacheSettings[`${kind}TTL`]) return handedOut(value);
    // What is too old here is at least as old in the process: it is asked for anew, by whatever clock.
    const fresh = await ask(isForced || isKept).catch((error) => {
      if (isForced || !isKept || FINAL.has(error.status)) throw error;
      return ask(false);
    });
    cache[kind] = fresh;
    cache[`${kind}Timestamp`] = Date.now();
    return handedOut(fresh);
  }

  forget(kind) {
    const { cache } = this.#client;
    cache[kind] = null;
    cache[`${kind}Timestamp`] = null;
  }
}

/** A list may be sorted by who gets it; what is kept may not. */
function handedOut(value) {
  return Array.isArray(value) ? value.slice() : value;
}

module.exports = { AccountCache };
