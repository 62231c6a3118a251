'use strict';

/** LibreChat's unit: credits for one US dollar. */
const CREDITS_PER_USD = 1_000_000;

/** The prices that this module made. */
const exact = new WeakSet();

/** Returns an amount of US dollars in LibreChat's credits, without the error of a binary fraction: 0.1 + 0.2 is no 0.3 there. */
function creditsOf(usd) {
  return Number((usd * CREDITS_PER_USD).toPrecision(12));
}

/**
 * Returns the prices per token at which LibreChat's `spendTokens` bills exactly `cost` US dollars for these tokens, in the form
 * of its `endpointTokenConfig`; undefined if nothing is known of the cost or there are no tokens.
 * @param {string} model
 * @param {number | undefined} cost
 * @param {number} tokens those of the prompt and of the answer
 */
function exactPrices(model, cost, tokens) {
  if (!Number.isFinite(cost) || !(tokens > 0)) return undefined;
  const price = creditsOf(cost) / tokens;
  const prices = { [model]: { prompt: price, completion: price, write: price, read: price } };
  exact.add(prices);
  return prices;
}

/** Whether prices are those of one answer, so that no other part bills it. */
function isExact(prices) {
  return typeof prices === 'object' && prices !== null && exact.has(prices);
}

module.exports = { creditsOf, exactPrices, isExact };
