'use strict';

/** Statuses that concern the key. They are reported to the caller, because an older cached value would hide them. */
const FINAL = new Set([401, 402, 403]);

/**
 * The cache of one client, which LibreChat reads and writes as `client.cache` and `client.cacheSettings`. Misses go to the
 * cache of the process. The current values of both properties count, also if LibreChat has changed them. The clock is the
 * global one, because LibreChat's tests set it.
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
   * Returns the cached value while it is young enough, else a new one.
   * @param {'credits' | 'models'} kind
   * @param {boolean} isForced whether the API must be asked
   * @param {(isForced: boolean) => Promise<object>} ask reads the value from the package's client
   */
  async get(kind, isForced, ask) {
    const { cache, cacheSettings } = this.#client;
    const [value, since] = [cache[kind], cache[`${kind}Timestamp`]];
    const isKept = Boolean(value && since);
    if (!isForced && isKept && Date.now() - since < cacheSettings[`${kind}TTL`]) return handedOut(value);
    // The process's cache may still hold the value that has expired here, so the API is asked for a new one. If it does not
    // answer, the older value is better than none.
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

/** Returns a copy of a list, because the caller may sort it and must not change the cached list. */
function handedOut(value) {
  return Array.isArray(value) ? value.slice() : value;
}

module.exports = { AccountCache };
