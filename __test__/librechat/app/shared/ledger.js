'use strict';

/** Prices in credits per token; the default of LibreChat for models without a price is 6. */
const TABLE = { 'openai/gpt-5-mini': { prompt: 0.25, completion: 2 }, 'gpt-4o': { prompt: 2.5, completion: 10 } };
const DEFAULT = 6;

/**
 * Bills as LibreChat v0.8.8 does: the functions of its `api/models` have the names, arguments and effects of
 * `packages/data-schemas/src/methods/{transaction,spendTokens,tx}.ts`, and `recordCollectedUsage` those of
 * `packages/api/src/agents/usage.ts`. Transactions and balances are kept in memory.
 */
class Ledger {
  transactions = [];
  balances = new Map();
  methods = {
    getMultiplier: ({ model, tokenType, endpointTokenConfig }) => endpointTokenConfig?.[model]?.[tokenType] ?? TABLE[model]?.[tokenType] ?? DEFAULT,
    getCacheMultiplier: ({ model, cacheType, endpointTokenConfig }) => endpointTokenConfig?.[model]?.[cacheType] ?? null,
    createTransaction: async ({ balance, transactions, endpointTokenConfig, ...transaction }) => {
      if (transactions?.enabled === false) return;
      const rate = Math.abs(this.methods.getMultiplier({ ...transaction, endpointTokenConfig }));
      const tokenValue = transaction.rawAmount * rate;
      this.transactions.push({ ...transaction, rate, tokenValue });
      if (balance?.enabled) this.#charge(transaction.user, tokenValue);
    },
    spendTokens: async (transaction, { promptTokens, completionTokens }) => {
      for (const [tokenType, tokens] of Object.entries({ prompt: promptTokens, completion: completionTokens })) {
        if (tokens !== undefined) await this.methods.createTransaction({ ...transaction, tokenType, rawAmount: -tokens });
      }
    },
    spendStructuredTokens: async (transaction, { promptTokens: { input = 0, write = 0, read = 0 }, completionTokens }) => {
      await this.methods.spendTokens(transaction, { promptTokens: input + write + read, completionTokens });
    },
    bulkInsertTransactions: async (transactions) => { this.transactions.push(...transactions); },
    updateBalance: async ({ user, incrementValue }) => this.#charge(user, incrementValue),
  };

  /** Bills the usages of one message. The deps are the functions that `AgentClient` takes from `api/models`. */
  async recordCollectedUsage({ pricing, bulkWriteOps }, { user, conversationId, collectedUsage, context = 'message', balance, model: asked }) {
    const transactions = collectedUsage.flatMap(({ model = asked, input_tokens: prompt, output_tokens: completion }) =>
      Object.entries({ prompt, completion }).map(([tokenType, tokens]) => {
        const rate = pricing.getMultiplier({ model, tokenType, endpointTokenConfig: undefined, inputTokenCount: prompt });
        return { user, conversationId, model, context, tokenType, rawAmount: -tokens, rate, tokenValue: -tokens * rate };
      }));
    const incrementValue = transactions.reduce((sum, { tokenValue }) => sum + tokenValue, 0);
    if (balance?.enabled) await bulkWriteOps.updateBalance({ user, incrementValue });
    await bulkWriteOps.insertMany(transactions);
  }

  /** Whether the balance covers a prompt, as `packages/api/src/middleware/checkBalance.ts` decides before each chat. */
  canSpend({ getMultiplier }, { user, model, endpoint, amount }) {
    return this.balances.get(user) >= amount * getMultiplier({ model, endpoint, tokenType: 'prompt' });
  }

  #charge(user, value) {
    this.balances.set(user, Math.max(0, (this.balances.get(user) ?? 0) + value));
  }
}

module.exports.Ledger = Ledger;
