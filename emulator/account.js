'use strict';

const { createHash } = require('node:crypto');
const { ApiError, makeError } = require('./errors');

const LIMIT_USD = 10;

/** Reads what a key may do from words in the key itself, so that a test chooses the behaviour by choosing a key. */
function traitsOf(key) {
  return {
    isManagement: key.includes('management'),
    seesZeros: key.includes('zeros'),
    isBroke: key.includes('broke'),
    limit: key.includes('limit') ? LIMIT_USD : null,
  };
}

/** The credits of one account, which all keys share, and the usage of each key. */
class Account {
  #credits;
  #usage = 0;
  #usageByKey = new Map();
  #accepted;

  /**
   * @param {number} credits credits bought in total, in USD
   * @param {string|string[]|undefined} accepted the only accepted keys; by default every key that begins with `sk-or-`
   */
  constructor(credits, accepted) {
    this.#credits = credits;
    this.#accepted = accepted === undefined ? undefined : [accepted].flat();
  }

  get credits() {
    return this.#credits;
  }

  get usage() {
    return this.#usage;
  }

  reset() {
    this.#usage = 0;
    this.#usageByKey.clear();
  }

  usageOf(key) {
    return this.#usageByKey.get(key) ?? 0;
  }

  /** Returns the key of an `Authorization` header. Throws OpenRouter's 401 if it is missing or unknown. */
  signIn(authorization) {
    const key = this.keyIn(authorization);
    if (key === undefined) throw makeError(401, 'no-key', {});
    if (!this.isKnown(key)) throw makeError(401, 'unknown-key', {});
    return key;
  }

  keyIn(authorization = '') {
    return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  }

  isKnown(key = '') {
    return this.#accepted ? this.#accepted.includes(key) : key.startsWith('sk-or-');
  }

  /** Throws for a management key, with the 401 of an unknown key: OpenRouter does not say that the key's type is wrong. */
  checkInference(key) {
    if (traitsOf(key).isManagement) throw makeError(401, 'unknown-key', {});
  }

  /** Throws OpenRouter's 403 for a key that manages nothing. */
  checkManagement(key) {
    if (!traitsOf(key).isManagement) throw new ApiError(403, 'Only management keys can perform this operation');
  }

  /** Throws a 402 if the key has no credits for a completion; `isFree`: the model costs nothing. */
  admit(key, isFree) {
    const { isBroke, limit } = traitsOf(key);
    if (isBroke) throw makeError(402, 'credits', {});
    if (isFree) return;
    if (this.#usage >= this.#credits) throw makeError(402, 'credits', {});
    if (limit !== null && this.usageOf(key) >= limit) throw makeError(402, 'key-limit', {});
  }

  charge(key, cost) {
    this.#usage += cost;
    this.#usageByKey.set(key, this.usageOf(key) + cost);
  }

  /** Returns the body of `GET /credits`; `wanted` is the value of the directive `credits`. */
  describeCredits(key, wanted) {
    const { isManagement, seesZeros } = traitsOf(key);
    if (wanted === '500') throw makeError(500, undefined, {});
    // The directive overrides what the key would see.
    if (wanted === 'zeros' || (seesZeros && wanted !== '403')) return { data: { total_credits: 0, total_usage: 0 } };
    if (!isManagement || wanted === '403') throw new ApiError(403, 'Only management keys can perform this operation');
    return { data: { total_credits: this.#credits, total_usage: this.#usage } };
  }

  /** Returns the body of `GET /key`; `wanted` is the value of the directive `key`. */
  describeKey(key, wanted) {
    if (/^\d+$/.test(wanted ?? '')) throw makeError(Number(wanted), undefined, {});
    const traits = traitsOf(key);
    const isLimited = wanted === 'limit' || (traits.limit !== null && wanted !== 'no-limit');
    const limit = isLimited ? LIMIT_USD : null;
    const usage = this.usageOf(key);
    return {
      data: {
        label: `${key.slice(0, 12)}...${key.slice(-3)}`,
        limit,
        limit_remaining: isLimited ? limit - usage : null,
        limit_reset: null,
        include_byok_in_limit: false,
        usage,
        usage_daily: usage,
        usage_weekly: usage,
        usage_monthly: usage,
        byok_usage: 0,
        byok_usage_daily: 0,
        byok_usage_weekly: 0,
        byok_usage_monthly: 0,
        is_free_tier: wanted === 'free',
        is_management_key: traits.isManagement,
        is_provisioning_key: traits.isManagement,
        budgets: [],
        effective_budget: null,
        allowed_data_regions: null,
        workspace_id: null,
        free_model_daily_requests: { used: 0, limit: 50, remaining: 50 },
        creator_user_id: `user_${createHash('sha256').update(key).digest('hex').slice(0, 12)}`,
        expires_at: null,
        rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' },
      },
    };
  }
}

module.exports.Account = Account;
