import type { CallOptions } from './calls.js';

/** The options of {@link OpenRouterClient.estimateCost}. */
export interface EstimateOptions extends CallOptions {
  /** How many tokens you expect the answer to have. Default 500, or `max_tokens` if that is less. */
  answerTokens?: number | undefined;
}

/** A number of tokens: what is expected, and the most; `null` if that is not known. */
export interface TokenEstimate {
  expected: number;
  max: number | null;
}

/**
 * What a chat may cost, in USD, from the cached list of models. An amount is `null` if it depends on a price that is not
 * known, such as that of a router.
 *
 * Tokens are estimated without a tokenizer: four bytes of text are expected to be one, and at most each byte is one; an image
 * is expected to be 1,000, and at most 50,000. What plugins and server tools cost is not included.
 */
export interface CostEstimate {
  /** The prompt alone, read from the prompt cache where the model has a price for that, with the cheapest of the models. */
  min: number | null;
  /** The prompt and the expected answer, with the first model. */
  expected: number | null;
  /** The longest prompt and answer at the highest prices, with the dearest of the models. A budget reserves this much. */
  max: number | null;
  currency: 'USD';
  promptTokens: TokenEstimate;
  completionTokens: TokenEstimate;
  /** The models without a known price. */
  unpriced: string[];
}
