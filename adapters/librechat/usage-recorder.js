'use strict';

const { subscribe, unsubscribe } = require('node:diagnostics_channel');

const { OptionNames, optionsOf, wrongOption } = require('../../lib/options.js');
const { callSafely } = require('../../lib/util/call-safely.js');
const { creditsOf, isExact } = require('./exact-prices.js');

// LibreChat bills tokens times a table of prices, and never reads what OpenRouter charged. The recorder writes the amount that was
// charged as a transaction of LibreChat's own, and gives LibreChat's billing the price 0 for the models that are billed so.
// Its functions are those of LibreChat v0.8.8 (`packages/data-schemas/src/methods/{transaction,spendTokens,tx}.ts`) and of the
// fork (`api/models/{Transaction,spendTokens,tx}.js`).

/** A transaction in credits, whose price is 1. */
const CREDITS = 'credits';
/** The `context` of LibreChat's transactions, by the kind of the answer. */
const CONTEXTS = { chat: 'message', tool: 'message', title: 'title', memory: 'memory', summary: 'summarization' };
/** How LibreChat's functions look up prices for a model: by the type of a token, or by what the cache did. */
const FREE = Object.freeze({ prompt: 0, completion: 0, write: 0, read: 0 });
/** The form of the ids of LibreChat's users. */
const USER_ID = /^[0-9a-f]{24}$/i;

/** How many recorded generations and billed models are remembered. */
const MAX_REMEMBERED = 20_000;

/** LibreChat's functions that look up a price, and those that bill tokens. */
const PRICES = ['getMultiplier', 'getCacheMultiplier'];
const SPENDERS = ['spendTokens', 'spendStructuredTokens'];

const OWN = ['createTransaction', 'balance', 'logger', 'onRecord', 'userOf', 'models'];
const NAMES = new OptionNames('createUsageRecorder', OWN);

/**
 * The ids of the generations that were recorded in this process. Copies of this package and later recorders share them, so that
 * an answer is never billed twice.
 */
const recorded = (process[Symbol.for('openrouter-native.recordedGenerations')] ??= new Set());

/**
 * Records what OpenRouter charged for each answer that passes through `createFetch`, `configureAgents` or
 * `openrouter-native/register` in this process, as transactions of LibreChat. See `index.d.ts`.
 * @param {object} parts
 * @param {object} [options]
 */
function createUsageRecorder(parts, options) {
  const given = optionsOf(options);
  NAMES.check(given, createUsageRecorder);
  if (typeof parts?.createTransaction !== 'function') throw wrongOption('createTransaction', "LibreChat's function of this name, as `api/models` exports it");
  for (const name of ['onRecord', 'userOf']) {
    if (given[name] !== undefined && given[name] !== null && typeof given[name] !== 'function') throw wrongOption(name, 'a function');
  }
  return new UsageRecorder(parts, given);
}

class UsageRecorder {
  /** LibreChat's functions, which charge nothing for the models that this recorder bills. */
  methods;
  #createTransaction;
  #options;
  #models = new Set();
  #writing = new Set();
  #onSettling = ({ requestedModel }) => { this.#bills(requestedModel); };

  constructor(parts, options) {
    this.#createTransaction = parts.createTransaction;
    this.#options = options;
    this.methods = this.#freeMethods(parts);
    subscribe('openrouter:settled', this.record);
    // LibreChat's billing names the model that was asked for, and may run before the cost is known.
    subscribe('openrouter:settling', this.#onSettling);
  }

  /** Stops recording. Resolves when the transactions that were begun are written. */
  async close() {
    unsubscribe('openrouter:settled', this.record);
    unsubscribe('openrouter:settling', this.#onSettling);
    await Promise.all(this.#writing);
  }

  /**
   * Records one answer. Never rejects. Resolves to whether a transaction was written; a second call for the same generation
   * writes none. A property, so that it can be passed as a hook.
   */
  record = (answer) => {
    const writing = this.#record(answer).catch((error) => this.#complain(answer, `could not be written: ${error?.message ?? error}`));
    this.#writing.add(writing);
    writing.finally(() => this.#writing.delete(writing));
    return writing;
  };

  async #record(answer) {
    const { generationId, cost } = answer;
    this.#bills(answer.model);
    this.#bills(answer.requestedModel);
    if (generationId !== null) {
      if (recorded.has(generationId)) return false;
      remember(recorded, generationId);
    }
    if (cost === null) return this.#complain(answer, 'is not known: OpenRouter did not tell it');
    if (cost === 0) return false;
    const user = await (this.#options.userOf?.(answer) ?? answer.user);
    if (!USER_ID.test(String(user ?? ''))) return this.#complain(answer, 'belongs to no user: the request named none');
    const model = answer.model ?? answer.requestedModel ?? 'openrouter';
    const { balance = true } = this.#options;
    const transaction = {
      user: String(user),
      conversationId: answer.sessionId ?? undefined,
      model,
      context: CONTEXTS[answer.kind],
      tokenType: CREDITS,
      rawAmount: -creditsOf(cost),
      // Without it, the table has a price for this type of token, too.
      endpointTokenConfig: { [model]: { [CREDITS]: 1 } },
      balance: { enabled: typeof balance === 'function' ? Boolean(await balance(answer)) : Boolean(balance?.enabled ?? balance) },
    };
    // Not repeated if it fails: it may have been written before it failed.
    await this.#createTransaction(transaction);
    if (this.#options.onRecord) callSafely(this.#options.onRecord, answer);
    return true;
  }

  /** Logs why an answer was not recorded, with what is needed to do so by hand. */
  #complain({ generationId, cost, user, model }, why) {
    const line = `[OpenRouter] The cost of an answer ${why}. Look the generation up at https://openrouter.ai/activity and record it.`;
    callSafely(() => this.#options.logger?.error?.(line, { generationId, cost, user, model }));
    return false;
  }

  #bills(model) {
    if (typeof model === 'string' && model !== '') remember(this.#models, model);
  }

  /** Whether the answers of a model are billed here. */
  #isBilled(model) {
    return this.#options.models ? this.#options.models(model) : this.#models.has(model);
  }

  /**
   * Returns those of LibreChat's functions that price or bill tokens, with the price 0 for the models that are billed here. The
   * check of the balance before a chat, which names an `endpoint`, keeps the prices of the table.
   */
  #freeMethods(parts) {
    const methods = {};
    for (const name of PRICES.filter((one) => typeof parts[one] === 'function')) {
      methods[name] = (asked) => (asked?.endpoint === undefined && this.#isBilled(asked?.model) ? 0 : parts[name](asked));
    }
    for (const name of SPENDERS.filter((one) => typeof parts[one] === 'function')) {
      methods[name] = (tx, tokens) => {
        const isFree = this.#isBilled(tx?.model) && !isExact(tx.endpointTokenConfig);
        return parts[name](isFree ? { ...tx, endpointTokenConfig: { [tx.model]: FREE } } : tx, tokens);
      };
    }
    return methods;
  }
}

/** Adds to a set, which forgets its oldest entries. */
function remember(set, value) {
  if (set.has(value)) return;
  set.add(value);
  if (set.size > MAX_REMEMBERED) set.delete(set.values().next().value);
}

module.exports = { createUsageRecorder };
